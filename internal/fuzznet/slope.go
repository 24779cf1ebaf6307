package fuzznet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradc/gradc/compiler/interp"
	"github.com/gradc/gradc/compiler/ir"
)

// slope compares the reference's gradients g with how its loss changes along directions u of the
// parameters:
//
//	(loss(p + h·u) - loss(p - h·u))/2h ≈ Σ g·u
//
// It does so around points that are not special, so that no bend is met but by chance: one of the
// points has to agree.
func (k *checker) slope(env interp.Env) (string, error) {
	if k.Plain || !k.steps[0].want.finite() {
		return "", nil
	}
	r := rand.New(rand.NewPCG(k.Seed, 6))
	text := ""
	for range 4 {
		var err error
		if text, err = k.slopeAt(r, k.moved(r, env, nil, 0.01)); text == "" || err != nil {
			return text, err
		}
	}
	return text, nil
}

func (k *checker) slopeAt(r *rand.Rand, env interp.Env) (string, error) {
	g, err := k.compiled.step(env)
	if err != nil {
		return "", err
	}
	u := map[string][]float64{}
	want, size := 0.0, 0.0
	for name, list := range g {
		param, ok := gradientOf(name)
		if !ok {
			continue
		}
		direction := make([]float64, len(list))
		for i, e := range list {
			direction[i] = r.NormFloat64()
			want += e * direction[i]
			size += e * e
		}
		u[param] = direction
	}
	const h = 1e-7
	var losses [2]float64
	for i, sign := range []float64{h, -h} {
		if losses[i], err = k.loss(k.moved(nil, env, u, sign)); err != nil {
			return "", err
		}
	}
	got := (losses[0] - losses[1]) / (2 * h)
	rounding := 1e-14 * math.Abs(losses[0]) / h
	if math.Abs(got-want) <= 1e-4*math.Sqrt(size)+10*rounding {
		return "", nil
	}
	return fmt.Sprintf("the loss changes by %g, the reference's gradients say %g", got, want), nil
}

// moved returns env with its parameters moved by size along a direction, a random one if u is nil.
func (k *checker) moved(
	r *rand.Rand, env interp.Env, u map[string][]float64, size float64,
) interp.Env {
	sources := map[string]ir.Tensor{}
	for name, t := range env.Sources {
		sources[name] = t
	}
	for _, p := range k.model.Sources("param") {
		from, to := sources[p.Name], ir.NewTensor(p.Type.Shape)
		for i, e := range from.Data {
			if u == nil {
				to.Data[i] = e + size*r.NormFloat64()
			} else {
				to.Data[i] = e + size*u[p.Name][i]
			}
		}
		sources[p.Name] = to
	}
	env.Sources = sources
	return env
}
