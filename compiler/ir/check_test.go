package ir_test

import (
	"strings"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(g *ir.Graph)
	}{
		{`net.go:11: conv2d "conv1": argument conv1.weight does not come before it`,
			func(g *ir.Graph) { g.Values[2], g.Values[4] = g.Values[4], g.Values[2] }},
		{`a b:12: relu "conv1": the name is used twice`,
			func(g *ir.Graph) { g.Find("relu1").Name = "conv1" }},
		{`map "a b": a name is empty or has a character with a meaning in the text form`,
			func(g *ir.Graph) { g.Find("one").Name = "a b" }},
		{`map "one": a name is empty or has a character with a meaning in the text form`,
			func(g *ir.Graph) { g.Find("one").Layer = "a)" }},
		{`map "": a name is empty or has a character with a meaning in the text form`,
			func(g *ir.Graph) { g.Find("one").Name = "" }},
		{`map "one": attribute body is missing`,
			func(g *ir.Graph) { g.Find("one").Attrs = ir.Attrs{"shape": []int{4}} }},
		{`input "images": attribute shape has type int`,
			func(g *ir.Graph) { g.Find("images").Attrs = ir.Attrs{"shape": 4} }},
		{`input "images": unknown attribute pad`, func(g *ir.Graph) {
			g.Find("images").Attrs = ir.Attrs{"shape": []int{4, 3, 8, 8}, "pad": 1}
		}},
		{`a b:12: relu "relu1": takes 1 argument, has 2`, func(g *ir.Graph) {
			g.Find("relu1").Args = []*ir.Value{g.Find("conv1"), g.Find("conv1")}
		}},
		{`reshape "flat": type f32[2,2], but the operation yields f32[4,1]`,
			func(g *ir.Graph) { g.Find("flat").Type = ir.Float32(2, 2) }},
		{`labels "labels": type f32[4], but the operation yields i32[4]`,
			func(g *ir.Graph) { g.Find("labels").Type.DType = ir.F32 }},
		{`graph "tiny \"net\"": root 0 (loss) is not of the graph`,
			func(g *ir.Graph) { g.Values = g.Values[:len(g.Values)-1] }},
		{`graph "tiny \"net\"": relu1 is not a source`,
			func(g *ir.Graph) { g.Updates[0].Target = g.Find("relu1") }},
		{`map "one": shape [4] does not fit mean of shape [4,5,8,8]`,
			func(g *ir.Graph) { g.Updates[0].Value = g.Find("one") }},
	} {
		g := parse(t, network)
		c.spoil(g)
		if err := ir.Check(g); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func TestAddErrors(t *testing.T) {
	for _, c := range []struct {
		op    string
		args  []string
		attrs ir.Attrs
		want  string
	}{
		{"convolve", nil, nil, "no operation is named convolve"},
		{"input", nil, ir.Attrs{}, "attribute shape is missing"},
		{"relu", []string{"conv1"}, ir.Attrs{"slope": 1.0}, "unknown attribute slope"},
		{"reshape", []string{"flat"}, ir.Attrs{"shape": []int{3}}, "have different numbers of elements"},
	} {
		g := parse(t, network)
		before := len(g.Values)
		var args []*ir.Value
		for _, name := range c.args {
			args = append(args, g.Find(name))
		}
		_, err := ir.NewBuilder(g).Add("v", c.op, args, c.attrs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.op, err, c.want)
		}
		if len(g.Values) != before {
			t.Errorf("%s: a value was added in spite of the error", c.op)
		}
	}
}

func TestApplyPanicsWithRuleError(t *testing.T) {
	b := ir.NewBuilder(&ir.Graph{Ops: op.All()})
	b.Origin = ir.Origin{Layer: "conv1", Pos: "net.go:5"}
	defer func() {
		const want = `net.go:5: internal error in a rule of layer "conv1": input: ` +
			`attribute shape is missing`
		if e, ok := recover().(*ir.RuleError); !ok || e.Error() != want {
			t.Errorf("recovered %v, want %s", e, want)
		}
	}()
	b.Apply("x", "input", nil, ir.Attrs{})
}
