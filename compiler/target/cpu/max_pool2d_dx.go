package cpu

import "github.com/gradc/gradc/compiler/target"

// maxPool2dDX is the gradient of maximum pooling: lanes go their own ways.
func maxPool2dDX() target.Kernel { return target.Kernel{Layouts: planes} }
