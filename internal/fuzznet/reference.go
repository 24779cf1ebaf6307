package fuzznet

import (
	"math"
	"strings"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/runtime/philox"
)

// reference computes in float64 what a network should. Its graphs are the model with its gradients,
// dissolved to plain operations and nothing else; running statistics and the optimizer's update are
// computed from their formulas here.
type reference struct {
	model *ir.Graph
	train *ir.Graph // with gradients
	infer *ir.Graph

	norms   []*ir.Value // batch norms of the training step
	outputs int         // of train; behind them come what the norms take
}

// named are results by name: loss, logits, losses, d.conv1.weight, bn1.running_mean.
type named map[string][]float64

func newReference(r *compiler.Result) (*reference, error) {
	f := &reference{model: r.Model, train: r.Grad.Clone(), infer: r.Model.Clone()}
	f.outputs = len(f.train.Outputs)
	for _, v := range f.train.Values {
		if v.Op.Name == "batch_norm" {
			f.norms = append(f.norms, v)
			f.train.Outputs = append(f.train.Outputs, ir.Output{Value: v.Args[0]})
		}
	}
	for _, part := range []struct {
		graph *ir.Graph
		mode  ir.Mode
	}{{f.train, ir.Train}, {f.infer, ir.Infer}} {
		if err := pass.Lower(part.graph, part.mode); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// random returns the numbers that the network draws in a step.
func random(seed uint64, step int) func(site, element int) float64 {
	return func(site, element int) float64 {
		return float64(philox.Uniform(seed, uint32(site), uint64(step), uint64(element)))
	}
}

// step computes a training step up to the gradients and the running statistics.
func (f *reference) step(env interp.Env) (named, error) {
	values, err := interp.Run(f.train, env)
	if err != nil {
		return nil, err
	}
	out := named{}
	for _, o := range f.train.Outputs[:f.outputs] {
		out[o.Name] = values[o.Value.Name].Data
	}
	for _, g := range f.train.Gradients {
		out["d."+g.Target.Name] = values[g.Value.Name].Data
	}
	f.statistics(values, env, out)
	return out, nil
}

// statistics adds the running statistics behind a step:
//
//	running = (1-momentum)·running + momentum·batch
//
// where the batch's variance is the unbiased one.
func (f *reference) statistics(values interp.Results, env interp.Env, out named) {
	for i, v := range f.norms {
		mean, variance := moments(values[f.train.Outputs[f.outputs+i].Value.Name])
		momentum := v.Attrs.Float("momentum")
		for i, batch := range [][]float64{mean, variance} {
			state := v.Args[len(v.Args)-2+i].Name
			for c, old := range env.Sources[state].Data {
				out[state] = append(out[state], (1-momentum)*old+momentum*batch[c])
			}
		}
	}
}

// moments returns mean and unbiased variance of each channel, axis 1.
func moments(x ir.Tensor) (mean, variance []float64) {
	channels := x.Shape[1]
	mean, variance = make([]float64, channels), make([]float64, channels)
	area := ir.Shape(x.Shape[2:]).Elements()
	n := float64(x.Shape[0] * area)
	for i, e := range x.Data {
		mean[i/area%channels] += e / n
	}
	for i, e := range x.Data {
		c := i / area % channels
		variance[c] += (e - mean[c]) * (e - mean[c]) / (n - 1)
	}
	return mean, variance
}

// evaluate computes the evaluation of a batch.
func (f *reference) evaluate(env interp.Env) (named, error) {
	values, err := interp.Run(f.infer, env)
	if err != nil {
		return nil, err
	}
	out := named{}
	for _, name := range []string{"logits", "losses"} {
		out[name] = values[f.infer.Output(name).Name].Data
	}
	return out, nil
}

// loss computes the loss of a training step alone.
func (f *reference) loss(env interp.Env) (float64, error) {
	g := f.train.Clone()
	g.Values = nil
	for _, v := range f.train.Values {
		if v.Pass == ir.Forward {
			g.Values = append(g.Values, v)
		}
	}
	values, err := interp.Run(g, env)
	if err != nil {
		return 0, err
	}
	return values[f.train.Output("loss").Name].Data[0], nil
}

// finite reports whether all results are numbers that float32 holds with room for their squares.
func (n named) finite() bool {
	for _, list := range n {
		for _, e := range list {
			if !(math.Abs(e) < 1e15) {
				return false
			}
		}
	}
	return true
}

// gradientOf returns the parameter that results of this name are the gradient of, if they are.
func gradientOf(name string) (string, bool) { return strings.CutPrefix(name, "d.") }
