package pass_test

import (
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
	"github.com/gradc/gradc/compiler/pass"
	"github.com/gradc/gradc/compiler/target/cpu"
)

func TestScheduleErrors(t *testing.T) {
	const train = `graph "errors" "net.go:1"
w: f32[4] = param() shape=[4] init="ones" fan_in=1 fan_out=1 gain=1
s: f32[4] = state() shape=[4] init=0
`
	for _, c := range []struct{ reason, train, update, infer, want string }{
		{"there is no block for it",
			train + "d: f32[4] = map(w) shape=[4] body=\"2*x0\"\ngradient s = d", "", "",
			`map "d": is the gradient of s, which is not a parameter`},
		{"the optimizer would miss parameters",
			train, `params: f32[3] = block() shape=[3] role="params"`, "",
			`block "params": has 12 bytes, the parameters have 16`},
		{"evaluation has no parameters of its own",
			train, "", `v: f32[2] = param() shape=[2] init="ones" fan_in=1 fan_out=1 gain=1`,
			`param "v": is not a source of the training graph`},
		{"the old state is read behind the sum of the new one", train + `next: f32[4] = map(s) shape=[4] body="x0 + 1"
sum: f32[1] = reduce(next) shape=[4] fold="sum" axes=[0] body="x0"
y: f32[4] = map(s, sum) shape=[4] body="x0*x1"
output y = y
update s = next`, "", "", "internal error: these values wait for each other: next y"},
	} {
		_, err := pass.Schedule(cpu.New(), parsed(t, c.train), parsed(t, c.update), parsed(t, c.infer))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %s", c.reason, err, c.want)
		}
	}
}

// parsed returns the graph of a text, nil if that is empty.
func parsed(t *testing.T, text string) *ir.Graph {
	t.Helper()
	if text == "" {
		return nil
	}
	g, err := ir.Parse(text, op.All())
	if err != nil {
		t.Fatal(err)
	}
	return g
}
