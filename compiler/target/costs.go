package target

// Costs is what passes and the rows of a target weigh against each other. Every target says where its
// figures come from.
type Costs struct {
	// Fusion.
	AddsPerFloat  int // additions that take as long as moving a float to or from memory
	FloatsPerStep int // floats that are moved while a step gets under way
	MostOuts      int // results of one loop, which all have places in registers or caches
	MostNodes     int // operations of an expression that fusion builds, written out
	SmallLoop     int // elements of a domain below which a loop costs less than the start of a step

	// Recomputation: of networks whose backward pass keeps MuchKept floats or more, values that are
	// one RecomputePart of that are worth computing again.
	MuchKept      int
	RecomputePart int

	// Tasks. A kernel's task has TaskFlops, if it does not have TaskElements; a loop's the latter.
	TaskFlops    int
	TaskElements int
	MostTasks    int
	FewTasks     int // of a kernel whose pieces are large: so many threads should find work
	FoldPieces   int // of the batch, where partial results have to be added up

	// Products of matrices: TileTasks tiles of a side of MostTileSide, smaller ones where there would
	// be fewer, but not below TileSide, where loading factors takes most of the time. A part of the
	// inner axis that is cut has LeastInner steps at least.
	TileTasks    int
	TileSide     int
	MostTileSide int
	LeastInner   int

	// RowChannels is how many channels of a row of images stay in the first-level cache while the
	// gradients of weights pass over them.
	RowChannels int

	Winograd Winograd
}

// Winograd is what the parts of Winograd's algorithm take for one element of a tile or kernel, in
// multiplications of a direct convolution.
type Winograd struct {
	Product float64 // of pixels and weights that are transformed
	Pixel   float64 // to transform an element of the pixels of a channel
	Result  float64 // to transform an element back, for a channel of the result
	Weight  float64 // to transform an element of a kernel
}
