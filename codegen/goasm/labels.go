package goasm

// labels returns, for each name of a label, what the code behind it does: a loop once for each of
// what it names.
func labels() map[string]string {
	return map[string]string{
		// products of matrices
		"chunk":      "a chunk of rows of a and y",
		"depth":      "a block of the inner axis",
		"columns":    "a group of columns of b and y",
		"tall":       "a tile of rows",
		"height":     "tiles of one height",
		"tileDone":   "on to the next tile",
		"panel":      "a panel of packed columns",
		"partial":    "columns that fill no panel",
		"panelsDone": "all panels are done",
		"edge":       "the tile at the right edge, of any height",
		"edgeRow":    "a row of that tile",
		"first":      "the first has no sums to add to",
		"step":       "a step of the inner axis, or two",
		"pack":       "a row to pack",
		"full":       "the columns of a whole panel",
		"packed":     "all is packed",
		"unit":       "8 columns",
		"square":     "8x8 elements, transposed",
		"others":     "columns that are no 8",
		"tail":       "steps that are no 8",
		"whole":      "none is missing",
		"clear":      "a row of zeros",
		"scattered":  "a column",
		"float":      "an element",
		"ahead":      "where fetching goes on",
		"found":      "the line to fetch",

		// convolutions
		"pass":    "channels whose weights stay in the cache",
		"rows":    "rows that meet the same rows of the kernel",
		"row":     "a row of pixels",
		"tile":    "a tile of pixels",
		"block":   "a block of channels",
		"channel": "a channel of x",
		"down":    "a row of the kernel",
		"strip":   "rows or images that stay in the cache",
		"image":   "an image",
		"pixel":   "a pixel",
		"group":   "channels whose sums fit into the registers",

		// pooling, and borders
		"window": "a window",
		"right":  "a pixel of a row of the window",
		"sides":  "the borders between two rows",
		"fill":   "a vector of the border",
		"rest":   "an element that fills no vector or tile",

		// Winograd's algorithm
		"near":     "channels whose weights stay in the cache",
		"tiles":    "a tile",
		"channels": "channels",
		"part":     "half of a block of channels",
		"column":   "a column of the square",
		"line":     "a row of what that left",
		"size":     "choose how many tiles to take",
		"together": "the sums of some tiles",
		"allTiles": "no tile is left",
		"four":     "4 tiles",
		"fourOne":  "a tile",
		"fourDone": "no tile is left",

		// elementwise loops
		"times":    "an iteration",
		"timesEnd": "no iteration is left",
		"run":      "vectors, or elements, of a run",
		"runEnd":   "none is left",
		"tilesEnd": "no whole tile is left",
		"restEnd":  "none is left",
		"half":     "8 lanes of a tile, transposed",
		"lane":     "a lane",

		"round": "a round",
		"end":   "nothing is left",
	}
}
