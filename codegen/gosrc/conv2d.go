package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
)

// A convolution of images in blocks of 16 channels computes one plane of 16 result channels at a
// time. For each block of input channels and each four of the result's lanes it packs the weights
// so that the innermost loop reads both factors in order, then runs over the pixels with four sums
// in registers:
//
//	sum[0..3] += tile[k][0..3]·x[k],  k over kernel columns and 16 channels
//
// Four sums are what Go's compiler keeps in registers together with their products; the chains of
// additions are long enough to hide their latency.

// convolution is the geometry of a convolution with stride, as its function sees it.
type convolution struct {
	in, out                  ir.Type
	kernel, stride, dilation [2]int
	skip                     [2]int // rows and columns of the input's border that it does not need
	flip                     bool   // the kernel is turned around
	byColumn                 bool   // the innermost loop does not run over kernel columns
}

func conv2d(k *kernel) error {
	x, w := k.Args[0].Type, k.Args[1].Type
	pad := pairOf(k.Attrs.Ints("pad"))
	c := convolution{in: x, out: k.out.typ, kernel: pairOf(w.Shape[2:]),
		stride: pairOf(k.Attrs.Ints("stride")), dilation: pairOf(k.Attrs.Ints("dilation"))}
	for i := range c.skip {
		c.skip[i] = x.Layout.Halo[i] - pad[i]
	}
	if err := k.wants(1, goasm.OIHW16o, [2]int{}); err != nil {
		return err
	}
	if err := k.wants(0, x.Layout.Order, pad); err != nil {
		return err
	}
	if x.Layout.Order == ir.RowMajor {
		return k.emitConvolution(k.fewChannels(c), c)
	}
	return k.emitConvolution(k.planes(c), c)
}

// pairOf returns two numbers, of rows and of columns.
func pairOf(v []int) [2]int { return [2]int{v[0], v[1]} }

// emitConvolution emits the calls of a function that computes a plane of 16 result channels.
func (k *kernel) emitConvolution(name string, c convolution) error {
	k.allAround(k.method, func(body *host.Code) {
		body.Line("%s", call(k.twinOf(name, "y, x, w []float32"),
			[2]string{k.outWindow(planeSize(c.out)), c.out.String()},
			[2]string{k.moving(0, [2]int{k.Args[0].Type.Place().Stride[0], 0}, imageSize(c.in)),
				c.in.String()},
			[2]string{k.moving(1, [2]int{0, c.weights()}, c.weights()),
				k.Args[1].Type.String()}))
	})
	return nil
}

// imageSize returns the elements of one image with all channels.
func imageSize(t ir.Type) int { return t.Place().Size / t.Shape[0] }

// weights returns the number of weights of 16 result channels.
func (c *convolution) weights() int {
	return c.in.Shape[1] * c.kernel[0] * c.kernel[1] * goasm.Lanes
}

// run returns how many numbers the innermost loop multiplies in order, and whether these are of
// all columns of the kernel.
func (c *convolution) run() (n int, columns bool) {
	if c.in.Shape[1]%goasm.Lanes == 0 && c.dilation[1] == 1 && !c.byColumn {
		return c.kernel[1] * goasm.Lanes, true
	}
	return min(goasm.Lanes, c.in.Shape[1]), false
}

// ragged reports whether the last of several blocks of input channels is not full.
func (c *convolution) ragged() bool {
	return c.in.Shape[1] > goasm.Lanes && c.in.Shape[1]%goasm.Lanes != 0
}

// tileCol returns how many packed weights there are for one place of the kernel.
func (c *convolution) tileCol() int { return min(goasm.Lanes, c.in.Shape[1]) * 4 }

// tileSize returns the size of the packed weights.
func (c *convolution) tileSize() int { return c.kernel[0] * c.kernel[1] * c.tileCol() }

