package op

import (
	"math"

	"github.com/gradc/gradc/compiler/scalar"
)

// expOf returns e^(c·x) for c > 0 and x <= 0. Rounding c·x to float32 would change the result by as
// much as |c·x| units in the last place, so that the product is kept in two numbers:
//
//	x = h + l, h of at most 12 bits and c = c1 + c2, c1 of 11:  c1·h is exact
//	s = c1·h + (c2·h + c·l) rounded, t what the rounding took:  e^(c·x) = e^s + e^s·t, up to t²/2
//
// Where c is a power of 2, its product is exact.
func expOf(c float64, x *scalar.Expr) *scalar.Expr {
	fraction, exponent := math.Frexp(c)
	if fraction == 0.5 {
		return scalar.Apply(scalar.Exp, scalar.Product(scalar.C(c), x))
	}
	const vanished = 120 // e^-vanished is 0 as a float32, also as a product with a large number
	x = scalar.Apply(scalar.Max, x, scalar.C(-vanished/c))
	// Adding 1.5·2^23·grid leaves multiples of the grid, of which -vanished/c is at most 2^12.
	_, bits := math.Frexp(vanished / c)
	shift := scalar.C(math.Ldexp(1.5, 23+bits-12))
	high := scalar.Difference(scalar.Sum(x, shift), shift)
	low := scalar.Difference(x, high)
	c1 := math.Ldexp(math.Round(math.Ldexp(fraction, 11)), exponent-11)
	exact := scalar.Product(scalar.C(c1), high)
	rest := scalar.Sum(scalar.Product(scalar.C(c-c1), high), scalar.Product(scalar.C(c), low))
	s := scalar.Sum(exact, rest)
	t := scalar.Difference(rest, scalar.Difference(s, exact))
	e := scalar.Apply(scalar.Exp, s)
	return scalar.Sum(e, scalar.Product(e, t))
}
