package dsl

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// use is one application of a layer. After a failure it only passes nil on, so that layers need
// not look after each step.
type use struct {
	*network
	call   *call
	site   *site
	failed bool
}

// fail notes a mistake about this use.
func (u *use) fail(format string, args ...any) *ir.Value {
	u.failed = true
	u.report(u.call.pos, "%s: %s", u.call.label(u.site.name), fmt.Sprintf(format, args...))
	return nil
}

// values returns the values of tensors, or nil if one of them has none.
func (u *use) values(tensors []Tensor) []*ir.Value {
	var values []*ir.Value
	for i, t := range tensors {
		switch {
		case t.net == nil:
			u.fail("tensor %d comes from no layer", i+1)
		case t.net != u.network:
			u.fail("tensor %d is of another model", i+1)
		case t.value != nil:
			values = append(values, t.value)
		}
	}
	if len(values) < len(tensors) {
		return nil
	}
	return values
}

// result appends the value that bears the layer's name.
func (u *use) result(op string, attrs ir.Attrs, args ...*ir.Value) *ir.Value {
	return u.add(u.site.name, op, attrs, args)
}

// inner appends a value on the way to the result: conv1.conv2d.
func (u *use) inner(op string, attrs ir.Attrs, args ...*ir.Value) *ir.Value {
	return u.add(u.site.name+"."+op, op, attrs, args)
}

func (u *use) add(name, op string, attrs ir.Attrs, args []*ir.Value) *ir.Value {
	if u.failed {
		return nil
	}
	v, err := u.Add(name, op, args, attrs)
	if err != nil {
		return u.fail("%v", err)
	}
	if tooLarge(v.Type.Shape) {
		return u.fail("its result %s has more than %d elements", v.Type.Shape, math.MaxInt32)
	}
	return v
}

// source returns the layer's parameter or running statistic of the given name, which is made by
// the first use.
func (u *use) source(name, op string, attrs ir.Attrs) *ir.Value {
	shape := ir.Shape(attrs.Ints("shape"))
	if v := u.site.params[name]; v != nil {
		if !slices.Equal(v.Type.Shape, shape) {
			return u.fail("is applied again, to another size of input: its %s is %s, "+
				"this input needs %s", name, v.Type.Shape, shape)
		}
		return v
	}
	if tooLarge(shape) {
		return u.fail("its %s %s has more than %d elements", name, shape, math.MaxInt32)
	}
	v := u.add(u.site.name+"."+name, op, attrs, nil)
	u.site.params[name] = v
	return v
}

// weight returns the layer's trained tensor of the given name.
func (u *use) weight(name string, init Initializer, fanIn, fanOut int, shape ...int) *ir.Value {
	return u.source(name, "param", ir.Attrs{"shape": shape, "init": string(init),
		"fan_in": fanIn, "fan_out": fanOut, "gain": 1.0})
}

// biased appends the operation op, and a bias per channel unless there is none.
func (u *use) biased(none bool, channels int, op string, attrs ir.Attrs, x, w *ir.Value) *ir.Value {
	if none {
		return u.result(op, attrs, x, w)
	}
	b := u.weight("bias", Zeros, 0, 0, channels)
	return u.result("bias", nil, u.inner(op, attrs, x, w), b)
}

// tooLarge reports whether a shape has more elements than 32 bits can count.
func tooLarge(shape ir.Shape) bool {
	n := 1
	for _, d := range shape {
		if d > math.MaxInt32/n {
			return true
		}
		n *= d
	}
	return false
}

// describe returns a shape without its batch: 64 channels of 32x32, or 512 features.
func describe(shape ir.Shape) string {
	switch len(shape) {
	case 4:
		return fmt.Sprintf("%s of %dx%d", ir.Plural(shape[1], "channel"), shape[2], shape[3])
	case 2:
		return ir.Plural(shape[1], "feature")
	}
	return "shape " + shape.String()
}