// planes emits the function for images in blocks of channels.
func (k *kernel) planes(c convolution) string {
	channels := c.in.Shape[1]
	xRows, xCols := padded(c.in)
	pack, row := k.packWeights(c), k.convRow(c)
	_, cols := padded(c.out)
	halo := c.out.Layout.Halo
	more := ""
	if c.ragged() {
		more = ", channels"
	}
	body := &host.Code{}
	body.Line("clear(y)")
	body.Noted("weights by kernel row and column, input channel and 4 result channels",
		"var tile [%d]float32", c.tileSize())
	body.Loop("block", ir.Ceil(channels, goasm.Lanes), func(b *host.Code, block string) {
		if c.ragged() {
			b.Line("channels := min(%d, %d-block*%d)", goasm.Lanes, channels, goasm.Lanes)
		}
		b.Line("xs := x[%s:]", sum(times(block, xRows*xCols*goasm.Lanes),
			fmt.Sprint((c.skip[0]*xCols+c.skip[1])*goasm.Lanes)))
		b.Block(fmt.Sprintf("for lane := 0; lane < %d; lane += 4", k.lanesUsed(c)), func(b *host.Code) {
			b.Line("%s(&tile, w[%s:]%s)", pack,
				sum(times(block, goasm.Lanes*c.kernel[0]*c.kernel[1]*goasm.Lanes), "lane"), more)
			b.Block(fmt.Sprintf("for row := range %d", c.out.Shape[2]), func(b *host.Code) {
				b.Line("%s(y[%s:], xs[row*%d:], &tile%s)", row,
					sum(fmt.Sprint((halo[0]*cols+halo[1])*goasm.Lanes), "lane",
						times("row", cols*goasm.Lanes)),
					c.stride[0]*xCols*goasm.Lanes, more)
			})
		})
	})
	doc := fmt.Sprintf("convolves an image of %d channels to a plane of %d channels, "+
		"%dx%d pixels.", channels, goasm.Lanes, c.out.Shape[2], c.out.Shape[3])
	return k.declareOnce(k.name+"Plane", doc, "y, x, w []float32", body)
}

// lanesUsed returns the lanes of the result to compute, a multiple of four.
func (k *kernel) lanesUsed(c convolution) int {
	return min(goasm.Lanes, ir.Ceil(c.out.Shape[1], 4)*4)
}

// packWeights emits the function that copies the weights of one block of input channels for four
// result channels, in the order in which the inner loop needs them.
func (k *kernel) packWeights(c convolution) string {
	kh, kw := c.kernel[0], c.kernel[1]
	channels, params := fmt.Sprint(min(goasm.Lanes, c.in.Shape[1])), ""
	if c.ragged() {
		channels, params = "channels", ", channels int"
	}
	from := func(row, col string) string {
		return sum(times("channel", kh*kw*goasm.Lanes), times(row, kw*goasm.Lanes), times(col, goasm.Lanes))
	}
	doc := "copies the weights of 4 result channels for one block of input channels."
	if c.flip {
		doc = "copies the weights of 4 result channels for one block, the kernel turned around."
	}
	body := &host.Code{}
	if !c.ragged() {
		body.Line("i := 0")
	}
	body.Loop("row", kh, func(b *host.Code, row string) {
		b.Loop("col", kw, func(b *host.Code, col string) {
			if c.ragged() {
				b.Line("i := %s", sum(times(row, kw*c.tileCol()), times(col, c.tileCol())))
			}
			b.Block("for channel := range "+channels, func(b *host.Code) {
				b.Line("*(*[4]float32)(tile[i:]) = [4]float32(w[%s:])",
					from(flipped(row, kh, c.flip), flipped(col, kw, c.flip)))
				b.Line("i += 4")
			})
		})
	})
	return k.declareOnce(k.name+"Weights", doc,
		fmt.Sprintf("tile *[%d]float32, w []float32%s", c.tileSize(), params), body)
}

// flipped prints a place of the kernel along an axis, counted from the end if flip is set.
func flipped(variable string, size int, flip bool) string {
	if flip && variable != "0" {
		return fmt.Sprintf("(%d-%s)", size-1, variable)
	}
	return variable
}

// convRow emits the function that adds one block of input channels to four lanes of a row of
// pixels: the micro-kernel.
func (k *kernel) convRow(c convolution) string {
	kh, kw := c.kernel[0], c.kernel[1]
	_, xCols := padded(c.in)
	run, columns := c.run()
	row := c.dilation[0] * xCols * goasm.Lanes
	body := &host.Code{}
	body.Block(fmt.Sprintf("for pixel := range %d", c.out.Shape[3]), func(b *host.Code) {
		b.Line("sum := (*[4]float32)(y[pixel*%d:])", goasm.Lanes)
		b.Line("s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]")
		step := c.stride[1] * goasm.Lanes
		inner := func(b *host.Code, xAt, tileAt string) {
			if c.ragged() {
				b.Line("xs := x[%s:][:channels]", xAt)
			} else {
				b.Line("xs := (*[%d]float32)(x[%s:])", run, xAt)
			}
			b.Line("ws := (*[%d]float32)(tile[%s:])", run*4, tileAt)
			b.Block("for i, p := range xs", fourSums("ws"))
		}
		tileCol := c.tileCol()
		tileRow := kw * tileCol
		if columns {
			b.Loop("row", kh, func(b *host.Code, kRow string) {
				inner(b, sum(times(kRow, row), times("pixel", step)), sum(times(kRow, tileRow)))
			})
		} else {
			b.Loop("row", kh, func(b *host.Code, kRow string) {
				b.Loop("col", kw, func(b *host.Code, kCol string) {
					inner(b, sum(times(kRow, row), times("pixel", step),
						times(kCol, c.dilation[1]*goasm.Lanes)),
						sum(times(kRow, tileRow), times(kCol, tileCol)))
				})
			})
		}
		b.Line("sum[0], sum[1], sum[2], sum[3] = s0, s1, s2, s3")
	})
	params := fmt.Sprintf("y, x []float32, tile *[%d]float32", c.tileSize())
	if c.ragged() {
		params += ", channels int"
	}
	doc := "adds what one block of input channels gives to 4 channels of a row of pixels."
	return k.declareOnce(k.name+"Row", doc, params, body)
}

