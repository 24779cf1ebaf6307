package parallel

// Scratch lends tasks memory of their own: as many pieces as there are workers, since no more
// tasks run at a time.
type Scratch struct {
	free chan []float32
}

// NewScratch allocates a piece of the given number of floats for each worker of the pool.
func NewScratch(p *Pool, floats int) *Scratch {
	s := &Scratch{free: make(chan []float32, p.Threads())}
	for range p.Threads() {
		s.free <- make([]float32, floats)
	}
	return s
}

// Take returns a piece for the task to use until it calls Give. What it holds is left over from
// other tasks. Take allocates nothing.
func (s *Scratch) Take() []float32 { return <-s.free }

// Give returns a piece that Take has lent.
func (s *Scratch) Give(piece []float32) { s.free <- piece }
