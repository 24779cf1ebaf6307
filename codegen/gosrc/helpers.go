package gosrc

import (
	"maps"
	"slices"
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
func (e *emitter) helperFuncs(file *code) error {
	bodies := map[string]func() function{clearBorder: clearBorderFunc,
		addPartials: addPartialsFunc, addSpreads: addSpreadsFunc, maxPartials: maxPartialsFunc}
	for _, name := range slices.Sorted(maps.Keys(e.helpers)) {
		f := bodies[name]()
		f.name = name
		file.declare(f)
	}
	return nil
}

func clearBorderFunc() function {
	c := &code{}
	c.line("stride := (cols + 2*left) * lanes")
	c.line("clear(plane[:top*stride])")
	c.line("clear(plane[(top+rows)*stride : (2*top+rows)*stride])")
	c.block("for row := top; row < top+rows; row++", func(c *code) {
		c.line("line := plane[row*stride:][:stride]")
		c.line("clear(line[:left*lanes])")
		c.line("clear(line[stride-left*lanes:])")
	})
	return function{
		doc: []string{
			"clearBorder writes zeros around a plane of rows by cols pixels: top rows above and below,",
			"left pixels on both sides, each of some lanes."},
		params: "plane []float32, rows, cols, top, left, lanes int", body: c}
}

func addPartialsFunc() function {
	c := &code{}
	c.block("for i := range out", func(c *code) {
		c.line("total := 0.0")
		c.block("for at := i; at < len(partial); at += len(out)", func(c *code) {
			c.line("total += float64(partial[at])")
		})
		c.line("out[i] = float32(total / count)")
	})
	return function{
		doc: []string{"addPartials adds up the pieces' sums, in order:", "",
			"\tout[i] = 1/count · Σ_p partial[p, i]"},
		params: "out, partial []float32, count float64", body: c}
}

func maxPartialsFunc() function {
	c := &code{}
	c.line("copy(out, partial)")
	c.block("for at, v := range partial", func(c *code) {
		c.line("out[at%%len(out)] = max(out[at%%len(out)], v)")
	})
	return function{
		doc:    []string{"maxPartials returns the largest of the pieces' maxima in out."},
		params: "out, partial []float32", body: c}
}

func addSpreadsFunc() function {
	c := &code{}
	c.block("for i := range out", func(c *code) {
		c.line("var count, mean, spread float64")
		c.block("for p := range pieces", func(c *code) {
			c.line("part := partial[2*p*len(out):]")
			c.line("n := float64(((p+1)*size/pieces - p*size/pieces) * each)")
			c.line("count += n")
			c.line("delta := float64(part[i]) - mean")
			c.line("mean += delta * n / count")
			c.line("spread += float64(part[len(out)+i]) + delta*delta*n*(count-n)/count")
		})
		c.line("out[i] = float32(spread / count)")
	})
	return function{
		doc: []string{
			"addSpreads makes a variance of the pieces' means m and sums of squared deviations M, where",
			"piece p covers p·size/pieces to (p+1)·size/pieces of axis 0, with each elements apiece.",
			"Chan, Golub and LeVeque, \"Updating formulae and a pairwise algorithm for computing sample",
			"variances\" (1979):", "",
			"\tδ = m_p - m,  m += δ·n_p/n,  M += M_p + δ²·n_p·(n-n_p)/n"},
		params: "out, partial []float32, pieces, size, each int", body: c}
}
