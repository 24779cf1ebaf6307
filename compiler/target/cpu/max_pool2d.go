package cpu

import "github.com/gradc/gradc/compiler/target"

// maxPool2d is maximum pooling: lanes go their own ways.
func maxPool2d() target.Kernel { return target.Kernel{Layouts: planes} }
