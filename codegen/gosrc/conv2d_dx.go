package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
)

// conv2dDX emits the gradient of a convolution's images. With stride 1 and a border around dy that
// is wide enough, it is a convolution of dy with the kernel turned around:
//
//	dx[i] = Σ_k dy[i + pad - k·dilation]·w[k] = Σ_k' dy[i - reach + k'·dilation]·w[K-1-k'],
//	reach = dilation·(K-1) - pad
//
// Otherwise each row of dy is added to the rows of dx that it came from.
func conv2dDX(k *kernel) error {
	dy, w := k.Args[0].Type, k.Args[1].Type
	pad := pairOf(k.Attrs.Ints("pad"))
	c := convolution{in: dy, out: k.out.typ, kernel: pairOf(w.Shape[2:]),
		stride: pairOf(k.Attrs.Ints("stride")), dilation: pairOf(k.Attrs.Ints("dilation")),
		flip: true}
	if err := k.wants(0, goasm.NCHW16c, [2]int{}); err != nil {
		return err
	}
	if err := k.wants(1, goasm.IOHW16i, [2]int{}); err != nil {
		return err
	}
	fits := c.stride == [2]int{1, 1}
	for i := range c.skip {
		c.skip[i] = dy.Layout.Halo[i] - (c.dilation[i]*(c.kernel[i]-1) - pad[i])
		fits = fits && c.skip[i] >= 0
	}
	if fits {
		return k.emitConvolution(k.planes(c), c)
	}
	c.flip = false
	return k.emitConvolution(k.scatter(c, pad), c)
}

// scatter emits the function for strides.
func (k *kernel) scatter(c convolution, pad [2]int) string {
	channels, kh, kw := c.in.Shape[1], c.kernel[0], c.kernel[1]
	dyRows, dyCols := padded(c.in)
	_, dxCols := padded(c.out)
	c.byColumn = true
	pack, row := k.packWeights(c), k.scatterRow(c, pad)
	dyHalo, dxHalo := c.in.Layout.Halo, c.out.Layout.Halo
	more := ""
	if c.ragged() {
		more = ", channels"
	}
	body := &host.Code{}
	body.Line("clear(dx)")
	body.Noted("weights by kernel row and column, channel of dy and 4 channels of dx",
		"var tile [%d]float32", c.tileSize())
	body.Loop("block", ir.Ceil(channels, goasm.Lanes), func(b *host.Code, block string) {
		if c.ragged() {
			b.Line("channels := min(%d, %d-block*%d)", goasm.Lanes, channels, goasm.Lanes)
		}
		b.Line("dys := dy[%s:]", sum(times(block, dyRows*dyCols*goasm.Lanes),
			fmt.Sprint((dyHalo[0]*dyCols+dyHalo[1])*goasm.Lanes)))
		b.Block(fmt.Sprintf("for lane := 0; lane < %d; lane += 4", k.lanesUsed(c)), func(b *host.Code) {
			b.Line("%s(&tile, w[%s:]%s)", pack,
				sum(times(block, goasm.Lanes*kh*kw*goasm.Lanes), "lane"), more)
			b.Block(fmt.Sprintf("for from := range %d", c.in.Shape[2]), func(b *host.Code) {
				b.Loop("down", kh, func(b *host.Code, down string) {
					b.Line("row := %s - %d", sum(times("from", c.stride[0]),
						times(down, c.dilation[0])), pad[0])
					b.Block(fmt.Sprintf("if row < 0 || row >= %d", c.out.Shape[2]), func(b *host.Code) {
						b.Line("continue")
					})
					b.Line("%s(dx[%s:], dys[from*%d:], tile[%s:]%s)", row,
						sum(fmt.Sprint((dxHalo[0]*dxCols+dxHalo[1])*goasm.Lanes), "lane",
							times("row", dxCols*goasm.Lanes)),
						dyCols*goasm.Lanes, sum(times(down, kw*c.tileCol())), more)
				})
			})
		})
	})
	doc := fmt.Sprintf("spreads the gradient of %d channels over a plane of %d channels, "+
		"%dx%d pixels.", channels, goasm.Lanes, c.out.Shape[2], c.out.Shape[3])
	return k.declareOnce(k.name+"Plane", doc, "dx, dy, w []float32", body)
}

// scatterRow emits the function that adds a row of dy to four lanes of a row of dx.
func (k *kernel) scatterRow(c convolution, pad [2]int) string {
	kw, step, dilation := c.kernel[1], c.stride[1], c.dilation[1]
	run, _ := c.run()
	body := &host.Code{}
	body.Loop("right", kw, func(b *host.Code, right string) {
		tile := sum(times(right, c.tileCol()))
		b.Line("ws := (*[%d]float32)(tile[%s:])", run*4, tile)
		b.Block(fmt.Sprintf("for pixel := range %d", c.in.Shape[3]), func(b *host.Code) {
			b.Line("col := %s - %d", sum(times("pixel", step), times(right, dilation)), pad[1])
			b.Block(fmt.Sprintf("if col < 0 || col >= %d", c.out.Shape[3]), func(b *host.Code) {
				b.Line("continue")
			})
			b.Line("sum := (*[4]float32)(dx[col*%d:])", goasm.Lanes)
			b.Line("s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]")
			if c.ragged() {
				b.Line("dys := dy[pixel*%d:][:channels]", goasm.Lanes)
			} else {
				b.Line("dys := (*[%d]float32)(dy[pixel*%d:])", run, goasm.Lanes)
			}
			b.Block("for i, p := range dys", fourSums("ws"))
			b.Line("sum[0], sum[1], sum[2], sum[3] = s0, s1, s2, s3")
		})
	})
	params := "dx, dy, tile []float32"
	if c.ragged() {
		params += ", channels int"
	}
	doc := "adds what a row of dy gives to 4 channels of a row of dx."
	return k.declareOnce(k.name+"Row", doc, params, body)
}
