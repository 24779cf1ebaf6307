package compiler_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradc/gradc/compiler"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
	"github.com/gradc/gradc/compiler/planexec"
)

// TestMutatedPlans changes one number of the plan of a random network. Either plan.Check finds that,
// or the plan computes the same.
func TestMutatedPlans(t *testing.T) {
	found, harmless := 0, 0
	for seed := range uint64(15) {
		g := randomNetwork(rand.New(rand.NewPCG(seed, 6)), 5)
		r := rand.New(rand.NewPCG(seed, 7))
		whole := finelyCut(t, g)
		want, err := results(whole)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			c := finelyCut(t, g)
			what := mutate(c.Plan, r)
			if plan.Check(c.Plan) != nil {
				found++
				continue
			}
			harmless++
			got, err := results(c)
			if err != nil || !slices.EqualFunc(want, got, near) {
				t.Errorf("seed %d: %s goes unnoticed (%v)", seed, what, err)
			}
		}
	}
	if found < 200 {
		t.Errorf("%d mutations were found, %d changed nothing", found, harmless)
	}
}

func finelyCut(t *testing.T, g *ir.Graph) *compiler.Result {
	t.Helper()
	r := compile(t, g.Clone())
	if err := cutFinely(r.Plan); err != nil {
		t.Fatal(err)
	}
	if err := plan.Check(r.Plan); err != nil {
		t.Fatal(err)
	}
	return r
}

// results runs a step of training and returns its outputs and all blocks.
func results(r *compiler.Result) (list []float64, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("panic: %v", e)
		}
	}()
	m := planexec.New(r.Plan)
	m.Rand = uniform
	for _, g := range []*ir.Graph{r.Train, r.Update} {
		for name, source := range contents(g).Sources {
			if v := g.Find(name); v.Op.Name != "block" || v.Attrs.Str("role") != "grads" {
				if err := m.Set(name, source.Data); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := m.Train(); err != nil {
		return nil, err
	}
	for _, o := range r.Plan.TrainOutputs {
		list = append(list, m.Read(o.Operand).Data...)
	}
	for _, b := range r.Plan.Buffers {
		if b.Space != plan.Arena {
			data, err := m.Get(b.Name)
			if err != nil {
				return nil, err
			}
			list = append(list, data...)
		}
	}
	return list, nil
}

// number is a number of a plan.
type number struct {
	name string
	at   *int
}

// mutate changes a number of a training step and says which.
func mutate(p *plan.Program, r *rand.Rand) string {
	s := p.Train[r.IntN(len(p.Train))]
	if s.Combine != nil && r.IntN(2) == 0 {
		s = s.Combine
	}
	list := numbers(s)
	n := list[r.IntN(len(list))]
	old := *n.at
	for *n.at == old {
		*n.at = []int{0, old - 1, old + 1, 2 * old, old + 16, old / 2}[r.IntN(6)]
	}
	return fmt.Sprintf("step %s: %s is %d, not %d", s.Name, n.name, *n.at, old)
}

// numbers returns the numbers of a step that say where and in which order it works.
func numbers(s *plan.Step) []number {
	var list []number
	add := func(name string, at *int) { list = append(list, number{name, at}) }
	for i := range s.Cuts {
		add("cut size", &s.Cuts[i].Size)
		add("cut unit", &s.Cuts[i].Unit)
		add("cut pieces", &s.Cuts[i].Pieces)
	}
	for i := range s.Combines {
		c := &s.Combines[i]
		add("parts", &c.Parts.At)
		add("each", &c.Each)
		add("stats", &c.Stats)
		add("cut of parts", &c.Cut.Unit)
	}
	for _, o := range s.Writes() {
		add("offset of "+o.Name, &o.Buffer.Offset)
		add("first use of "+o.Name, &o.Buffer.First)
		add("last use of "+o.Name, &o.Buffer.Last)
		add("size of "+o.Name, &o.Buffer.Size)
	}
	if n := s.Nest; n != nil {
		list = append(list, nestNumbers(n)...)
	}
	return list
}

func nestNumbers(n *plan.Nest) []number {
	var list []number
	add := func(name string, at *int) { list = append(list, number{name, at}) }
	for i := range n.Axes {
		a := &n.Axes[i]
		add(fmt.Sprint("size of axis ", i), &a.Cut.Size)
		add(fmt.Sprint("unit of axis ", i), &a.Cut.Unit)
		add(fmt.Sprint("pieces of axis ", i), &a.Cut.Pieces)
		add(fmt.Sprint("inner of axis ", i), &a.Inner)
	}
	for k, a := range n.Accesses() {
		add(fmt.Sprint("base ", k), &a.Base)
		for i := range a.Stride {
			add(fmt.Sprintf("stride %d of access %d", i, k), &a.Stride[i])
		}
	}
	for i := range n.Outs {
		add(fmt.Sprint("lead of result ", i), &n.Outs[i].Lead)
		add(fmt.Sprint("instruction of result ", i), &n.Outs[i].Instr)
	}
	for i := range n.Sums {
		s := &n.Sums[i]
		add(fmt.Sprint("level of sum ", i), &s.Level)
		add(fmt.Sprint("size of sum ", i), &s.Size)
		add(fmt.Sprint("instruction of sum ", i), &s.Instr)
		for k := range s.Stride {
			add(fmt.Sprintf("stride %d of sum %d", k, i), &s.Stride[k])
		}
	}
	for i := range n.Folds {
		f := &n.Folds[i]
		add(fmt.Sprint("level of fold ", i), &f.Level)
		add(fmt.Sprint("sum of fold ", i), &f.Sum)
		add(fmt.Sprint("squares of fold ", i), &f.Squares)
		for j := range f.Targets {
			add(fmt.Sprintf("piece of fold %d", i), &f.Targets[j].Piece)
		}
	}
	return list
}
