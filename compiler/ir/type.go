package ir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DType is the type of a tensor's elements. Values are of F32 or I32; the others are types in which
// values of F32 may be stored.
type DType uint8

// The element types.
const (
	F32  DType = iota // IEEE 754 binary32
	I32               // 32-bit integers: class labels
	F16               // IEEE 754 binary16: 11 bits of precision, at most 65504
	BF16              // the upper half of a binary32: 8 bits of precision
	U8                // integers from 0 to 255
)

var dtypes = [...]struct {
	name  string
	bytes int
}{F32: {"f32", 4}, I32: {"i32", 4}, F16: {"f16", 2}, BF16: {"bf16", 2}, U8: {"u8", 1}}

// String returns f32, i32, f16, bf16 or u8.
func (d DType) String() string { return dtypes[d].name }

// Bytes returns the size of an element.
func (d DType) Bytes() int { return dtypes[d].bytes }

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

// Layout says how a tensor lies in memory: the order of its axes, a border of zeros around each plane
// of axes 2 and 3, which spares convolutions every test for the image's edge, and the type in which
// elements are stored. Shape rules and gradients see nothing of it.
type Layout struct {
	Order Order
	Halo  [2]int // rows above and below, columns left and right

	// Storage is the type in which elements are stored, F32 if that is the value's own.
	Storage DType
}

// Borderless returns the layout without a border.
func (l Layout) Borderless() Layout {
	l.Halo = [2]int{}
	return l
}

// String returns the layout as f16:nchw16c+1x1; it is empty for row-major order without a border
// and elements of the value's own type.
func (l Layout) String() string {
	if l.Storage != F32 {
		return l.Storage.String() + ":" + l.place()
	}
	return l.place()
}

// place returns where elements lie, as nchw16c+1x1.
func (l Layout) place() string {
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

// Stored returns the type in which elements are stored.
func (t Type) Stored() DType {
	if t.Layout.Storage != F32 {
		return t.Layout.Storage
	}
	return t.DType
}

// Bytes returns the memory that a tensor of this type takes, padding and border included.
func (t Type) Bytes() int { return t.Place().Size * t.Stored().Bytes() }

// String returns the type as f32[128,32,26,26]nchw16c+1x1, with that in which elements are stored.
func (t Type) String() string {
	return t.Stored().String() + t.Shape.String() + t.Layout.place()
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
			dim = Ceil(dim, p.Lanes)
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

// ParseType reads what Type.String wrote. What is stored as f16, bf16 or u8 is a value of f32.
func ParseType(s string) (Type, error) {
	var t Type
	open, end := strings.IndexByte(s, '['), strings.IndexByte(s, ']')
	if open < 0 || end < open {
		return t, fmt.Errorf("type %q: want f32[...] or i32[...]", s)
	}
	d := DType(0)
	for ; int(d) < len(dtypes) && d.String() != s[:open]; d++ {
	}
	switch {
	case int(d) == len(dtypes):
		return t, fmt.Errorf("type %q: unknown element type %q", s, s[:open])
	case d == F32 || d == I32:
		t.DType = d
	default:
		t.Layout.Storage = d
	}
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
	if place := t.Layout.place(); place != "" && len(t.Shape) != 4 {
		return t, fmt.Errorf("type %q: layout %s is for 4 axes", s, place)
	}
	return t, nil
}
