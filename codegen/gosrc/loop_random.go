package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/scalar"
)

// This file holds the random numbers of a loop's function: one philox.Site for each random site,
// since elements that follow each other share blocks of numbers.

// openSites emits the sites that the function draws from.
func (l *loop) openSites(c *host.Code) {
	l.sites = map[int]string{}
	for _, in := range l.steps.Line.Code {
		if in.Op == scalar.Rand && l.sites[in.Index] == "" {
			l.sites[in.Index] = l.scope.Fresh("site")
			c.Line("%s := philox.At(seed, %d, step)", l.sites[in.Index], in.Index)
		}
	}
}

// random prints the number that a site draws for the element.
func (l *loop) random(site int) string {
	from := ""
	if l.movesOutside(*l.steps.Index) {
		from = element
	}
	at := l.nest.offset(from, *l.steps.Index, l.inner, len(l.nest.axes))
	return fmt.Sprintf("%s.Uniform(uint64(%s))", l.sites[site], at)
}
