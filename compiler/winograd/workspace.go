package winograd

// Workspace is the memory of its own that a task needs: parts that follow each other.
type Workspace []Part

// Part holds vectors of one kind. Sizes are in vectors, each of the channels of a block.
type Part struct {
	Name string
	Step int // from an element of a tile, or of a kernel, to the next
	Size int
}

// Vectors returns the size of a workspace.
func (w Workspace) Vectors() int {
	n := 0
	for _, p := range w {
		n += p.Size
	}
	return n
}

// elements is transformed elements, count vectors of each.
func elements(name string, count int) Part {
	step := Step(count)
	return Part{name, step, Numbers * step}
}

// patch is a row of whole tiles, to be filled where those of an image are not.
func (t Tiling) patch() Part { return Part{Name: "patch", Size: Patch * t.PatchRow()} }

// Conv is how a task convolves images of In blocks of channels to some blocks, CacheBlock of them at
// a time. Its workspace is v, the transformed pixels; m, their products with the weights; patch.
type Conv struct {
	Tiling
	In, CacheBlock int
	Workspace
}

// NewConv lays out the workspace of a task of at most out blocks of channels.
func NewConv(t Tiling, in, out int) Conv {
	c := Conv{Tiling: t, In: in, CacheBlock: min(out, Blocks)}
	c.Workspace = Workspace{elements("v", in*t.Tiles), elements("m", c.CacheBlock*t.Tiles), t.patch()}
	return c
}

// Gradient is how a task computes the gradient of weights, from at most In blocks of channels of
// the images to Out. Its workspace is v, the transformed pixels; h, the transformed gradients of
// results; s, the sums of their products; patch.
type Gradient struct {
	Tiling
	In, Out int
	Workspace
}

// NewGradient lays out the workspace of a task of out blocks of lanes channels of the result, and of
// so many channels of the images' all blocks that they fill in.
func NewGradient(t Tiling, in, all, out, lanes int) Gradient {
	g := Gradient{Tiling: t, In: min(in+1, all), Out: out} // they may begin within a block
	g.Workspace = Workspace{elements("v", g.In*t.Tiles), elements("h", out*t.Tiles),
		elements("s", g.In*out*lanes), t.patch()}
	return g
}
