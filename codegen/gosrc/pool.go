package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
)

// pooling is the geometry of a window that slides over images in blocks of channels.
type pooling struct {
	image, result       ir.Type // what the window lies on, and what has one pixel per window
	kernel, stride, pad [2]int
}

// newPooling reads the geometry from the attributes.
func (k *kernel) newPooling(image, result ir.Type) (pooling, error) {
	p := pooling{image: image, result: result, kernel: pairOf(k.Attrs.Ints("kernel")),
		stride: pairOf(k.Attrs.Ints("stride")), pad: pairOf(k.Attrs.Ints("pad"))}
	for i := range k.Args {
		if err := k.wants(i, goasm.NCHW16c, [2]int{}); err != nil {
			return p, err
		}
	}
	return p, nil
}

// emitPlanes emits a function and its calls for each plane of the result and the same plane of the
// arguments.
func (k *kernel) emitPlanes(doc, params string, body *host.Code) {
	name := k.twinOf(k.declareOnce(k.name+"Plane", doc, params, body), params)
	k.allAround(k.method, func(c *host.Code) {
		args := [][2]string{{k.outWindow(planeSize(k.out.typ)), k.out.typ.String()}}
		for i, a := range k.Args {
			stride := a.Type.Place().Stride
			args = append(args, [2]string{
				k.moving(i, [2]int{stride[0], stride[1]}, planeSize(a.Type)), a.Type.String()})
		}
		c.Line("%s", call(name, args...))
	})
}

// eachWindow emits the loops over the windows of a plane. Within, rows and columns of the image
// from top to bottom-1 and left to right-1 are what a window covers, at is the offset of its pixel
// in the result.
func (p *pooling) eachWindow(c *host.Code, body func(*host.Code)) {
	halo := p.result.Layout.Halo
	_, cols := padded(p.result)
	c.Block(fmt.Sprintf("for row := range %d", p.result.Shape[2]), func(c *host.Code) {
		p.bounds(c, 0, "row", "top", "bottom")
		c.Block(fmt.Sprintf("for col := range %d", p.result.Shape[3]), func(c *host.Code) {
			p.bounds(c, 1, "col", "left", "right")
			c.Line("at := %s", sum(fmt.Sprint((halo[0]*cols+halo[1])*goasm.Lanes),
				times("row", cols*goasm.Lanes), times("col", goasm.Lanes)))
			body(c)
		})
	})
}

// bounds emits from where to where a window reaches along an axis, without padding.
func (p *pooling) bounds(c *host.Code, axis int, at, from, to string) {
	size, start := p.image.Shape[2+axis], orZero(times(at, p.stride[axis]))
	if p.inside(axis) {
		c.Line("%s, %s := %s, %s", from, to, start, sum(start, fmt.Sprint(p.kernel[axis])))
		return
	}
	c.Line("%s := max(0, %s-%d)", from, start, p.pad[axis])
	c.Line("%s := min(%d, %s+%d)", to, size, start, p.kernel[axis]-p.pad[axis])
}

// inside reports whether windows never reach over the image's edge along an axis.
func (p *pooling) inside(axis int) bool {
	last := (p.result.Shape[2+axis] - 1) * p.stride[axis]
	return p.pad[axis] == 0 && last+p.kernel[axis] <= p.image.Shape[2+axis]
}

// eachPixel emits the loops over the pixels of the image that a window covers. Within, from is the
// offset of the pixel.
func (p *pooling) eachPixel(c *host.Code, body func(*host.Code)) {
	c.Block("for y := top; y < bottom; y++", func(c *host.Code) {
		c.Block("for x := left; x < right; x++", func(c *host.Code) {
			c.Line("from := %s", p.pixelOffset())
			body(c)
		})
	})
}

// pixelOffset prints the offset of the pixel at row y and column x of the image.
func (p *pooling) pixelOffset() string {
	halo := p.image.Layout.Halo
	_, cols := padded(p.image)
	return sum(fmt.Sprint((halo[0]*cols+halo[1])*goasm.Lanes), times("y", cols*goasm.Lanes),
		times("x", goasm.Lanes))
}

// clearResult emits zeros where the loops behind it leave a border.
func clearResult(c *host.Code, name string, t ir.Type) {
	if t.Layout.Halo != [2]int{} {
		c.Line("clear(%s)", name)
	}
}

// lanes16 prints a slice's 16 lanes at an offset.
func lanes16(name, at string) string {
	return fmt.Sprintf("(*[%d]float32)(%s[%s:])", goasm.Lanes, name, at)
}
