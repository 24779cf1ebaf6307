package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// conv2dDW emits the gradient of a convolution's weights. It goes over the images row by row: four
// channels of a row of dy are packed side by side, and a row of one channel of x in order, so that
// the innermost loop adds up along the row with four sums in registers:
//
//	sum[0..3] += dy[pixel][0..3]·x[pixel·stride + k·dilation]
func conv2dDW(k *kernel) error {
	x, dy := k.Args[0].Type, k.Args[1].Type
	kernel := pairOf(k.Attrs.Ints("kernel"))
	pad := pairOf(k.Attrs.Ints("pad"))
	c := convolution{in: x, out: dy, kernel: kernel, stride: pairOf(k.Attrs.Ints("stride")),
		dilation: pairOf(k.Attrs.Ints("dilation"))}
	for i := range c.skip {
		c.skip[i] = x.Layout.Halo[i] - pad[i]
	}
	if err := k.wants(0, x.Layout.Order, pad); err != nil {
		return err
	}
	if err := k.wants(1, goasm.NCHW16c, [2]int{}); err != nil {
		return err
	}
	k.emitWeightGradient(k.weightGradient(c), c)
	return nil
}

// emitWeightGradient emits the calls for the task's part of the batch.
func (k *kernel) emitWeightGradient(name string, c convolution) {
	f := k.frame
	f.inner = 1 // the function takes the input channels from, …, to-1 of the task
	channel := f.nest.axes[1]
	per := c.kernel[0] * c.kernel[1] * goasm.Lanes
	f.allAround(k.method, func(body *host.Code) {
		from, to := "0", fmt.Sprint(channel.Size())
		if channel.Pieces() > 1 {
			from, to = f.ends(channel)
		}
		block := f.variable(0)
		body.Line("from, to := %s, %s", orZero(from), to)
		a := k.access()
		at := f.offset(k.out.at, plan.Access{Stride: append([]int{a.Stride[0]}, make([]int, 4)...)},
			k.out.relative)
		if !k.out.relative {
			at = sum(at, times("from", per))
		}
		body.Line("dw := %s[%s:][:(to-from)*%d]", k.out.home, at, per)
		body.Line("clear(dw)")
		xHome, xAt := k.arg(0)
		dyHome, dyAt := k.arg(1)
		first, last, images := "0", fmt.Sprint(c.in.Shape[0]), fmt.Sprint(c.in.Shape[0])
		if n := k.step.Split; n > 1 {
			body.Line("first, last := split*%s/%d, (split+1)*%s/%d", images, n, images, n)
			first, last, images = "first", "last", "last-first"
		}
		x, dy := imageSize(c.in), c.out.Place().Stride
		body.Line("%s", call(k.twinOf(name, weightParams),
			[2]string{"dw", k.out.typ.String()},
			[2]string{fmt.Sprintf("%s[%s:%s]", xHome, sum(xAt, times(first, x)),
				sum(xAt, times(last, x))), c.in.String()},
			[2]string{fmt.Sprintf("%s[%s:%s]", dyHome, sum(dyAt, times(first, dy[0]),
				times(block, dy[1])), sum(dyAt, times(last, dy[0]))), c.out.String()},
			[2]string{"from", ""}, [2]string{"to", ""}, [2]string{images, ""}))
	})
}

