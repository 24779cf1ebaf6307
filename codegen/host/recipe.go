package host

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// way is how one of the ways that a recipe chooses among is printed: a Go literal of its numbers.
type way struct {
	format  string
	numbers []string // their names in graphs
}

// schedules returns those that the runtime has, by their names in graphs.
func schedules() map[string]way {
	return map[string]way{
		"constant": {"schedule.Constant{}", nil},
		"step":     {"schedule.Step{Every: %s, Gamma: %s}", []string{"every", "gamma"}},
		"cosine":   {"schedule.Cosine{Min: %s}", []string{"min"}},
		"one_cycle": {"schedule.OneCycle{Rise: %s, Start: %s, End: %s}",
			[]string{"rise", "start", "end"}},
	}
}

// warmup is the number of a schedule that puts a Warmup of so many steps before it.
const warmup = "warmup"

// augmentations returns those that the runtime has, likewise.
func augmentations() map[string]way {
	return map[string]way{
		"random_crop":     {"augment.Crop{Padding: %s}", []string{"padding"}},
		"horizontal_flip": {"augment.Flip{}", nil},
	}
}

// recipeLiteral prints the recipe of a program, or says what it names that the runtime does not
// have.
func recipeLiteral(p *plan.Program) (string, error) {
	r := &p.Recipe
	schedule, err := scheduleLiteral(r.Schedule)
	if err != nil {
		return "", &ir.Error{Pos: p.Pos, Msg: err.Error()}
	}
	pipeline, err := pipelineLiteral(r)
	if err != nil {
		return "", &ir.Error{Pos: p.Pos, Msg: err.Error()}
	}
	list := &listing{}
	list.line("Data: %q,", r.Data)
	list.line("Epochs: %d,", r.Epochs)
	list.line("Seed: %d,", r.Seed)
	list.line("LearningRate: %s,", number64(r.LearningRate))
	list.line("Schedule: %s,", schedule)
	list.line("Pipeline: %s,", pipeline)
	return "trainer.Recipe{\n" + list.text.String() + "}", nil
}

// choose prints a choice of a recipe as one of some ways. Kind is what they are ways of.
func choose(kind string, ways map[string]way, c ir.Choice, others ...string) (string, error) {
	w, ok := ways[c.Name]
	if !ok {
		return "", fmt.Errorf("there is no %s %q; there are %s", kind, c.Name,
			strings.Join(slices.Sorted(maps.Keys(ways)), ", "))
	}
	given := map[string]bool{}
	for _, a := range c.Args {
		if !slices.Contains(w.numbers, a.Name) && !slices.Contains(others, a.Name) {
			return "", fmt.Errorf("%s %s has no number named %s", kind, c.Name, a.Name)
		}
		given[a.Name] = true
	}
	values := make([]any, len(w.numbers))
	for i, name := range w.numbers {
		if !given[name] {
			return "", fmt.Errorf("%s %s lacks its number %s", kind, c.Name, name)
		}
		values[i] = number64(c.Arg(name))
	}
	return fmt.Sprintf(w.format, values...), nil
}

// scheduleLiteral prints a schedule of the recipe; without a name it is constant.
func scheduleLiteral(c ir.Choice) (string, error) {
	c.Name = cmp.Or(c.Name, "constant")
	s, err := choose("schedule", schedules(), c, warmup)
	if steps := c.Arg(warmup); steps > 0 {
		s = fmt.Sprintf("schedule.Warmup{Steps: %s, Then: %s}", number64(steps), s)
	}
	return s, err
}

// pipelineLiteral prints what happens to an image on its way into a batch.
func pipelineLiteral(r *ir.Recipe) (string, error) {
	normalize := ""
	if len(r.Mean) > 0 {
		normalize = fmt.Sprintf("Mean: %s, Std: %s", floatsLiteral(r.Mean), floatsLiteral(r.Std))
	}
	if len(r.Augment) == 0 {
		return "augment.Pipeline{" + normalize + "}", nil
	}
	list := &listing{}
	if normalize != "" {
		list.line("%s,", normalize)
	}
	augment := make([]string, len(r.Augment))
	for i, a := range r.Augment {
		var err error
		if augment[i], err = choose("augmentation", augmentations(), a); err != nil {
			return "", err
		}
	}
	list.line("Augment: []augment.Augmentation{%s},", strings.Join(augment, ", "))
	return "augment.Pipeline{\n" + list.text.String() + "}", nil
}
