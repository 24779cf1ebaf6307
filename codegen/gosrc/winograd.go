package gosrc

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradSource holds the functions that convolutions by Winograd's algorithm share.
//
//go:embed winograd.go.txt
var winogradSource string

// sharedParams returns the parameters of one of them.
func sharedParams(name string) string {
	_, behind, _ := strings.Cut(winogradSource, "func "+name+"(")
	params, _, _ := strings.Cut(behind, ")")
	return params
}

// winogradFuncs emits the shared functions if the package needs them.
func (e *emitter) winogradFuncs() *host.Code {
	file := &host.Code{}
	if !e.winograd {
		return file
	}
	source := strings.Replace(strings.TrimSpace(winogradSource), "CONSTANTS", winograd.Constants(), 1)
	for i, part := range strings.Split(source, "\n\n\n") {
		if i > 0 {
			file.Gap()
		}
		file.Line("%s", part)
	}
	return file
}

// shared returns what to call for one of the shared functions: itself, or the choice between it and
// its twins.
func (k *kernel) shared(name string) string {
	k.emitter.winograd = true
	if k.Assembly == nil || !k.Assembly.Shared(k.Op.Name, name, sharedParams(name)) {
		return name
	}
	for _, t := range k.twins {
		if t.name == name {
			return "n.kernels." + name
		}
	}
	k.twins = append(k.twins, twin{name, name, sharedParams(name), name})
	return "n.kernels." + name
}

// span prints the first element of the task's piece of an axis of the nest, and how many there are.
func (f *frame) span(axis int) (from, count string) {
	a := f.nest.axes[axis]
	if a.Pieces() == 1 {
		return "0", fmt.Sprint(a.Size())
	}
	from, to := f.ends(a)
	if n, even := a.Count(); even {
		return from, fmt.Sprint(n)
	}
	return from, to + "-" + from
}

// tiled is images that are gone over by rows of tiles.
type tiled struct {
	winograd.Tiling
	side             int // pixels in a row of what a tile reads or writes
	rows, columns    int // of pixels in all tiles of an image
	start            int // of the first tile in a plane, in floats
	image, plane, at int // from an image, a plane and a row of pixels to the next
}

// newTiled returns the tiles of a tensor that begin pad pixels before its first one.
func newTiled(t winograd.Tiling, pixels ir.Type, pad [2]int, side int) tiled {
	p := pixels.Place()
	return tiled{Tiling: t, side: side, rows: pixels.Shape[2] + 2*pad[0],
		columns: pixels.Shape[3] + 2*pad[1],
		start:   p.Base - pad[0]*p.Stride[2] - pad[1]*p.Stride[3],
		image:   p.Stride[0], plane: p.Stride[1], at: p.Stride[2]}
}

// ragged reports whether tiles reach beyond the images.
func (t *tiled) ragged() bool {
	beyond := t.side - winograd.Tile
	return t.rows != t.Down*winograd.Tile+beyond || t.columns != t.Across*winograd.Tile+beyond
}

// width returns the floats in a row of pixels of whole tiles.
func (t *tiled) width() int { return (t.Across*winograd.Tile + t.side - winograd.Tile) * goasm.Lanes }

// pixels prints where a row of tiles of a block of channels begins.
func (t *tiled) pixels(slice, block string) string {
	return slice + "[" + sum(fmt.Sprint(t.start), times("image", t.image), times(block, t.plane),
		times(t.down(), winograd.Tile*t.at)) + ":]"
}

// numbers prints where the numbers of a row of tiles of a block of channels begin.
func (t *tiled) numbers(slice, block string) string {
	return slice + "[" + sum(times(block, t.Tiles*goasm.Lanes), times("row", t.Across*goasm.Lanes)) + ":]"
}

// down prints which row of tiles of its image it is.
func (t *tiled) down() string {
	if t.Down == 1 {
		return "0"
	}
	return "down"
}

// present prints how many of the rows of pixels of a row of tiles the image has.
func (t *tiled) present() string {
	if t.Down == 1 {
		return fmt.Sprint(t.rows)
	}
	return fmt.Sprintf("min(%d, %d-down*%d)", t.side, t.rows, winograd.Tile)
}

// read emits the transform of rows of tiles of a block of channels to numbers, step floats apart,
// which are those of block at.
func (t *tiled) read(c *host.Code, transform, numbers, at, slice, block string, step int) {
	t.eachRow(c, func(c *host.Code) {
		t.readRow(c, transform, t.numbers(numbers, at), slice, block, step)
	})
}

