package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// storable reports a tensor of a step whose elements are stored in a type that the slices of the
// package do not have.
func storable(s *plan.Step) error {
	for _, o := range append(s.Reads(), s.Writes()...) {
		if d := o.Type.Stored(); d != ir.F32 && d != ir.I32 {
			return fmt.Errorf("%s is stored as %s: code for processors stores f32 and i32 alone", o.Name, d)
		}
	}
	return nil
}
