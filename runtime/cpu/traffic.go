package cpu

// Block is memory to be copied within.
type Block struct{ from, to []float32 }

// NewBlock returns a block that copies the given number of bytes at a time. To measure the memory
// and not the caches, all threads' blocks together must be larger than these. Its pages are there:
// all of it has been written.
func NewBlock(bytes int) *Block {
	b := &Block{make([]float32, max(bytes/4, 1)), make([]float32, max(bytes/4, 1))}
	for i := range b.from {
		b.from[i], b.to[i] = 1, 1
	}
	return b
}

// Copy copies the block over, and returns how many bytes that reads and writes in all. What a
// second of it yields is the most that a kernel can take from memory and bring there.
func (b *Block) Copy(rounds int) (bytes float64) {
	for range rounds {
		bytes += 8 * float64(copy(b.to, b.from))
	}
	return bytes
}