func (t *tiled) readRow(c *host.Code, transform, numbers, slice, block string, step int) {
	from, row, next := t.pixels(slice, block), t.at, fmt.Sprint(t.image)
	switch {
	case t.ragged():
		next = "0"
	case t.Down > 1:
		next = "next"
		down := winograd.Tile * t.at
		c.Noted("to the next row of tiles", "next := %d", down)
		c.Line("if down == %d {\nnext = %d\n}", t.Down-1, t.image-(t.Down-1)*down)
	}
	if t.ragged() {
		row = t.width()
		c.Line("%s", call("winogradPad",
			[2]string{fmt.Sprintf("patch[:%d]", t.side*row), ""}, [2]string{from, ""},
			[2]string{t.present(), "rows"}, [2]string{fmt.Sprint(t.columns * goasm.Lanes), "of floats"},
			[2]string{fmt.Sprint(t.at), "from a row to the next"}, [2]string{fmt.Sprint(row), "in patch"}))
		from = "patch"
	}
	t.transform(c, transform, numbers, from, row, step, [2]string{next, "to what comes next"})
}

// write emits the transform of numbers to a row of tiles.
func (t *tiled) write(c *host.Code, transform, slice, block, numbers string, step int) {
	to := t.pixels(slice, block)
	if !t.ragged() {
		t.transform(c, transform, to, numbers, t.at, step)
		return
	}
	t.transform(c, transform, "patch", numbers, t.width(), step)
	c.Line("ys := %s", to)
	c.Block("for i := range "+t.present(), func(c *host.Code) {
		c.Line("copy(ys[i*%d:][:%d], patch[i*%d:])", t.at, t.columns*goasm.Lanes, t.width())
	})
}

// transform emits the call of a transform of a row of tiles.
func (t *tiled) transform(
	c *host.Code, name, to, from string, row, step int, more ...[2]string,
) {
	c.Line("%s", call(name, append([][2]string{{to, ""}, {from, ""},
		{fmt.Sprint(row), "from a row of pixels to the next"},
		{fmt.Sprint(t.Across), "tiles"},
		{fmt.Sprint(step), "from a number to the next"}}, more...)...))
}

// eachChunk emits a loop over the rows of tiles of some images, as many at a time as the tiling
// says.
func (t *tiled) eachChunk(c *host.Code, body func(c *host.Code)) {
	total := fmt.Sprintf("images*%d", t.Down)
	if t.Down == 1 {
		total = "images"
	}
	c.Block(fmt.Sprintf("for first := 0; first < %s; first += %d", total, t.Rows), func(c *host.Code) {
		c.Noted("rows of tiles", "count := min(%d, %s-first)", t.Rows, total)
		body(c)
	})
}

// eachRow emits a loop over these rows.
func (t *tiled) eachRow(c *host.Code, body func(c *host.Code)) {
	c.Block("for row := range count", func(c *host.Code) {
		if t.Down == 1 {
			c.Line("image := first + row")
		} else {
			c.Line("image, down := (first+row)/%d, (first+row)%%%d", t.Down, t.Down)
		}
		body(c)
	})
}

// within returns code with slices of the scratch memory in front of it, for those parts of the
// workspace that it uses.
func within(body *host.Code, list winograd.Workspace) *host.Code {
	c := &host.Code{}
	at := 0
	for _, p := range list {
		size := p.Size * goasm.Lanes
		if body.Mentions(p.Name) {
			c.Line("%s := %s", p.Name, slice("scratch", fmt.Sprint(at), size, true))
		}
		at += size
	}
	c.Add(body)
	return c
}

// wantBlocks reports channels that are not whole blocks.
func wantBlocks(channels ...int) error {
	for _, n := range channels {
		if n%goasm.Lanes != 0 {
			return fmt.Errorf("%d channels are no multiple of %d", n, goasm.Lanes)
		}
	}
	return nil
}

// winogradConv emits a convolution in tiles.
func winogradConv(k *kernel) error {
	x, y, pad := k.Args[0].Type, k.out.typ, pairOf(k.Attrs.Ints("pad"))
	if err := k.wants(0, goasm.NCHW16c, pad); err != nil {
		return err
	}
	if err := k.wants(1, goasm.HWOI16o, [2]int{}); err != nil {
		return err
	}
	if err := wantBlocks(x.Shape[1], y.Shape[1]); err != nil {
		return err
	}
	piece := k.step.Piece()
	t := winograd.NewTiling(y.Shape[2], y.Shape[3], piece[0])
	most := piece[1] / goasm.Lanes
	name := k.tilesOf(winograd.NewConv(t, x.Shape[1]/goasm.Lanes, most), most, pad)
	image, images := k.span(0)
	block, blocks := k.span(1)
	u := k.Args[1].Type.Place().Stride[0]
	window := func(home, at string, stride [2]int) string {
		return slice(home, sum(at, scaled(image, stride[0]), scaled(block, stride[1])), 0, false)
	}
	yStride := [2]int(y.Place().Stride[:2])
	if k.out.relative {
		yStride = [2]int{}
	}
	xHome, xAt := k.arg(0)
	uHome, uAt := k.arg(1)
	k.method.Line("%s", call("n."+name,
		[2]string{window(k.out.home, k.out.at, yStride), y.String()},
		[2]string{window(xHome, xAt, [2]int{x.Place().Stride[0], 0}), x.String()},
		[2]string{window(uHome, uAt, [2]int{0, u}), k.Args[1].Type.String()},
		[2]string{"scratch", ""}, [2]string{images, "images"}, [2]string{blocks, "blocks"}))
	return nil
}

