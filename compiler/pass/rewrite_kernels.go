package pass

import (
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/target"
)

// Rewrite replaces kernels by what a target does in less time. A replacement takes over the name.
func Rewrite(g *ir.Graph, t *target.Target) error {
	b := ir.NewBuilder(g)
	values := g.Values
	g.Values = nil
	images := map[*ir.Value]*ir.Value{}
	for _, v := range values {
		for i, a := range v.Args {
			v.Args[i] = image(images, a)
		}
		if rewrite := t.Kernels[v.Op.Name].Rewrite; rewrite != nil {
			b.Origin = v.Origin
			if by := rewrite(b, v); by != nil {
				by.Name = v.Name
				images[v] = by
				continue
			}
		}
		g.Values = append(g.Values, v)
	}
	g.Replace(images)
	return nil
}
