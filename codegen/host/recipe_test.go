package host

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// TestUnknownChoices names what the runtime does not have, with the description's line.
func TestUnknownChoices(t *testing.T) {
	choice := func(name string, numbers ...string) ir.Choice {
		c := ir.Choice{Name: name}
		for _, n := range numbers {
			c.Args = append(c.Args, ir.Arg{Name: n, Value: 1})
		}
		return c
	}
	schedule := func(name string, numbers ...string) ir.Recipe {
		return ir.Recipe{Schedule: choice(name, numbers...)}
	}
	for _, c := range []struct {
		recipe ir.Recipe
		want   string
	}{
		{schedule("sawtooth"), `net.go:7: there is no schedule "sawtooth"; ` +
			"there are constant, cosine, one_cycle, step"},
		{schedule("step", "every"), "net.go:7: schedule step lacks its number gamma"},
		{schedule("cosine", "min", "gamma"), "net.go:7: schedule cosine has no number named gamma"},
		{schedule("constant", "warmup"), ""},
		{schedule(""), ""},
		{ir.Recipe{Augment: []ir.Choice{choice("horizontal_flip"), choice("solarize")}},
			`net.go:7: there is no augmentation "solarize"; there are horizontal_flip, random_crop`},
		{ir.Recipe{Augment: []ir.Choice{choice("random_crop", "padding"),
			choice("random_crop", "padding")}}, ""},
		{ir.Recipe{Augment: []ir.Choice{choice("random_crop")}},
			"net.go:7: augmentation random_crop lacks its number padding"},
		{ir.Recipe{Augment: []ir.Choice{choice("horizontal_flip", "p")}},
			"net.go:7: augmentation horizontal_flip has no number named p"},
	} {
		got := ""
		if _, err := recipeLiteral(&plan.Program{Pos: "net.go:7", Recipe: c.recipe}); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("error %q, want %q", got, c.want)
		}
	}
}

func TestUnknownInitialiser(t *testing.T) {
	v := &ir.Value{Name: "conv1.weight", Op: &ir.Op{Name: "param"},
		Attrs: ir.Attrs{"init": "orthogonal"}, Origin: ir.Origin{Pos: "net.go:9"}}
	want := `net.go:9: param "conv1.weight": there is no initialiser "orthogonal"; there are ` +
		"he_normal, he_uniform, ones, xavier_normal, xavier_uniform, zeros"
	_, err := tensorsLiteral([]*plan.Param{{Name: v.Name, Source: v, Buffer: &plan.Buffer{}}})
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
