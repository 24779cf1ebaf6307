package ir

import (
	"fmt"
	"strconv"
	"strings"
)

// Order says in which order the axes of a tensor lie in memory, the outermost first. Its name tells
// all: nhwc is the order of images whose channels lie innermost, of axes that row-major are n, c, h
// and w; those of weights are o, i, h and w. A blocked order cuts an axis into blocks, pads it to
// full ones and lets the elements of a block lie innermost: nchw16c is [n][c/16][h][w][16 of c].
// Padding may hold anything: no result reads it.
// Blocks cut one of the first two axes.
//
// But for RowMajor, orders are for four axes. Which ones there are is up to a target.
type Order string

// RowMajor lets the last axis lie innermost. It is an order for any number of axes.
const RowMajor Order = ""

// The names of the axes of images and of weights.
const imageAxes, weightAxes = "nchw", "oihw"

// form is what the name of an order says.
type form struct {
	axes  [4]int // outermost first
	block int    // the axis cut into blocks, -1 if none is
	lanes int    // elements of a block
}

// ParseOrder reads the name of an order.
func ParseOrder(name string) (Order, error) {
	_, err := Order(name).form()
	return Order(name), err
}

// Axes returns the four axes, the outermost first.
func (o Order) Axes() [4]int {
	f, err := o.form()
	if err != nil {
		panic(err)
	}
	return f.axes
}

// form reads the name of the order.
func (o Order) form() (form, error) {
	f := form{axes: [4]int{0, 1, 2, 3}, block: -1, lanes: 1}
	if o == RowMajor {
		return f, nil
	}
	unknown := fmt.Errorf("unknown layout %q: want axes as in nhwc or nchw16c", string(o))
	if len(o) < len(f.axes) {
		return f, unknown
	}
	names, block := imageAxes, string(o[len(f.axes):])
	if strings.ContainsAny(string(o[:len(f.axes)]), "oi") {
		names = weightAxes
	}
	seen := map[int]bool{}
	for i := range f.axes {
		f.axes[i] = strings.IndexByte(names, o[i])
		seen[f.axes[i]] = true
	}
	if seen[-1] || len(seen) < len(f.axes) || string(o) == names {
		return f, unknown // axes in the order of their names are row-major
	}
	if block == "" {
		return f, nil
	}
	end := len(block) - 1
	f.block = strings.IndexByte(names, block[end])
	n, err := strconv.Atoi(block[:end])
	if err != nil || n < 2 || f.block < 0 || f.block > 1 || strconv.Itoa(n) != block[:end] {
		return f, unknown
	}
	f.lanes = n
	return f, nil
}
