package op

import "github.com/gradc/gradc/compiler/ir"

// adamW is adam that first draws the weights towards 0: w = w·(1 - η·weight_decay).
// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
func adamW() Optimizer {
	o := adam()
	o.Name = "adamw"
	o.Args = append(o.Args, ir.Arg{Name: "weight_decay", Value: 0.01})
	return o
}
