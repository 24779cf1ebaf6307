package ir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DType is the type of a tensor's elements.
type DType uint8

// The element types.
const (
	F32 DType = iota // IEEE 754 binary32
	I32              // 32-bit integers: class labels
)

var dtypeNames = [...]string{F32: "f32", I32: "i32"}

// String returns f32 or i32.
func (d DType) String() string { return dtypeNames[d] }

// Shape lists a tensor's sizes, outermost axis first. Images are [batch, channels, height, width].
type Shape []int

// Elements returns the number of elements.
func (s Shape) Elements() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// String returns the sizes as [128,32,26,26].
func (s Shape) String() string {
	dims := make([]string, len(s))
	for i, d := range s {
		dims[i] = strconv.Itoa(d)
	}
	return "[" + strings.Join(dims, ",") + "]"
}

// Layout says how a tensor lies in memory: the order of its axes, and a border of zeros around
// each plane of axes 2 and 3, which spares convolutions every test for the image's edge.
type Layout struct {
	Order Order
	Halo  [2]int // rows above and below, columns left and right
}

// String returns the layout as nchw16c+1x1; it is empty for row-major order without a border.
func (l Layout) String() string {
	s := string(l.Order)
	if l.Halo != [2]int{} {
		s += fmt.Sprintf("+%dx%d", l.Halo[0], l.Halo[1])
	}
	return s
}

// Type is what a value is: the type of its elements, its shape and how it lies in memory.
type Type struct {
	DType  DType
	Shape  Shape
	Layout Layout
}

// Float32 returns the row-major float32 type of the given sizes.
func Float32(dims ...int) Type { return Type{Shape: dims} }

// String returns the type as f32[128,32,26,26]nchw16c+1x1.
func (t Type) String() string {
	return t.DType.String() + t.Shape.String() + t.Layout.String()
}

// Equal reports whether t and u agree in element type, shape and layout.
func (t Type) Equal(u Type) bool {
	return t.DType == u.DType && t.Layout == u.Layout && slices.Equal(t.Shape, u.Shape)
}

// With returns t in another layout.
func (t Type) With(l Layout) Type {
	t.Layout = l
	return t
}

// Place tells where the elements of a tensor lie: the element at coordinates c has the offset
//
//	Base + Σ_axis c[axis]·Stride[axis]
//
// except that along the axis Block (if not -1) c·Stride becomes c/Lanes·Stride + c%Lanes.
type Place struct {
	Base   int
	Stride []int
	Block  int
	Lanes  int // elements of a block, 1 if there are none
	Size   int // elements allocated, padding and border included
}

// Place computes where the elements of a tensor of this type lie.
func (t Type) Place() Place {
	order, err := t.Layout.Order.form()
	if err != nil {
		panic(err)
	}
	p := Place{Stride: make([]int, len(t.Shape)), Block: order.block, Lanes: order.lanes}
	size := p.Lanes
	for i := len(t.Shape) - 1; i >= 0; i-- {
		axis := i
		if len(t.Shape) == 4 {
			axis = order.axes[i]
		}
		dim := t.Shape[axis]
		p.Stride[axis] = size
		switch {
		case axis == p.Block:
			dim = (dim + p.Lanes - 1) / p.Lanes
		case axis == 2 || axis == 3:
			halo := t.Layout.Halo[axis-2]
			p.Base += halo * size
			dim += 2 * halo
		}
		size *= dim
	}
	p.Size = size
	return p
}

// Offset returns the offset of the element at the coordinates, in elements.
func (p Place) Offset(coord ...int) int {
	at := p.Base
	for axis, c := range coord {
		if axis == p.Block {
			at += c/p.Lanes*p.Stride[axis] + c%p.Lanes
		} else {
			at += c * p.Stride[axis]
		}
	}
	return at
}

// Dense reports whether the elements lie row-major without gaps, by name or in fact: the axes of
// more than one element, with that of a block as two of them, come in the order of the shape.
func (t Type) Dense() bool {
	p := t.Place()
	if p.Size != t.Shape.Elements() {
		return false
	}
	size := 1
	for axis, d := range slices.Backward(t.Shape) {
		if axis == p.Block {
			if p.Lanes > 1 && size > 1 {
				return false
			}
			size, d = p.Lanes, d/p.Lanes
		}
		if d > 1 && p.Stride[axis] != size {
			return false
		}
		size *= d
	}
	return true
}

// ParseType reads what Type.String wrote.
func ParseType(s string) (Type, error) {
	var t Type
	open, end := strings.IndexByte(s, '['), strings.IndexByte(s, ']')
	if open < 0 || end < open {
		return t, fmt.Errorf("type %q: want f32[...] or i32[...]", s)
	}
	d := slices.Index(dtypeNames[:], s[:open])
	if d < 0 {
		return t, fmt.Errorf("type %q: unknown element type %q", s, s[:open])
	}
	t.DType = DType(d)
	for _, dim := range strings.Split(s[open+1:end], ",") {
		n, err := strconv.Atoi(dim)
		if err != nil || n < 1 {
			return t, fmt.Errorf("type %q: size %q is not a positive number", s, dim)
		}
		t.Shape = append(t.Shape, n)
	}
	name, halo, hasHalo := strings.Cut(s[end+1:], "+")
	if hasHalo {
		rows, columns, _ := strings.Cut(halo, "x")
		for i, text := range []string{rows, columns} {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return t, fmt.Errorf("type %q: border %q is not of the form 1x1", s, halo)
			}
			t.Layout.Halo[i] = n
		}
	}
	order, err := ParseOrder(name)
	if err != nil {
		return t, fmt.Errorf("type %q: %w", s, err)
	}
	t.Layout.Order = order
	if t.Layout != (Layout{}) && len(t.Shape) != 4 {
		return t, fmt.Errorf("type %q: layout %s is for 4 axes", s, t.Layout)
	}
	return t, nil
}
