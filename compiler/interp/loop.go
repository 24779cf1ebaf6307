package interp

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// each computes the expression of v for every element of shape, along which arguments of size 1
// repeat, and calls f with the element's row-major index.
func each(v *ir.Value, shape ir.Shape, in []ir.Tensor, env Env, f func(element int, e float64)) {
	line := scalar.Linearize(v.Body())
	numbers := make([]float64, len(line.Code))
	strides := make([][]int, len(in))
	for i, t := range in {
		strides[i] = repeating(t.Shape)
	}
	element := 0
	local := &scalar.Env{In: make([]float64, len(in)), Coord: make([]int, len(shape)),
		Rand: func(site int) float64 { return env.Rand(site, element) }}
	for ; element < shape.Elements(); element++ {
		for i, t := range in {
			local.In[i] = t.Data[offset(strides[i], local.Coord)]
		}
		line.Eval(local, numbers)
		f(element, numbers[line.Result[0]])
		next(local.Coord, shape)
	}
}

// repeating returns the row-major strides of a shape, 0 along axes of size 1.
func repeating(shape ir.Shape) []int {
	strides := make([]int, len(shape))
	size := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		if shape[axis] > 1 {
			strides[axis] = size
		}
		size *= shape[axis]
	}
	return strides
}

func offset(strides, coord []int) int {
	at := 0
	for axis, c := range coord {
		at += c * strides[axis]
	}
	return at
}

// next moves coord to the following element in row-major order.
func next(coord []int, shape ir.Shape) {
	for axis := len(coord) - 1; axis >= 0; axis-- {
		if coord[axis]++; coord[axis] < shape[axis] {
			return
		}
		coord[axis] = 0
	}
}

// reduce folds the expression of v into out.
func reduce(v *ir.Value, in []ir.Tensor, env Env, out ir.Tensor) {
	domain := ir.Shape(v.Attrs.Ints("shape"))
	strides := repeating(out.Shape)
	folded := make([][]float64, len(out.Data))
	for i := range folded {
		folded[i] = make([]float64, 0, domain.Elements()/len(folded))
	}
	coord := make([]int, len(domain))
	each(v, domain, in, env, func(_ int, e float64) {
		at := offset(strides, coord)
		folded[at] = append(folded[at], e)
		next(coord, domain)
	})
	for i, list := range folded {
		out.Data[i] = fold(v.Attrs.Str("fold"), list)
	}
}

// fold makes one number of a list, in the way of the reduce operation.
func fold(how string, list []float64) float64 {
	switch how {
	case "sum":
		return sum(list)
	case "mean":
		return sum(list) / float64(len(list))
	case "var":
		return variance(list)
	case "max":
		return slices.Max(list)
	}
	panic("interp: unknown fold " + how) // the shape rule lets no other through
}

func sum(list []float64) float64 {
	s := 0.0
	for _, e := range list {
		s += e
	}
	return s
}

// variance is the mean squared deviation from the mean.
func variance(list []float64) float64 {
	m, s := sum(list)/float64(len(list)), 0.0
	for _, e := range list {
		s += (e - m) * (e - m)
	}
	return s / float64(len(list))
}
