package host

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// specification returns the func that tells the runtime what is known of the network.
func specification(p *plan.Program, model *ir.Graph) (*Code, error) {
	body, err := specBody(p, model)
	c := &Code{}
	c.Declare(Function{
		Doc:  []string{"newSpec tells the trainer what is known of the network at generate time."},
		Name: "newSpec", Results: "*trainer.Spec",
		Body: body,
	})
	return c, err
}

func specBody(p *plan.Program, model *ir.Graph) (*Code, error) {
	params, err := tensorsLiteral(p.Params)
	if err != nil {
		return &Code{}, err
	}
	states, err := tensorsLiteral(p.States)
	if err != nil {
		return &Code{}, err
	}
	recipe, err := recipeLiteral(p)
	if err != nil {
		return &Code{}, err
	}
	list := &listing{}
	list.line("Name: %q,", p.Name)
	list.line("Source: %q,", p.Pos)
	list.line("Batch: %d,", p.Recipe.Batch)
	list.line("Channels: %d, Height: %d, Width: %d,", p.Input[1], p.Input[2], p.Input[3])
	list.line("Classes: %d,", p.Classes)
	list.line("Params: %s,", params)
	list.line("States: %s,", states)
	list.line("Moments: %s,", stringsLiteral(p.Moments))
	list.line("Layers: []trainer.Layer{")
	for _, layer := range layersOf(p, model) {
		list.line("%s,", layer)
	}
	list.line("},")
	list.line("Arena: %d,", plan.Floats(p.Size[plan.Arena]))
	list.line("PlanBytes: %d,", planBytes(p))
	list.line("InferBytes: %d,", inferBytes(p))
	list.line("ThreadBytes: %d,", p.Scratch())
	list.line("Plan: memoryPlan,")
	list.line("Recipe: %s,", recipe)
	list.line("Digests: %s,", digestsLiteral(model))
	c := &Code{}
	c.Line("return &trainer.Spec{\n%s}", list.text.String())
	return c, nil
}

// listing is the lines of a composite literal.
type listing struct{ text strings.Builder }

func (l *listing) line(format string, args ...any) {
	fmt.Fprintf(&l.text, format+"\n", args...)
}

// planBytes counts all memory that the plan asks for, in bytes.
func planBytes(p *plan.Program) int64 {
	n := int64(0)
	for _, size := range p.Size {
		n += int64(size)
	}
	return n
}

// inferBytes counts the memory of the plan that evaluation touches, in bytes.
func inferBytes(p *plan.Program) int64 {
	n := int64(p.ArenaSize(true))
	for _, space := range []plan.Space{plan.Images, plan.Labels, plan.Params, plan.States} {
		n += int64(p.Size[space])
	}
	return n
}

func tensorsLiteral(params []*plan.Param) (string, error) {
	list := &listing{}
	for _, p := range params {
		init, err := initLiteral(p.Source)
		if err != nil {
			return "", err
		}
		list.line("{\nName: %q, Shape: %s, Offset: %d,\nInit: %s,\n},",
			p.Name, intsLiteral(p.Source.Type.Shape), plan.Floats(p.Buffer.Offset), init)
	}
	return "[]trainer.Tensor{\n" + list.text.String() + "}", nil
}

// initKinds returns the names of initialisers in the runtime by those in graphs.
func initKinds() map[string]string {
	return map[string]string{
		"zeros": "Zeros", "ones": "Ones", "he_normal": "HeNormal", "he_uniform": "HeUniform",
		"xavier_normal": "XavierNormal", "xavier_uniform": "XavierUniform",
	}
}

// initLiteral prints how a parameter or a state begins.
func initLiteral(v *ir.Value) (string, error) {
	if value, ok := v.Attrs["init"].(float64); ok { // a state begins with a number
		return fmt.Sprintf("initial.Init{Kind: initial.Const, Value: %s}", number64(value)), nil
	}
	name := v.Attrs.Str("init")
	switch kind := initKinds()[name]; kind {
	case "":
		return "", v.Errorf("there is no initialiser %q; there are %s", name,
			strings.Join(slices.Sorted(maps.Keys(initKinds())), ", "))
	case "Zeros", "Ones":
		return fmt.Sprintf("initial.Init{Kind: initial.%s}", kind), nil
	default:
		return fmt.Sprintf("initial.Init{Kind: initial.%s, FanIn: %d, FanOut: %d, Gain: %s}", kind,
			v.Attrs.Int("fan_in"), v.Attrs.Int("fan_out"), number64(v.Attrs.Float("gain"))), nil
	}
}

// layersOf describes the layers of the model in order: the operation that each begins with (a bias
// comes behind), the shape of its last value, its parameters and its forward work for one image.
func layersOf(p *plan.Program, model *ir.Graph) []string {
	var order []string
	first, last := map[string]*ir.Value{}, map[string]*ir.Value{}
	params := map[string]int{}
	for _, v := range model.Values {
		switch {
		case v.Layer == "" || v.Layer == "loss":
		case v.Op.Kind == ir.Source:
			if v.Op.Name == "param" {
				params[v.Layer] += v.Type.Shape.Elements()
			}
		default:
			if last[v.Layer] == nil {
				order = append(order, v.Layer)
				first[v.Layer] = v
			}
			last[v.Layer] = v
		}
	}
	flops := map[string]int64{}
	for _, s := range p.Train {
		if s.Origin.Pass == ir.Forward {
			flops[s.Origin.Layer] += s.Flops
		}
	}
	var lines []string
	for _, name := range order {
		v := last[name]
		lines = append(lines, fmt.Sprintf(
			"{\nName: %q, Op: %q, Source: %q,\nShape: %s, Params: %d, Flops: %d,\n}",
			name, first[name].Op.Name, v.Pos, intsLiteral(v.Type.Shape[1:]), params[name],
			flops[name]/int64(p.Recipe.Batch)))
	}
	return lines
}

// digestsLiteral prints what checkpoints tell of the network they belong to.
func digestsLiteral(model *ir.Graph) string {
	list := &listing{}
	if logits := model.Output("logits"); logits != nil {
		list.line("Inference: %q,", ir.Digest(model, logits, ir.Infer))
		list.line("Training: %q,", ir.Digest(model, logits, ir.Train))
	}
	r := model.Recipe
	var augment []string
	for _, a := range r.Augment {
		augment = append(augment, a.String())
	}
	list.line("Normalize: %q,", r.Normalize())
	list.line("Augment: %q,", strings.Join(augment, ", "))
	if losses := model.Output("losses"); losses != nil {
		list.line("Loss: %q,", losses.Op.Name+losses.Attrs.Format(losses.Op.Attrs))
	}
	list.line("Optimizer: %q,", r.Optimizer.String())
	list.line("Schedule: %q,", r.Schedule.String())
	return "trainer.Digests{\n" + list.text.String() + "}"
}

// number64 prints a constant that may stand for an integer or a float.
func number64(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func floatsLiteral(list []float64) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = number64(v)
	}
	return "[]float32{" + strings.Join(parts, ", ") + "}"
}

func intsLiteral(list []int) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = strconv.Itoa(v)
	}
	return "[]int{" + strings.Join(parts, ", ") + "}"
}

func stringsLiteral(list []string) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = strconv.Quote(v)
	}
	return "[]string{" + strings.Join(parts, ", ") + "}"
}
