package fuzznet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/internal/fuzznet/subject"
)

// steps is how many training steps a network takes.
const steps = 3

// Failure is a network that does not do what it should.
type Failure struct {
	Network *Network
	Where   string // emit, build, or the code path: go, avx2, avx512
	Text    string
}

// checker compares a network with its reference.
type checker struct {
	*compiled
	run   *subject.Case
	tally *Tally

	steps []*judge // by step
	eval  *judge
	after []subject.StepResult // of plain Go: the state that every path takes the next step from
}

// check runs a network on all code paths and returns what is wrong, if anything is.
func check(c *compiled, paths []*process, t *Tally) (*Failure, error) {
	k := &checker{compiled: c, run: c.draw(), tally: t}
	t.count(c)
	for i, p := range paths {
		if i > 0 {
			for s, r := range k.after {
				to := batchOf(k.run, s+1)
				to.Params, to.Moments, to.States = r.Params, r.Moments, r.States
			}
		}
		r, err := p.call(k.run)
		if err != nil {
			return nil, err
		}
		text, err := r.Fault, error(nil)
		if text == "" {
			text, err = k.compare(&r)
		}
		if err != nil {
			return nil, fmt.Errorf("%s\n%w", c.Network, err)
		}
		if text != "" {
			return &Failure{c.Network, p.level.String(), text}, nil
		}
	}
	return nil, nil
}

// draw draws the data that the network is run with.
func (c *compiled) draw() *subject.Case {
	r := rand.New(rand.NewPCG(c.Seed, 4))
	p := c.result.Plan
	run := &subject.Case{Network: c.index, Seed: c.Seed, Threads: []int{1, 2, 3}}
	run.Steps = make([]subject.Step, steps)
	for i := range steps + 1 {
		s := batchOf(run, i)
		s.Images, s.Labels = make([]float32, p.Input.Elements()), make([]int32, c.Batch)
		for i := range s.Images {
			s.Images[i] = float32(r.NormFloat64())
		}
		for i := range s.Labels {
			s.Labels[i] = int32(r.IntN(p.Classes))
		}
	}
	first := &run.Steps[0]
	first.Params = make([]float32, plan.Floats(p.Size[plan.Params]))
	first.Moments = make([]float32, plan.Floats(p.Size[plan.Moments]))
	first.States = make([]float32, plan.Floats(p.Size[plan.States]))
	for _, param := range p.Params {
		c.fill(r, part(first.Params, param), param.Source)
	}
	for _, state := range p.States {
		for i := range part(first.States, state) {
			v := state.Source.Attrs["init"].(float64)
			part(first.States, state)[i] = float32(v + 0.3*r.Float64())
		}
	}
	return run
}

// batchOf returns step i of a case, or its evaluation behind the last one.
func batchOf(run *subject.Case, i int) *subject.Step {
	if i < len(run.Steps) {
		return &run.Steps[i]
	}
	return &run.Eval
}

// part is the memory of a parameter or a running statistic.
func part(block []float32, p *plan.Param) []float32 {
	return block[plan.Floats(p.Buffer.Offset):][:p.Source.Type.Shape.Elements()]
}

// fill draws a parameter: about what its initialiser says.
func (c *compiled) fill(r *rand.Rand, to []float32, source *ir.Value) {
	around, spread := 0.0, 0.0
	switch source.Attrs.Str("init") {
	case "zeros":
	case "ones":
		around = 1 / float64(max(1, source.Attrs.Int("fan_in")))
	default:
		spread = math.Sqrt(2 / float64(source.Attrs.Int("fan_in")))
	}
	if !c.Plain {
		spread = max(spread, 0.1)
		if fan := source.Attrs.Int("fan_in"); fan > 0 {
			spread = math.Sqrt(2 / float64(fan))
		}
	}
	for i := range to {
		to[i] = float32(around + spread*r.NormFloat64())
	}
}

// compare compares what the network did on one path.
func (k *checker) compare(r *subject.Result) (string, error) {
	if k.after == nil {
		k.after = r.Steps
		if text, err := k.reference(); text != "" || err != nil {
			return text, err
		}
	}
	for i := range r.Steps {
		if text, err := k.step(i, &r.Steps[i]); text != "" || err != nil {
			return fmt.Sprintf("step %d: %s", i, text), err
		}
	}
	if !k.eval.want.finite() {
		return "", nil
	}
	for _, part := range []struct {
		name string
		got  []float32
	}{{"logits", r.Logits}, {"losses", r.Losses}} {
		if text, err := k.eval.compare(part.name, part.got); text != "" || err != nil {
			return "evaluation: " + text, err
		}
	}
	return "", nil
}

