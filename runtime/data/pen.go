package data

import (
	"cmp"
	"slices"
)

// Everything here is in integers, so that every machine draws the same bytes.
const (
	one       = 1 << 16 // 1 in the matrix of an affine map
	subpixels = 256     // steps of a coordinate per pixel
	rows      = 4       // lines that are scanned per pixel
	emPixels  = 28      // height of an em at scale one; a digit is then 20 pixels high
	// fullCoverage is that of a pixel all within the glyph.
	fullCoverage = rows * subpixels
)

// affine maps subpixels to subpixels: x' = (xx·x + xy·y)/one + x0, y' = (yx·x + yy·y)/one + y0.
type affine struct{ xx, xy, yx, yy, x0, y0 int64 }

func (a *affine) apply(p point) point {
	return point{(a.xx*p.x+a.xy*p.y)/one + a.x0, (a.yx*p.x+a.yy*p.y)/one + a.y0}
}

// A pen fills outlines. It keeps its memory from one to the next.
type pen struct {
	coverage  [digitArea]int32 // what fill computed, 0 to fullCoverage
	edges     []edge
	crossings []crossing
}

// An edge is a side of a polygon with its upper end first.
type edge struct {
	upper, lower point
	winding      int // 1 if the outline runs down it, else -1
}

// A crossing is where an edge meets the line that is being scanned.
type crossing struct {
	x       int64
	winding int
}

// fill computes how much of each pixel lies within the glyph, by the nonzero winding rule.
func (p *pen) fill(g *glyph, a affine) {
	clear(p.coverage[:])
	p.edges = p.edges[:0]
	for _, contour := range g.contours {
		from := a.apply(contour[len(contour)-1])
		for _, corner := range contour {
			to := a.apply(corner)
			p.edge(from, to)
			from = to
		}
	}
	const step = subpixels / rows
	for line := range digitSide * rows {
		p.scan(line/rows, int64(line*step+step/2))
	}
}

// edge adds a side of a polygon, unless it is level.
func (p *pen) edge(from, to point) {
	switch {
	case from.y < to.y:
		p.edges = append(p.edges, edge{from, to, 1})
	case from.y > to.y:
		p.edges = append(p.edges, edge{to, from, -1})
	}
}

// scan adds to a row of pixels what lies within the outline on the line at y.
func (p *pen) scan(row int, y int64) {
	p.crossings = p.crossings[:0]
	for i := range p.edges {
		e := &p.edges[i]
		if e.upper.y > y || y >= e.lower.y {
			continue
		}
		x := e.upper.x + (e.lower.x-e.upper.x)*(y-e.upper.y)/(e.lower.y-e.upper.y)
		p.crossings = append(p.crossings, crossing{x, e.winding})
	}
	slices.SortFunc(p.crossings, func(a, b crossing) int { return cmp.Compare(a.x, b.x) })
	pixels := p.coverage[row*digitSide : (row+1)*digitSide]
	winding := 0
	for i, c := range p.crossings {
		if winding != 0 {
			span(pixels, p.crossings[i-1].x, c.x)
		}
		winding += c.winding
	}
}

// span adds the stretch from x0 to x1 to the pixels that it covers, in whole or in part.
func span(pixels []int32, x0, x1 int64) {
	x0 = max(x0, 0)
	x1 = min(x1, int64(len(pixels))*subpixels)
	for x0 < x1 {
		pixel := x0 / subpixels
		end := min(x1, (pixel+1)*subpixels)
		pixels[pixel] += int32(end - x0)
		x0 = end
	}
}
