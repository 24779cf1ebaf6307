package data

import (
	"fmt"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A glyph is the outline of a digit: closed polygons around its middle, in subpixels
// at scale one.
type glyph struct{ contours [][]point }

type point struct{ x, y int64 }

// loadGlyphs reads the digits of the Go fonts.
func loadGlyphs() ([][10]glyph, error) {
	var glyphs [][10]glyph
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF,
		gomedium.TTF, gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gosmallcaps.TTF} {
		font, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("digits: Go font: %w", err)
		}
		var digits [10]glyph
		for d := range digits {
			if digits[d], err = loadGlyph(font, '0'+rune(d)); err != nil {
				return nil, fmt.Errorf("digits: Go font, digit %d: %w", d, err)
			}
		}
		glyphs = append(glyphs, digits)
	}
	return glyphs, nil
}

// loadGlyph reads the outline of one character.
func loadGlyph(font *sfnt.Font, char rune) (glyph, error) {
	index, err := font.GlyphIndex(nil, char)
	if err != nil {
		return glyph{}, err
	}
	// The unit of size is the unit of the coordinates, so this asks for subpixels.
	segments, err := font.LoadGlyph(nil, index, fixed.Int26_6(emPixels*subpixels), nil)
	if err != nil {
		return glyph{}, err
	}
	var g glyph
	var pen point
	for _, segment := range segments {
		end := toPoint(segment.Args[0])
		switch segment.Op {
		case sfnt.SegmentOpMoveTo:
			g.contours = append(g.contours, nil)
			g.line(end)
		case sfnt.SegmentOpLineTo:
			g.line(end)
		case sfnt.SegmentOpQuadTo:
			control := end
			end = toPoint(segment.Args[1])
			g.curve(pen, control, end)
		default:
			return glyph{}, fmt.Errorf("outline segment %d is not of TrueType", segment.Op)
		}
		pen = end
	}
	g.center()
	return g, nil
}

func toPoint(p fixed.Point26_6) point { return point{int64(p.X), int64(p.Y)} }

// line goes on to the point p.
func (g *glyph) line(p point) {
	last := len(g.contours) - 1
	g.contours[last] = append(g.contours[last], p)
}

// curve goes on from a to c in four lines along a quadratic Bézier curve:
//
//	(1-t)²·a + 2(1-t)t·b + t²·c    t = 1/4, 2/4, 3/4, 1
func (g *glyph) curve(a, b, c point) {
	for t := int64(1); t <= 4; t++ {
		u := 4 - t
		g.line(point{(u*u*a.x + 2*u*t*b.x + t*t*c.x) / 16, (u*u*a.y + 2*u*t*b.y + t*t*c.y) / 16})
	}
}

// center moves the middle of the glyph's bounding box to the origin.
func (g *glyph) center() {
	low, high := g.contours[0][0], g.contours[0][0]
	for _, contour := range g.contours {
		for _, p := range contour {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	middle := point{(low.x + high.x) / 2, (low.y + high.y) / 2}
	for _, contour := range g.contours {
		for i := range contour {
			contour[i].x -= middle.x
			contour[i].y -= middle.y
		}
	}
}
