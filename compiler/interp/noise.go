package interp

import (
	"maps"
	"math"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// unit is half the distance from 1 to the next float32.
const unit = 0x1p-24

// perturb changes the elements of v as if they had been computed in float32. An element that is the
// sum of terms t moves by
//
//	noise·2⁻²⁴·Σ|t|
//
// and one of a map by its own size in place of the sum's. Zeros stay, as most are exact.
func perturb(v *ir.Value, in []ir.Tensor, out ir.Tensor, env Env) {
	size := out
	switch v.Op.Kind {
	case ir.Source, ir.View:
		return
	case ir.Kernel:
		size = ir.NewTensor(out.Shape)
		v.Op.Ref(size, absolutes(in), v.Attrs)
	case ir.Reduce:
		size = ir.NewTensor(out.Shape)
		w := *v
		w.Attrs = maps.Clone(v.Attrs)
		if v.Attrs.Str("fold") != "var" {
			body := v.Body()
			w.Attrs["body"] = scalar.Apply(scalar.Max, body, scalar.Difference(scalar.C(0), body))
		}
		reduce(&w, in, env, size)
	}
	for i, e := range out.Data {
		if e != 0 {
			out.Data[i] += env.Noise() * unit * math.Abs(size.Data[i])
		}
	}
}

func absolutes(in []ir.Tensor) []ir.Tensor {
	list := make([]ir.Tensor, len(in))
	for i, t := range in {
		list[i] = ir.NewTensor(t.Shape)
		for k, e := range t.Data {
			list[i].Data[k] = math.Abs(e)
		}
	}
	return list
}
