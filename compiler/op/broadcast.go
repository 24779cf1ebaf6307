package op

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
)

// broadcast returns the shape that args have in common: the same number of axes, and along each
// axis the same size or 1, which repeats.
func broadcast(args []ir.Type) (ir.Shape, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("has no argument")
	}
	shape := append(ir.Shape(nil), args[0].Shape...)
	for _, arg := range args[1:] {
		if len(arg.Shape) != len(shape) {
			return nil, fmt.Errorf("shapes %s and %s have different numbers of axes",
				args[0].Shape, arg.Shape)
		}
		for i, d := range arg.Shape {
			switch {
			case shape[i] == 1:
				shape[i] = d
			case d != 1 && d != shape[i]:
				return nil, fmt.Errorf("shapes %s and %s do not fit along axis %d",
					args[0].Shape, arg.Shape, i)
			}
		}
	}
	return shape, nil
}

// repeatsTo reports an argument that does not repeat along shape: one with other sizes than those
// of shape or 1.
func repeatsTo(args []ir.Type, shape ir.Shape) error {
	for _, arg := range args {
		if len(arg.Shape) != len(shape) {
			return fmt.Errorf("shape %s does not repeat to %s", arg.Shape, shape)
		}
		for i, d := range arg.Shape {
			if d != 1 && d != shape[i] {
				return fmt.Errorf("shape %s does not repeat to %s", arg.Shape, shape)
			}
		}
	}
	return nil
}

// elementwise is the shape rule of maps of n arguments.
func elementwise(n int) func([]ir.Type, ir.Attrs) (ir.Type, error) {
	return func(args []ir.Type, _ ir.Attrs) (ir.Type, error) {
		if err := wantArgs(args, n); err != nil {
			return ir.Type{}, err
		}
		shape, err := broadcast(args)
		return ir.Type{Shape: shape}, err
	}
}
