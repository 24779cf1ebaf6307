package host

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// TestUnknownChoices names what the runtime does not have, with the description's line.
func TestUnknownChoices(t *testing.T) {
	for _, c := range []struct {
		recipe ir.Recipe
		want   string
	}{
		{ir.Recipe{Schedule: ir.Choice{Name: "sawtooth"}}, `net.go:7: there is no schedule "sawtooth"`},
		{ir.Recipe{Augment: []ir.Choice{{Name: "horizontal_flip"}, {Name: "solarize"}}},
			`net.go:7: there is no augmentation "solarize"`},
		{ir.Recipe{Augment: []ir.Choice{{Name: "horizontal_flip"}, {Name: "horizontal_flip"}}},
			"net.go:7: the recipe has the augmentation horizontal_flip twice"},
	} {
		_, err := Files(Network{Plan: &plan.Program{Pos: "net.go:7", Recipe: c.recipe}}, nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}
