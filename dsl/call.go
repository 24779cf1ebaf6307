package dsl

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
)

// maxSize bounds every size that a user writes, so that no product of a few of them overflows.
const maxSize = 1 << 20

// call is one call of the DSL: what it asks for, where, and what is wrong with its arguments. The
// identity of a call is the identity of its layer: one call has one set of parameters.
type call struct {
	kind   string // the func: Conv2D
	stem   string // of automatic names: conv; empty where there is nothing to name
	pos    position
	name   *string // chosen by the user, or nil
	faults []string
}

// newCall is to be called by the func that the user calls.
func newCall(kind, stem string) *call {
	return &call{kind: kind, stem: stem, pos: callerAt(2)}
}

// want notes a fault unless ok.
func (c *call) want(ok bool, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

// size wants a number of pixels, channels, features or steps that is at least least.
func (c *call) size(what string, v, least int) {
	c.want(v >= least && v <= maxSize, "%s is %d, must be from %d to %d", what, v, least, maxSize)
}

// layer returns the layer that build computes from its input.
func (c *call) layer(build func(u *use, x *ir.Value) *ir.Value) Layer {
	return func(x Tensor) Tensor {
		return c.apply(func(u *use, args []*ir.Value) *ir.Value { return build(u, args[0]) }, x)
	}
}

// simple returns a layer that is one operation without parameters.
func (c *call) simple(op string, attrs ir.Attrs) Layer {
	return c.layer(func(u *use, x *ir.Value) *ir.Value { return u.result(op, attrs, x) })
}

// apply computes one tensor from others. Where something is wrong, it notes that and returns a
// tensor without a value, on which further layers are silent.
func (c *call) apply(build func(u *use, args []*ir.Value) *ir.Value, args ...Tensor) Tensor {
	n := networkOf(args)
	if n == nil {
		return Tensor{}
	}
	u := &use{network: n, call: c, site: n.site(c)}
	values := u.values(args)
	if len(c.faults) > 0 || values == nil {
		return Tensor{net: n}
	}
	u.Origin = ir.Origin{Layer: u.site.name, Pos: c.pos.String()}
	y := build(u, values)
	if u.failed {
		return Tensor{net: n}
	}
	n.results = append(n.results, result{u, y})
	return Tensor{n, y}
}
