package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
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
	body := &host.Code{}
	body.Line("clear(dx)")
	body.Line("var largest [%d]float32", goasm.Lanes)
	body.Noted("where in dx the largest is", "var place [%d]int", goasm.Lanes)
	p.eachWindow(body, func(c *host.Code) {
		c.Block("for lane := range largest", func(c *host.Code) {
			c.Line("largest[lane], place[lane] = float32(math.Inf(-1)), -1")
		})
		p.eachPixel(c, func(c *host.Code) {
			c.Line("in := %s", lanes16("image", "from"))
			c.Line("to := %s", into.pixelOffset())
			c.Block("for lane, v := range in", func(c *host.Code) {
				c.Block("if v > largest[lane] || place[lane] < 0", func(c *host.Code) {
					c.Line("largest[lane], place[lane] = v, to+lane")
				})
			})
		})
		c.Line("dys := %s", lanes16("dy", "at"))
		c.Block("for lane, v := range dys", func(c *host.Code) { c.Line("dx[place[lane]] += v") })
	})
	doc := fmt.Sprintf("adds the gradients of %dx%d windows to their largest elements.",
		p.result.Shape[2], p.result.Shape[3])
	k.emitPlanes(doc, "dx, image, dy []float32", body)
	return nil
}