// fourSums emits the body of an innermost loop over p and i: s0..s3 += p·v[4i..4i+3].
func fourSums(v string) func(*host.Code) {
	return func(b *host.Code) {
		b.Line("v := (*[4]float32)(%s[4*i:])", v)
		for lane := range 4 {
			b.Line("s%d += v[%d] * p", lane, lane)
		}
	}
}

// fewChannels emits the function for row-major images of few channels: the pixels under the kernel
// are copied side by side once for all result channels.
func (k *kernel) fewChannels(c convolution) string {
	channels, kh, kw := c.in.Shape[1], c.kernel[0], c.kernel[1]
	taps := channels * kh * kw
	xRows, xCols := padded(c.in)
	_, cols := padded(c.out)
	halo := c.out.Layout.Halo
	pixel := k.pixel(taps, k.lanesUsed(c))
	body := &host.Code{}
	if halo != [2]int{} {
		body.Line("clear(y)")
	}
	body.Noted("what the kernel covers", "var window [%d]float32", taps)
	body.Block(fmt.Sprintf("for row := range %d", c.out.Shape[2]), func(b *host.Code) {
		b.Block(fmt.Sprintf("for col := range %d", c.out.Shape[3]), func(b *host.Code) {
			b.Line("i := 0")
			b.Loop("channel", channels, func(b *host.Code, channel string) {
				b.Loop("down", kh, func(b *host.Code, down string) {
					b.Line("xs := x[%s:]", sum(
						fmt.Sprint(c.skip[0]*xCols+c.skip[1]), times(channel, xRows*xCols),
						times("row", c.stride[0]*xCols), times(down, c.dilation[0]*xCols),
						times("col", c.stride[1])))
					b.Loop("right", kw, func(b *host.Code, right string) {
						b.Line("window[i] = xs[%s]", sum(times(right, c.dilation[1])))
						b.Line("i++")
					})
				})
			})
			b.Line("%s((*[%d]float32)(y[%s:]), &window, w)", pixel, goasm.Lanes,
				sum(fmt.Sprint((halo[0]*cols+halo[1])*goasm.Lanes), times("row", cols*goasm.Lanes),
					times("col", goasm.Lanes)))
		})
	})
	doc := fmt.Sprintf("convolves a row-major image of %s to a plane of %d channels, "+
		"%dx%d pixels.", ir.Plural(channels, "channel"), goasm.Lanes, c.out.Shape[2], c.out.Shape[3])
	return k.declareOnce(k.name+"Plane", doc, "y, x, w []float32", body)
}

// pixel emits the function that computes the lanes of one pixel.
func (k *kernel) pixel(taps, lanes int) string {
	body := &host.Code{}
	body.Block(fmt.Sprintf("for lane := 0; lane < %d; lane += 4", lanes), func(b *host.Code) {
		b.Line("ws := w[lane:]")
		b.Line("var s0, s1, s2, s3 float32")
		b.Block("for i, p := range x", func(b *host.Code) {
			b.Line("v := (*[4]float32)(ws[%d*i:])", goasm.Lanes)
			for lane := range 4 {
				b.Line("s%d += v[%d] * p", lane, lane)
			}
		})
		b.Line("sum := (*[4]float32)(y[lane:])")
		b.Line("sum[0], sum[1], sum[2], sum[3] = s0, s1, s2, s3")
	})
	doc := "multiplies what the kernel covers with the weights of 16 channels."
	return k.declareOnce(k.name+"Pixel", doc,
		fmt.Sprintf("y *[%d]float32, x *[%d]float32, w []float32", goasm.Lanes, taps), body)
}
