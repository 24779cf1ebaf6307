package ir_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/scalar"
)

func TestCloneSharesNothing(t *testing.T) {
	g := parse(t, network)
	c := g.Clone()
	if diff := cmp.Diff(network, ir.Format(c)); diff != "" {
		t.Errorf("the clone differs (-want +got):\n%s", diff)
	}
	for _, v := range c.Values {
		v.Name += "x"
		v.Type.Layout = ir.Layout{}
		v.Layer = "x"
	}
	c.Find("conv1x").Args[0] = c.Find("conv1.weightx")
	c.Outputs[0].Value = c.Values[0]
	c.Gradients[0].Target = c.Values[0]
	c.Updates[0].Value = c.Values[0]
	if diff := cmp.Diff(network, ir.Format(g)); diff != "" {
		t.Errorf("a change of the clone shows in the original (-want +got):\n%s", diff)
	}
}

func TestReplace(t *testing.T) {
	g := parse(t, `
		a: f32[2] = input() shape=[2]
		b: f32[2] = input() shape=[2]
		c: f32[2] = input() shape=[2]
		y: f32[2] = add(a, b)
		output y = a
		gradient c = b
		update c = a
	`)
	a, b, c := g.Find("a"), g.Find("b"), g.Find("c")
	g.Replace(map[*ir.Value]*ir.Value{a: b, b: c})
	want := []*ir.Value{c, c, c}
	if got := g.Roots(); !cmp.Equal(want, got, cmp.Comparer(sameValue)) {
		t.Errorf("the roots are %s, want c for each: images are followed to the last", names(got))
	}
	if got := names(g.Find("y").Args); !cmp.Equal(got, []string{"c", "c"}) {
		t.Errorf("the arguments of y are %s, want c, c", got)
	}
}

func sameValue(a, b *ir.Value) bool { return a == b }

func names(values []*ir.Value) []string {
	var list []string
	for _, v := range values {
		list = append(list, v.Name)
	}
	return list
}

func TestGraphLookups(t *testing.T) {
	g := parse(t, network)
	if v := g.Find("nobody"); v != nil {
		t.Errorf("found %s", v.Name)
	}
	if v := g.Output("losses"); v != nil {
		t.Errorf("found %s", v.Name)
	}
	if got := names(g.Sources("param")); !cmp.Equal(got, []string{"conv1.weight"}) {
		t.Errorf("params are %s", got)
	}
	if got := names(g.Users()[g.Find("relu1")]); !cmp.Equal(got, []string{"sum"}) {
		t.Errorf("relu1 is used by %s", got)
	}
	if got := names(g.Roots()); !cmp.Equal(got, []string{"loss", "flat", "conv1.weight", "relu1"}) {
		t.Errorf("roots are %s", got)
	}
}

func TestBuilderNames(t *testing.T) {
	g := &ir.Graph{Ops: op.All()}
	one := func(b *ir.Builder) string { return b.Map("y", ir.Shape{1}, scalar.C(1)).Name }
	b := ir.NewBuilder(g)
	got := []string{one(b), one(b), one(ir.NewBuilder(g))}
	if diff := cmp.Diff([]string{"y", "y.2", "y.3"}, got); diff != "" {
		t.Errorf("names are made unique by numbers (-want +got):\n%s", diff)
	}
}

func TestBuilderPrunes(t *testing.T) {
	g := parse(t, `
		a: f32[2] = input() shape=[2]
		b: f32[2] = input() shape=[2]
	`)
	a, b := g.Find("a"), g.Find("b")
	y := ir.NewBuilder(g).Map("y", ir.Shape{2}, scalar.MustParse("x1*x3 + x1*x2"), b, a, b, a)
	const want = `y: f32[2] = map(a, b) shape=[2] body="x0*x0 + x0*x1"`
	if got := ir.FormatValue(y); got != want {
		t.Errorf("%s\nwant %s: equal arguments become one, unread ones go", got, want)
	}
}
