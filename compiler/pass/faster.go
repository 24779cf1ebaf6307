package pass

import "github.com/gradc/gradc/compiler/ir"

// Faster returns a pass that replaces kernels by what their operations know to be faster on a
// target. A replacement takes over the name.
func Faster(target ir.Target) func(*ir.Graph) error {
	return func(g *ir.Graph) error {
		b := ir.NewBuilder(g)
		values := g.Values
		g.Values = nil
		images := map[*ir.Value]*ir.Value{}
		for _, v := range values {
			for i, a := range v.Args {
				v.Args[i] = image(images, a)
			}
			if v.Op.Faster != nil {
				b.Origin = v.Origin
				if by := v.Op.Faster(b, v, target); by != nil {
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
}
