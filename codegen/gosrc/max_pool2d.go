package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/host"
)

// maxPool2d emits the largest element under a window, for 16 channels at a time.
func maxPool2d(k *kernel) error {
	p, err := k.newPooling(k.Args[0].Type, k.out.typ)
	if err != nil {
		return err
	}
	body := &host.Code{}
	clearResult(body, "largest", p.result)
	p.eachWindow(body, func(c *host.Code) {
		c.Line("out := %s", lanes16("largest", "at"))
		c.Block("for lane := range out", func(c *host.Code) {
			c.Line("out[lane] = float32(math.Inf(-1))")
		})
		p.eachPixel(c, func(c *host.Code) {
			c.Line("in := %s", lanes16("image", "from"))
			c.Block("for lane, v := range in", func(c *host.Code) {
				c.Line("out[lane] = max(out[lane], v)")
			})
		})
	})
	doc := fmt.Sprintf("finds the maximum under each of %dx%d windows of a plane.",
		p.result.Shape[2], p.result.Shape[3])
	k.emitPlanes(doc, "largest, image []float32", body)
	return nil
}
