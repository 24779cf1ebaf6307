package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/host"
)

// avgPool2dDX emits the gradient of average pooling: the elements of a window share its dy.
func avgPool2dDX(k *kernel) error {
	p, err := k.newPooling(k.out.typ, k.Args[0].Type)
	if err != nil {
		return err
	}
	body := &host.Code{}
	body.Line("clear(dx)")
	p.eachWindow(body, func(c *host.Code) {
		c.Line("dys := %s", lanes16("dy", "at"))
		c.Line("share := %s", k.share(p))
		p.eachPixel(c, func(c *host.Code) {
			c.Line("out := %s", lanes16("dx", "from"))
			c.Block("for lane, v := range dys", func(c *host.Code) { c.Line("out[lane] += v * share") })
		})
	})
	doc := fmt.Sprintf("spreads the gradients of %dx%d windows over a plane.",
		p.result.Shape[2], p.result.Shape[3])
	k.emitPlanes(doc, "dx, dy []float32", body)
	return nil
}
