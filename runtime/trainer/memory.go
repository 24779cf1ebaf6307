package trainer

import "fmt"

// memory is what a command will take, in bytes.
type memory struct {
	plan    int64 // of the network's plan, without that of threads
	threads int64 // for each thread besides
	batches int64 // that workers prepare
}

// training is the memory of training steps, evaluation that of evaluation alone.
func (s *Spec) training() memory   { return memory{plan: s.PlanBytes, threads: s.ThreadBytes} }
func (s *Spec) evaluation() memory { return memory{plan: s.InferBytes, threads: s.ThreadBytes} }

// check returns an error if there is less memory than a number of threads will take. It is to be
// called before anything is allocated: what the system grants too much, it takes back by killing.
func (m memory) check(threads int, available func() (bytes int64, known bool)) error {
	plan := m.plan + int64(threads)*m.threads
	bytes, known := available()
	if !known || plan+m.batches <= bytes {
		return nil
	}
	batches := ""
	if m.batches > 0 {
		batches = fmt.Sprintf(" and batches in preparation %s", mebibytes(m.batches))
	}
	return fmt.Errorf("too little memory: the network's plan takes %s%s, %s are available; "+
		"free some, or generate with a smaller batch", mebibytes(plan), batches, mebibytes(bytes))
}
