package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/compiler/ir"
)

// maxPool2dDX emits the gradient of maximum pooling: dy goes to the largest element of its window,
// the first of several.
func maxPool2dDX(k *kernel) error {
	p, err := k.newPooling(k.Args[0].Type, k.Args[1].Type)
	if err != nil {
		return err
	}
	into := p
	into.image = k.out.typ
	body := &code{}
	body.line("clear(dx)")
	body.line("var largest [%d]float32", ir.Lanes)
	body.noted("where in dx the largest is", "var place [%d]int", ir.Lanes)
	p.eachWindow(body, func(c *code) {
		c.block("for lane := range largest", func(c *code) {
			c.line("largest[lane], place[lane] = float32(math.Inf(-1)), -1")
		})
		p.eachPixel(c, func(c *code) {
			c.line("in := %s", lanes16("image", "from"))
			c.line("to := %s", into.pixelOffset())
			c.block("for lane, v := range in", func(c *code) {
				c.block("if v > largest[lane] || place[lane] < 0", func(c *code) {
					c.line("largest[lane], place[lane] = v, to+lane")
				})
			})
		})
		c.line("dys := %s", lanes16("dy", "at"))
		c.block("for lane, v := range dys", func(c *code) { c.line("dx[place[lane]] += v") })
	})
	doc := fmt.Sprintf("adds the gradients of %dx%d windows to their largest elements.",
		p.result.Shape[2], p.result.Shape[3])
	k.emitPlanes(doc, "dx, image, dy []float32", body)
	return nil
}
