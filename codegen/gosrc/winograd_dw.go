package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradDW emits the gradient of kernels, from images in tiles.
func winogradDW(k *kernel) error {
	x, dy, pad := k.Args[0].Type, k.Args[1].Type, pairOf(k.Attrs.Ints("pad"))
	if err := k.wants(0, goasm.NCHW16c, pad); err != nil {
		return err
	}
	if err := k.wants(1, goasm.NCHW16c, [2]int{}); err != nil {
		return err
	}
	if err := wantBlocks(x.Shape[1], dy.Shape[1]); err != nil {
		return err
	}
	name := k.weightTiles(pad)
	block, blocks := k.span(0)
	channel, channels := k.span(1)
	first, images := "0", fmt.Sprint(x.Shape[0])
	if n := k.step.Split; n > 1 {
		k.method.Line("first, last := split*%s/%d, (split+1)*%s/%d", images, n, images, n)
		first, images = "first", "last-first"
	}
	dw := k.out.typ.Place().Stride
	at := k.out.at
	if !k.out.relative {
		at = sum(at, scaled(block, dw[0]), scaled(channel, dw[1]))
	}
	xHome, xAt := k.arg(0)
	dyHome, dyAt := k.arg(1)
	xStride, dyStride := x.Place().Stride, dy.Place().Stride
	k.method.Line("%s", call("n."+name,
		[2]string{slice(k.out.home, at, 0, false), k.out.typ.String()},
		[2]string{slice(xHome, sum(xAt, times(first, xStride[0])), 0, false), x.String()},
		[2]string{slice(dyHome, sum(dyAt, times(first, dyStride[0]), scaled(block, dyStride[1])),
			0, false), dy.String()},
		[2]string{"scratch", ""}, [2]string{orZero(channel), "the first channel of the images"},
		[2]string{channels, "channels of the images"}, [2]string{blocks, "blocks of the result's"},
		[2]string{images, "images"}))
	return nil
}

// weightTiles emits the function that computes the gradients for some channels of images and some
// blocks of channels of the result.
func (k *kernel) weightTiles(pad [2]int) string {
	x, dy, piece := k.Args[0].Type, k.Args[1].Type, k.step.Piece()
	t := winograd.NewTiling(dy.Shape[2], dy.Shape[3], dy.Shape[0])
	pixels, gradients := newTiled(t, x, pad, winograd.Patch), newTiled(t, dy, [2]int{}, winograd.Tile)
	w := winograd.NewGradient(t, ir.Ceil(piece[1], goasm.Lanes), x.Shape[1]/goasm.Lanes,
		ir.Ceil(piece[0], goasm.Lanes), goasm.Lanes)
	in, space := w.In, w.Workspace
	vStep, hStep, sStep := space[0].Step*goasm.Lanes, space[1].Step*goasm.Lanes, space[2].Step*goasm.Lanes
	lanes, panel := t.Tiles*goasm.Lanes, goasm.Lanes*goasm.Lanes
	body := &host.Code{}
	body.Noted("blocks of channels", "low, high := channel/%d, (channel+channels+%d)/%d",
		goasm.Lanes, goasm.Lanes-1, goasm.Lanes)
	body.Line("clear(s)")
	gradients.eachChunk(body, func(c *host.Code) {
		c.Block("for block := low; block < high; block++", func(c *host.Code) {
			pixels.read(c, k.shared("winogradInput"), "v", "(block-low)", "x", "block", vStep)
		})
		c.Block("for block := range blocks", func(c *host.Code) {
			gradients.read(c, k.shared("winogradGradient"), "h", "block", "dy", "block", hStep)
		})
		c.Block(fmt.Sprintf("for number := range %d", winograd.Numbers), func(c *host.Code) {
			c.Block("for block := range blocks", func(c *host.Code) {
				c.Block("for in := range high - low", func(c *host.Code) {
					c.Line("%s", call(k.shared("winogradSum"),
						[2]string{fmt.Sprintf("s[number*%d+block*%d+in*%d:]", sStep, in*panel, panel)},
						[2]string{fmt.Sprintf("v[number*%d+in*%d:]", vStep, lanes)},
						[2]string{fmt.Sprintf("h[number*%d+block*%d:]", hStep, lanes)},
						[2]string{times("count", t.Across), "tiles"}))
				})
			})
		})
	})
	body.Block("for block := range blocks", func(c *host.Code) {
		c.Line("%s(dw[block*%d:], s[block*%d+channel%%%d*%d:], channels, %d)",
			k.shared("winogradKernel"), k.out.typ.Place().Stride[0], in*panel, goasm.Lanes, goasm.Lanes, sStep)
	})
	doc := fmt.Sprintf("computes the gradients of the weights for some blocks of channels of the "+
		"result and some channels of the images, %d tiles at a time.", t.Rows*t.Across)
	return k.declareMethod(k.name+"Tiles", doc,
		"dw, x, dy, scratch []float32, channel, channels, blocks, images int",
		within(body, space))
}
