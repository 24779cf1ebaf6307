package gosrc

import (
	"maps"
	"slices"

	"github.com/gradc/gradc/codegen/host"
)

// Names of the functions that any network may need.
const (
	clearBorder = "clearBorder"
	addPartials = "addPartials"
	addSpreads  = "addSpreads"
	maxPartials = "maxPartials"
)

// helper notes that the package needs a function, and returns its name.
func (e *emitter) helper(name string) string {
	e.helpers[name] = true
	return name
}

// helperFuncs emits the functions that the package needs.
func (e *emitter) helperFuncs() *host.Code {
	file := &host.Code{}
	bodies := map[string]func() host.Function{clearBorder: clearBorderFunc,
		addPartials: addPartialsFunc, addSpreads: addSpreadsFunc, maxPartials: maxPartialsFunc}
	for _, name := range slices.Sorted(maps.Keys(e.helpers)) {
		f := bodies[name]()
		f.Name = name
		file.Declare(f)
	}
	return file
}

func clearBorderFunc() host.Function {
	c := &host.Code{}
	c.Line("stride := (cols + 2*left) * lanes")
	c.Line("clear(plane[:top*stride])")
	c.Line("clear(plane[(top+rows)*stride : (2*top+rows)*stride])")
	c.Block("for row := top; row < top+rows; row++", func(c *host.Code) {
		c.Line("line := plane[row*stride:][:stride]")
		c.Line("clear(line[:left*lanes])")
		c.Line("clear(line[stride-left*lanes:])")
	})
	return host.Function{
		Doc: []string{
			"clearBorder writes zeros around a plane of rows by cols pixels: top rows above and below,",
			"left pixels on both sides, each of some lanes."},
		Params: "plane []float32, rows, cols, top, left, lanes int", Body: c}
}

func addPartialsFunc() host.Function {
	c := &host.Code{}
	c.Block("for i := range out", func(c *host.Code) {
		c.Line("total := 0.0")
		c.Block("for at := i; at < len(partial); at += len(out)", func(c *host.Code) {
			c.Line("total += float64(partial[at])")
		})
		c.Line("out[i] = float32(total / count)")
	})
	return host.Function{
		Doc: []string{"addPartials adds up the pieces' sums, in order:", "",
			"\tout[i] = 1/count · Σ_p partial[p, i]"},
		Params: "out, partial []float32, count float64", Body: c}
}

func maxPartialsFunc() host.Function {
	c := &host.Code{}
	c.Line("copy(out, partial)")
	c.Block("for at, v := range partial", func(c *host.Code) {
		c.Line("out[at%%len(out)] = max(out[at%%len(out)], v)")
	})
	return host.Function{
		Doc:    []string{"maxPartials returns the largest of the pieces' maxima in out."},
		Params: "out, partial []float32", Body: c}
}

func addSpreadsFunc() host.Function {
	c := &host.Code{}
	c.Block("for i := range out", func(c *host.Code) {
		c.Line("var count, mean, spread float64")
		c.Block("for p := range pieces", func(c *host.Code) {
			c.Line("part := partial[2*p*len(out):]")
			c.Line("n := float64(((p+1)*size/pieces - p*size/pieces) * each)")
			c.Line("count += n")
			c.Line("delta := float64(part[i]) - mean")
			c.Line("mean += delta * n / count")
			c.Line("spread += float64(part[len(out)+i]) + delta*delta*n*(count-n)/count")
		})
		c.Line("out[i] = float32(spread / count)")
	})
	return host.Function{
		Doc: []string{
			"addSpreads makes a variance of the pieces' means m and sums of squared deviations M, where",
			"piece p covers p·size/pieces to (p+1)·size/pieces of axis 0, with each elements apiece.",
			"Chan, Golub and LeVeque, \"Updating formulae and a pairwise algorithm for computing sample",
			"variances\" (1979):", "",
			"\tδ = m_p - m,  m += δ·n_p/n,  M += M_p + δ²·n_p·(n-n_p)/n"},
		Params: "out, partial []float32, pieces, size, each int", Body: c}
}
