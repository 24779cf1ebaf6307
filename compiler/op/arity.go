package op

import (
	"fmt"
	"maps"

	"github.com/gradc/gradc/compiler/ir"
)

// wantArgs reports that an operation has not n arguments.
func wantArgs(args []ir.Type, n int) error {
	if len(args) != n {
		return fmt.Errorf("takes %s, has %d", ir.Plural(n, "argument"), len(args))
	}
	return nil
}

// wantImages reports a value that is not of the form [batch, channels, height, width].
func wantImages(t ir.Type) error {
	if len(t.Shape) != 4 || t.DType != ir.F32 {
		return fmt.Errorf("input is %s, want images f32[batch,channels,height,width]", typeOf(t))
	}
	return nil
}

// wantMatrix reports a value that is not of the form [rows, columns].
func wantMatrix(what string, t ir.Type) error {
	if len(t.Shape) != 2 || t.DType != ir.F32 {
		return fmt.Errorf("%s is %s, want a matrix f32[rows,columns]", what, typeOf(t))
	}
	return nil
}

// wantVector reports a value that is not one number per channel.
func wantVector(what string, t ir.Type, channels int) error {
	if len(t.Shape) != 1 || t.Shape[0] != channels || t.DType != ir.F32 {
		return fmt.Errorf("%s is %s, input has %d channels", what, typeOf(t), channels)
	}
	return nil
}

// typeOf returns a type without its layout, which shape rules do not look at.
func typeOf(t ir.Type) string { return t.With(ir.Layout{}).String() }

// with returns the attributes with one more.
func with(a ir.Attrs, name string, value any) ir.Attrs {
	a = maps.Clone(a)
	a[name] = value
	return a
}

// perChannel returns a view of the vector v that repeats along every axis but axis 1 of images
// or rows of the given shape.
func perChannel(b *ir.Builder, v *ir.Value, like ir.Shape) *ir.Value {
	return b.Reshape(v.Name+".repeat", v, channelShape(like)...)
}

// channelShape returns the shape [1,C,1,1] for [N,C,H,W] and [1,C] for [N,C].
func channelShape(like ir.Shape) ir.Shape {
	shape := make(ir.Shape, len(like))
	for i := range shape {
		shape[i] = 1
	}
	shape[1] = like[1]
	return shape
}

// allBut1 returns all axes of a shape but axis 1: those that per-channel folds run along.
func allBut1(shape ir.Shape) []int {
	axes := []int{0}
	for axis := 2; axis < len(shape); axis++ {
		axes = append(axes, axis)
	}
	return axes
}
