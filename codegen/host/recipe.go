package host

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// schedules print the schedules of a recipe, by their names in graphs, with their arguments.
var schedules = map[string]func(arg func(string) string) string{
	"":         func(func(string) string) string { return "schedule.Constant{}" },
	"constant": func(func(string) string) string { return "schedule.Constant{}" },
	"step": func(arg func(string) string) string {
		return fmt.Sprintf("schedule.Step{Every: %s, Gamma: %s}", arg("every"), arg("gamma"))
	},
	"cosine": func(arg func(string) string) string {
		return fmt.Sprintf("schedule.Cosine{Min: %s}", arg("min"))
	},
	"one_cycle": func(arg func(string) string) string {
		return fmt.Sprintf("schedule.OneCycle{Rise: %s, Start: %s, End: %s}", arg("rise"),
			arg("start"), arg("end"))
	},
}

// augmentations print the fields that augmentations of a recipe set in a pipeline.
var augmentations = map[string]func(arg func(string) string) string{
	"random_crop":     func(arg func(string) string) string { return "Crop: " + arg("padding") },
	"horizontal_flip": func(func(string) string) string { return "Flip: true" },
}

// checkRecipe reports what a recipe names and the runtime does not have.
func checkRecipe(p *plan.Program) error {
	if name := p.Recipe.Schedule.Name; schedules[name] == nil {
		return fmt.Errorf("%s: there is no schedule %q", p.Pos, name)
	}
	for i, a := range p.Recipe.Augment {
		again := func(b ir.Choice) bool { return b.Name == a.Name }
		switch {
		case augmentations[a.Name] == nil:
			return fmt.Errorf("%s: there is no augmentation %q", p.Pos, a.Name)
		case slices.ContainsFunc(p.Recipe.Augment[:i], again):
			return fmt.Errorf("%s: the recipe has the augmentation %s twice", p.Pos, a.Name)
		}
	}
	return nil
}

// argsOf prints the arguments of a choice by name.
func argsOf(c ir.Choice) func(name string) string {
	return func(name string) string { return number64(c.Arg(name)) }
}

// scheduleLiteral prints a schedule of the recipe; the argument warmup puts a Warmup before it.
func scheduleLiteral(c ir.Choice) string {
	s := schedules[c.Name](argsOf(c))
	if c.Arg("warmup") > 0 {
		s = fmt.Sprintf("schedule.Warmup{Steps: %s, Then: %s}", number64(c.Arg("warmup")), s)
	}
	return s
}

// pipelineLiteral prints what happens to an image on its way into a batch.
func pipelineLiteral(r *ir.Recipe) string {
	var fields []string
	if len(r.Mean) > 0 {
		fields = append(fields, "Mean: "+floatsLiteral(r.Mean), "Std: "+floatsLiteral(r.Std))
	}
	for _, a := range r.Augment {
		fields = append(fields, augmentations[a.Name](argsOf(a)))
	}
	return "augment.Pipeline{" + strings.Join(fields, ", ") + "}"
}
