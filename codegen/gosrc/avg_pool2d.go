package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/host"
)

// avgPool2d emits the mean of the elements under a window, for 16 channels at a time.
func avgPool2d(k *kernel) error {
	p, err := k.newPooling(k.Args[0].Type, k.out.typ)
	if err != nil {
		return err
	}
	body := &host.Code{}
	clearResult(body, "mean", p.result)
	p.eachWindow(body, func(c *host.Code) {
		c.Line("out := %s", lanes16("mean", "at"))
		c.Line("clear(out[:])")
		p.eachPixel(c, func(c *host.Code) {
			c.Line("in := %s", lanes16("image", "from"))
			c.Block("for lane, v := range in", func(c *host.Code) { c.Line("out[lane] += v") })
		})
		c.Line("share := %s", k.share(p))
		c.Block("for lane := range out", func(c *host.Code) { c.Line("out[lane] *= share") })
	})
	doc := fmt.Sprintf("averages each of %dx%d windows of a plane.",
		p.result.Shape[2], p.result.Shape[3])
	k.emitPlanes(doc, "mean, image []float32", body)
	return nil
}

// share prints what part of a window's mean one of its elements is.
func (k *kernel) share(p pooling) string {
	if k.Attrs.Bool("count_include_pad") || p.inside(0) && p.inside(1) {
		return fmt.Sprintf("float32(1.0 / %d)", p.kernel[0]*p.kernel[1])
	}
	return "1 / float32((bottom-top)*(right-left))"
}
