package target

// Costs is what passes weigh against each other.
type Costs struct {
	// Fusion.
	AddsPerFloat  int // additions that take as long as moving a float to or from memory
	FloatsPerStep int // floats that are moved while a step gets under way
	MostOuts      int // results of one loop, which all have places in registers or caches
	SmallLoop     int // elements of a domain below which a loop costs less than the start of a step

	// Recomputation: of networks whose backward pass keeps MuchKept floats or more, values that are
	// one RecomputePart of that are worth computing again.
	MuchKept      int
	RecomputePart int

	// Tasks. A kernel's task has TaskFlops, if it does not have TaskElements; a loop's the latter.
	TaskFlops    int
	TaskElements int
	MostTasks    int
	FoldPieces   int // of the batch, where partial results have to be added up

	// Products of matrices: TileTasks tiles of a side of MostTileSide, smaller ones where there would
	// be fewer, but not below TileSide, where loading factors takes most of the time.
	TileTasks    int
	TileSide     int
	MostTileSide int
}
