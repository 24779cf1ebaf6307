package gosrc

// kernels returns the table of kernels in Go: what prints a use of each operation that has a loop of
// its own.
func kernels() map[string]func(*kernel) error {
	return map[string]func(*kernel) error{
		"avg_pool2d":       avgPool2d,
		"avg_pool2d_dx":    avgPool2dDX,
		"conv2d":           conv2d,
		"conv2d_dw":        conv2dDW,
		"conv2d_dx":        conv2dDX,
		"matmul":           matmul,
		"max_pool2d":       maxPool2d,
		"max_pool2d_dx":    maxPool2dDX,
		"winograd":         winogradConv,
		"winograd_dw":      winogradDW,
		"winograd_weights": winogradWeights,
	}
}