// scaled prints variable·factor for a sum that may be of several terms.
func scaled(variable string, factor int) string {
	if strings.ContainsAny(variable, "*/+-") && factor != 1 {
		variable = "(" + variable + ")"
	}
	return times(variable, factor)
}

// tilesOf emits the function that convolves images for some blocks of channels of the result.
func (k *kernel) tilesOf(w winograd.Conv, most int, pad [2]int) string {
	x, y, t := k.Args[0].Type, k.out.typ, w.Tiling
	pixels, results := newTiled(t, x, pad, winograd.Patch), newTiled(t, y, [2]int{}, winograd.Tile)
	vStep, mStep := w.Workspace[0].Step*goasm.Lanes, w.Workspace[1].Step*goasm.Lanes
	body := &host.Code{}
	if halo := y.Layout.Halo; halo != [2]int{} {
		body.Block("for plane := range images * blocks", func(c *host.Code) {
			c.Line("%s(y[plane/blocks*%d+plane%%blocks*%d:][:%d], %d, %d, %d, %d, %d)",
				k.helper(clearBorder), results.image, results.plane, results.plane,
				y.Shape[2], y.Shape[3], halo[0], halo[1], goasm.Lanes)
		})
	}
	results.eachChunk(body, func(c *host.Code) {
		c.Loop("block", w.In, func(c *host.Code, block string) {
			pixels.read(c, k.shared("winogradInput"), "v", block, "x", block, vStep)
		})
		k.eachCacheBlock(c, most, w.CacheBlock, func(c *host.Code, loop, at string) {
			k.multiply(c, t, loop, at, vStep, mStep)
			c.Block(loop, func(c *host.Code) {
				results.eachRow(c, func(c *host.Code) {
					results.write(c, k.shared("winogradOutput"), "y", "block",
						results.numbers("m", at), mStep)
				})
			})
		})
	})
	doc := fmt.Sprintf("convolves images of %d channels to some blocks of channels, %dx%d pixels, "+
		"%d tiles at a time.", x.Shape[1], y.Shape[2], y.Shape[3], t.Rows*t.Across)
	return k.declareMethod(k.name+"Tiles", doc, "y, x, u, scratch []float32, images, blocks int",
		within(body, w.Workspace))
}

// eachCacheBlock emits body for the blocks of channels of the result, some of them at a time: the head of a
// loop over them, and which of its loop a block is.
func (k *kernel) eachCacheBlock(
	c *host.Code, most, size int, body func(c *host.Code, loop, at string),
) {
	if most == size {
		body(c, "for block := range blocks", "block")
		return
	}
	c.Block(fmt.Sprintf("for low := 0; low < blocks; low += %d", size), func(c *host.Code) {
		c.Line("high := min(low+%d, blocks)", size)
		body(c, "for block := low; block < high; block++", "(block-low)")
	})
}

// multiply emits the products of all numbers of the tiles with those of the weights.
func (k *kernel) multiply(c *host.Code, t winograd.Tiling, loop, at string, vStep, mStep int) {
	u, lanes := k.Args[1].Type, t.Tiles*goasm.Lanes
	stride := u.Place().Stride
	c.Block(fmt.Sprintf("for number := range %d", winograd.Numbers), func(c *host.Code) {
		c.Block(loop, func(c *host.Code) {
			c.Line("%s", call(k.shared("winogradProduct"),
				[2]string{fmt.Sprintf("m[%s:]", sum(times("number", mStep), times(at, lanes))), ""},
				[2]string{fmt.Sprintf("v[number*%d:]", vStep), ""},
				[2]string{fmt.Sprintf("u[number*%d+block*%d:][:%d]", stride[3], stride[0],
					u.Shape[1]*goasm.Lanes), ""},
				[2]string{fmt.Sprint(t.Tiles), "tiles"},
				[2]string{fmt.Sprint(lanes), "from a block to the next"}))
		})
	})
}
