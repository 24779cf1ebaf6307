package cpu

import "github.com/gradc/gradc/compiler/target"

// avgPool2d is average pooling: lanes go their own ways.
func avgPool2d() target.Kernel { return target.Kernel{Layouts: planes} }
