package cpu

import "github.com/gradc/gradc/compiler/target"

// avgPool2dDX is the gradient of average pooling: lanes go their own ways.
func avgPool2dDX() target.Kernel { return target.Kernel{Layouts: planes} }
