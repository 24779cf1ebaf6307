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

// Lanes is the number of channels that lie side by side in a blocked layout.
const Lanes = 16

// Order says in which order the axes of a tensor lie in memory.
type Order uint8

// The orders. Blocked orders cut one axis into blocks of Lanes, pad it to full blocks and let
// the lanes of a block lie innermost. Padding lanes may hold anything: no result reads them.
const (
	RowMajor Order = iota // the last axis lies innermost
	NCHW16c               // images: [n][c/16][h][w][16 of c]
	OIHW16o               // weights, to be read along output channels: [o/16][i][h][w][16 of o]
	IOHW16i               // weights, to be read along input channels: [i/16][o][h][w][16 of i]
	HWOI16o               // transformed weights, a matrix for each number: [h][w][o/16][i][16 of o]
)

var orders = [...]struct {
	name  string
	axes  [4]int // outermost first
	block int    // the axis cut into blocks
}{
	RowMajor: {"", [4]int{0, 1, 2, 3}, -1},
	NCHW16c:  {"nchw16c", [4]int{0, 1, 2, 3}, 1},
	OIHW16o:  {"oihw16o", [4]int{0, 1, 2, 3}, 0},
	IOHW16i:  {"iohw16i", [4]int{1, 0, 2, 3}, 1},
	HWOI16o:  {"hwoi16o", [4]int{2, 3, 0, 1}, 0},
}

// Layout says how a tensor lies in memory: the order of its axes, and a border of zeros around
// each plane of axes 2 and 3, which spares convolutions every test for the image's edge.
type Layout struct {
	Order Order
	Halo  [2]int // rows above and below, columns left and right
}

// String returns the layout as nchw16c+1x1; it is empty for row-major order without a border.
func (l Layout) String() string {
	s := orders[l.Order].name
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
	Size   int // elements allocated, padding and border included
}

// Place computes where the elements of a tensor of this type lie.
func (t Type) Place() Place {
	order := orders[t.Layout.Order]
	p := Place{Stride: make([]int, len(t.Shape)), Block: order.block}
	size := 1
	if p.Block >= 0 {
		size = Lanes
	}
	for i := len(t.Shape) - 1; i >= 0; i-- {
		axis := i
		if len(t.Shape) == 4 {
			axis = order.axes[i]
		}
		dim := t.Shape[axis]
		p.Stride[axis] = size
		switch {
		case axis == p.Block:
			dim = (dim + Lanes - 1) / Lanes
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
			at += c/Lanes*p.Stride[axis] + c%Lanes
		} else {
			at += c * p.Stride[axis]
		}
	}
	return at
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
	for o := range orders {
		if orders[o].name == name {
			t.Layout.Order = Order(o)
			if (o != int(RowMajor) || hasHalo) && len(t.Shape) != 4 {
				return t, fmt.Errorf("type %q: layout %s is for 4 axes", s, t.Layout)
			}
			return t, nil
		}
	}
	return t, fmt.Errorf("type %q: unknown layout %q", s, name)
}