const weightParams = "dw, x, dy []float32, from, to, images int"

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// weightGradient emits the function that adds what images give to the gradients of the weights of
// 16 result channels and some input channels.
func (k *kernel) weightGradient(c convolution) string {
	kh, kw := c.kernel[0], c.kernel[1]
	pixels := c.out.Shape[3]
	_, dyCols := padded(c.out)
	xRows, xCols := padded(c.in)
	dyHalo := c.out.Layout.Halo
	width := (pixels-1)*c.stride[1] + (kw-1)*c.dilation[1] + 1
	lanes := plan.LanesOf(c.in)
	row, pack := k.weightRow(c, width), k.packRow(pixels)
	body := &host.Code{}
	body.Noted("a row of dy, in groups of 4 channels", "var dyRow [%d]float32", 4*pixels*4)
	body.Noted("a row of one channel of x", "var xRow [%d]float32", width)
	body.Block("for image := range images", func(b *host.Code) {
		b.Line("planes, dys := x[%s:], dy[%s:]",
			sum(fmt.Sprint((c.skip[0]*xCols+c.skip[1])*lanes), times("image", imageSize(c.in))),
			sum(fmt.Sprint((dyHalo[0]*dyCols+dyHalo[1])*goasm.Lanes),
				times("image", c.out.Place().Stride[0])))
		b.Block(fmt.Sprintf("for row := range %d", c.out.Shape[2]), func(b *host.Code) {
			b.Line("%s(&dyRow, dys[%s:])", pack, times("row", dyCols*goasm.Lanes))
			b.Block("for channel := from; channel < to; channel++", func(b *host.Code) {
				plane := times("channel", xRows*xCols)
				if lanes > 1 {
					plane = fmt.Sprintf("channel/%d*%d+channel%%%d", lanes, xRows*xCols*lanes, lanes)
				}
				b.Loop("down", kh, func(b *host.Code, down string) {
					b.Line("xs := planes[%s:]", sum(plane,
						times("row", c.stride[0]*xCols*lanes),
						times(down, c.dilation[0]*xCols*lanes)))
					b.Block("for i := range xRow", func(b *host.Code) {
						b.Line("xRow[i] = xs[%s]", times("i", lanes))
					})
					at := fmt.Sprintf("(channel-from)*%d", kh*kw*goasm.Lanes)
					b.Line("%s(dw[%s:], &xRow, &dyRow)", row, sum(at, times(down, kw*goasm.Lanes)))
				})
			})
		})
	})
	doc := "adds what images give to the gradients of the weights of 16 result channels and " +
		"the input channels from, …, to-1."
	return k.declareOnce(k.name+"Images", doc, weightParams, body)
}

// packRow emits the function that groups the 16 channels of a row of pixels by four.
func (k *kernel) packRow(pixels int) string {
	body := &host.Code{}
	body.Block(fmt.Sprintf("for pixel := range %d", pixels), func(b *host.Code) {
		b.Line("lanes := (*[%d]float32)(dy[pixel*%d:])", goasm.Lanes, goasm.Lanes)
		for group := range 4 {
			b.Line("*(*[4]float32)(packed[%s:]) = [4]float32(lanes[%d:])",
				sum(fmt.Sprint(group*pixels*4), "pixel*4"), group*4)
		}
	})
	doc := "copies a row of 16 channels, each 4 channels side by side."
	return k.declareOnce(k.name+"Pack", doc,
		fmt.Sprintf("packed *[%d]float32, dy []float32", 4*pixels*4), body)
}

// weightRow emits the micro-kernel: the gradients of one kernel row of one input channel.
func (k *kernel) weightRow(c convolution, width int) string {
	pixels, step := c.out.Shape[3], c.stride[1]
	groups := min(4, ir.Ceil(c.out.Shape[1], 4))
	body := &host.Code{}
	body.Loop("group", groups, func(b *host.Code, group string) {
		b.Line("dys := (*[%d]float32)(dy[%s:])", pixels*4, sum(times(group, pixels*4)))
		b.Loop("col", c.kernel[1], func(b *host.Code, col string) {
			b.Line("sum := (*[4]float32)(dw[%s:])", sum(times(col, goasm.Lanes), times(group, 4)))
			b.Line("s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]")
			length := (pixels-1)*step + 1
			b.Line("xs := (*[%d]float32)(x[%s:])", length, sum(times(col, c.dilation[1])))
			if step == 1 {
				b.Block("for i, p := range xs", fourSums("dys"))
			} else {
				b.Block(fmt.Sprintf("for i := range %d", pixels), func(b *host.Code) {
					b.Line("p := xs[%s]", times("i", step))
					fourSums("dys")(b)
				})
			}
			b.Line("sum[0], sum[1], sum[2], sum[3] = s0, s1, s2, s3")
		})
	})
	doc := "adds up x·dy along a row of pixels, for one kernel row and 16 channels of dy."
	return k.declareOnce(k.name+"Row", doc,
		fmt.Sprintf("dw []float32, x *[%d]float32, dy *[%d]float32", width, 4*pixels*4), body)
}
