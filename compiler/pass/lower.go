package pass

import "github.com/gradc/gradc/compiler/ir"

// LowerPlain dissolves the composites that have no gradient rule of their own, so that what is
// left can be differentiated.
func LowerPlain(g *ir.Graph, mode ir.Mode) error {
	return lower(g, mode, func(op *ir.Op) bool { return op.Grad == nil })
}

// Lower dissolves all composites.
func Lower(g *ir.Graph, mode ir.Mode) error {
	return lower(g, mode, func(*ir.Op) bool { return true })
}

// lower replaces composites by what they consist of until none that dissolves is left.
func lower(g *ir.Graph, mode ir.Mode, dissolves func(*ir.Op) bool) error {
	b := ir.NewBuilder(g)
	images := map[*ir.Value]*ir.Value{}
	for found := true; found; {
		found = false
		values := g.Values
		g.Values = make([]*ir.Value, 0, len(values))
		for _, v := range values {
			for i, a := range v.Args {
				v.Args[i] = image(images, a)
			}
			if v.Op.Kind != ir.Composite || !dissolves(v.Op) {
				g.Values = append(g.Values, v)
				continue
			}
			found = true
			images[v] = expand(b, v, mode)
		}
	}
	g.Replace(images)
	return nil
}

// expand appends what the composite y consists of. The result takes over y's name, unless it is
// a value that was there before.
func expand(b *ir.Builder, y *ir.Value, mode ir.Mode) *ir.Value {
	b.Origin = y.Origin
	before := len(b.Graph.Values)
	result := y.Op.Expand(b, y, mode)
	for _, v := range b.Graph.Values[before:] {
		if v == result {
			v.Name = y.Name
		}
	}
	return result
}

// image follows v through the values that replace it.
func image(images map[*ir.Value]*ir.Value, v *ir.Value) *ir.Value {
	for images[v] != nil {
		v = images[v]
	}
	return v
}