// before is the state that step i begins with.
func (k *checker) before(i int) (params, moments, states []float32) {
	if i == 0 {
		s := &k.run.Steps[0]
		return s.Params, s.Moments, s.States
	}
	s := &k.after[i-1]
	return s.Params, s.Moments, s.States
}

// env is what the reference sees in step i.
func (k *checker) env(i int) interp.Env {
	params, _, states := k.before(i)
	batch := batchOf(k.run, i)
	sources := map[string]ir.Tensor{}
	for _, p := range k.result.Plan.Params {
		sources[p.Name] = tensor(p.Source.Type.Shape, part(params, p))
	}
	for _, p := range k.result.Plan.States {
		sources[p.Name] = tensor(p.Source.Type.Shape, part(states, p))
	}
	for _, v := range k.model.Sources("input") {
		sources[v.Name] = tensor(v.Type.Shape, batch.Images)
	}
	for _, v := range k.model.Sources("labels") {
		sources[v.Name] = tensor(v.Type.Shape, batch.Labels)
	}
	return interp.Env{Sources: sources, Rand: random(k.Seed, i)}
}

func tensor[N float32 | int32](shape ir.Shape, data []N) ir.Tensor {
	t := ir.NewTensor(shape)
	for i, v := range data {
		t.Data[i] = float64(v)
	}
	return t
}

// reference computes what all steps and the evaluation should give, and checks the gradients of the
// reference itself.
func (k *checker) reference() (string, error) {
	for i := range steps {
		j, err := newJudge(k.env(i), k.compiled.step, k.tally)
		if err != nil {
			return "", err
		}
		k.steps = append(k.steps, j)
	}
	var err error
	if k.eval, err = newJudge(k.env(steps), k.evaluate, k.tally); err != nil {
		return "", err
	}
	return k.slope(k.env(0))
}

// step compares a training step.
func (k *checker) step(i int, r *subject.StepResult) (string, error) {
	rate := k.Optimizer.Rate * k.Schedule.factor(i, steps)
	if !(math.Abs(float64(r.Rate)/rate-1) <= 1e-6) {
		return fmt.Sprintf("the learning rate is %g, want %g", r.Rate, rate), nil
	}
	j := k.steps[i]
	if !j.want.finite() {
		k.tally.NotFinite++
		return "", nil
	}
	type result struct {
		name string
		got  []float32
	}
	list := []result{{"loss", []float32{r.Loss}}, {"logits", r.Logits}}
	for _, p := range k.result.Plan.Params {
		list = append(list, result{"d." + p.Name, part(r.Grads, p)})
	}
	for _, p := range k.result.Plan.States {
		list = append(list, result{p.Name, part(r.States, p)})
	}
	for _, l := range list {
		if text, err := j.compare(l.name, l.got); text != "" || err != nil {
			return text, err
		}
	}
	return k.updated(i, r), nil
}

// updated compares the parameters and moments behind step i with what the optimizer's formulas make
// of the step's gradients.
func (k *checker) updated(i int, r *subject.StepResult) string {
	params, moments, _ := k.before(i)
	size, update := len(params), k.Optimizer.update(i, float64(r.Rate))
	for _, p := range k.result.Plan.Params {
		for e := range p.Source.Type.Shape.Elements() {
			at := plan.Floats(p.Buffer.Offset) + e
			s := state{w: float64(params[at]), g: float64(r.Grads[at]), m: float64(moments[at])}
			if len(moments) > size {
				s.v = float64(moments[size+at])
			}
			w, m := update(s)
			if !w.holds(r.Params[at]) {
				return fmt.Sprintf("%s[%d] becomes %.9g, want %.9g ± %.2g", p.Name, e, r.Params[at],
					w.value, w.within)
			}
			for which, b := range m {
				if got := r.Moments[which*size+at]; !b.holds(got) {
					return fmt.Sprintf("moment %d of %s[%d] becomes %.9g, want %.9g ± %.2g", which,
						p.Name, e, got, b.value, b.within)
				}
			}
		}
	}
	return ""
}

// holds reports whether a number is near enough.
func (b bound) holds(got float32) bool {
	return math.Abs(float64(got)-b.value) <= b.within+1e-37
}
