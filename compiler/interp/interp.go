// Package interp runs a graph in float64, plainly: it is the oracle that every backend and every
// gradient is tested against. It pays no attention to layouts, fusion or speed.
package interp

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/scalar"
)

// Env is what a graph sees of the outside.
type Env struct {
	// Sources holds the contents of inputs, labels, parameters, states, blocks and scalars by
	// the name of their value. Labels are numbers here as well.
	Sources map[string]ir.Tensor

	// Rand returns the uniform number in [0, 1) of a site for the element with the given
	// row-major index. Nil where the graph draws none.
	Rand func(site, element int) float64

	// Noise draws numbers of about 1 that stand for the rounding of float32, see perturb. Nil for
	// float64's own.
	Noise func() float64
}

// Results holds the value of every Value of a graph by its name.
type Results map[string]ir.Tensor

// Run computes all values of g. Composites must have been expanded. An error names the value that
// cannot be computed.
func Run(g *ir.Graph, env Env) (Results, error) {
	results := make(Results, len(g.Values))
	for _, v := range g.Values {
		in := make([]ir.Tensor, len(v.Args))
		for i, a := range v.Args {
			in[i] = results[a.Name]
		}
		out, err := compute(v, in, env)
		if err != nil {
			return nil, err
		}
		if env.Noise != nil {
			perturb(v, in, out, env)
		}
		results[v.Name] = out
	}
	return results, nil
}

func compute(v *ir.Value, in []ir.Tensor, env Env) (ir.Tensor, error) {
	out := ir.NewTensor(v.Type.Shape)
	if v.Op.Body != nil && env.Rand == nil && v.Body().Uses(scalar.Rand) {
		return out, v.Errorf("draws random numbers, none are given")
	}
	switch v.Op.Kind {
	case ir.Source:
		t, ok := env.Sources[v.Name]
		switch {
		case !ok:
			return out, v.Errorf("no content is given for it")
		case !slices.Equal(t.Shape, v.Type.Shape) || len(t.Data) != len(out.Data):
			return out, v.Errorf("its content has shape %s and %d elements, want %s",
				t.Shape, len(t.Data), v.Type.Shape)
		}
		return t, nil
	case ir.View:
		return ir.Tensor{Shape: v.Type.Shape, Data: in[0].Data}, nil
	case ir.Map:
		each(v, v.Type.Shape, in, env, func(element int, e float64) { out.Data[element] = e })
	case ir.Reduce:
		reduce(v, in, env, out)
	case ir.Kernel:
		v.Op.Ref(out, in, v.Attrs)
	default:
		return out, v.Errorf("is a composite, which is expanded before a graph is run")
	}
	return out, nil
}
