package op_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// TestDropout checks that while training the elements whose random number is below p vanish, the
// others grow by 1/(1-p), and gradients likewise.
func TestDropout(t *testing.T) {
	const p, site, n = 0.25, 3, 1000
	attrs := ir.Attrs{"p": p, "site": site}
	s := ir.Sample{Attrs: attrs, Args: []ir.SampleArg{
		{Type: ir.Float32(10, n/10), Draw: (*rand.Rand).NormFloat64}}}
	u := newUse(t, op.All()["dropout"], s, newRand())
	r := u.run(t, u.backward(t))
	dropped := 0
	for i := range n {
		factor := 1 / (1 - p)
		if uniform(site, i) < p {
			factor = 0
			dropped++
		}
		x, weight := r["x0"].Data[i], r["weight"].Data[i]
		if y := r["y"].Data[i]; math.Abs(y-x*factor) > 1e-14 {
			t.Errorf("y[%d] is %v, want %v·%v", i, y, x, factor)
		}
		if dx := r["d.x0"].Data[i]; math.Abs(dx-weight*factor) > 1e-14 {
			t.Errorf("dx[%d] is %v, want %v·%v", i, dx, weight, factor)
		}
	}
	if dropped < n/5 || dropped > n/3 {
		t.Errorf("%d of %d elements dropped at p = %v", dropped, n, p)
	}
}
