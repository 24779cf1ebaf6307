package cpu

import "testing"

func TestBlockCopy(t *testing.T) {
	b := NewBlock(400)
	b.from[99] = 7
	if got := b.Copy(3); got != 3*2*400 {
		t.Errorf("%v bytes for 3 copies of 400", got)
	}
	if b.to[99] != 7 {
		t.Error("nothing is copied")
	}
}
