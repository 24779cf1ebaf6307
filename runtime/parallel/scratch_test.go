package parallel

import "testing"

// Tasks write what is theirs, so that the race detector sees when two share a piece.
func TestScratchIsNotShared(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	scratch := NewScratch(pool, 8)
	pool.Run(200, func(task int) {
		piece := scratch.Take()
		defer scratch.Give(piece)
		for i := range piece {
			piece[i] = float32(task)
		}
		for _, v := range piece {
			if v != float32(task) {
				t.Errorf("task %d reads %v", task, v)
			}
		}
	})
}

func TestScratchAllocatesNothing(t *testing.T) {
	pool := NewPool(1)
	defer pool.Close()
	scratch := NewScratch(pool, 8)
	if n := testing.AllocsPerRun(10, func() { scratch.Give(scratch.Take()) }); n != 0 {
		t.Errorf("Take and Give allocate %v times", n)
	}
}
