package augment

import (
	"fmt"

	"github.com/gradc/gradc/runtime/philox"
)

// Augmentation changes training images at random: a [Crop] or a [Flip].
//
// Each draws from a stream of its own. The key of the stream is the training's seed, the epoch, the
// number of the sample in its set, the kind of the augmentation, and how many of the same kind come
// before it in the list. So what one draws does not depend on those of other kinds, nor on where it
// stands among them; two of one kind draw different numbers.
type Augmentation interface {
	kind() uint32 // part of the key, so that it never changes
	check() error
	move(m motion, random philox.Stream) motion
}

// Crop cuts an image out at random from itself with a border of zeros: it moves by up to Padding
// pixels in each direction, each shift equally likely.
type Crop struct{ Padding int }

// Flip mirrors an image left to right, with probability 1/2.
type Flip struct{}

func (c Crop) kind() uint32 { return 1 }
func (f Flip) kind() uint32 { return 2 }

func (c Crop) check() error {
	if c.Padding < 0 {
		return fmt.Errorf("a padding of %d pixels; it must be 0 or more", c.Padding)
	}
	return nil
}

func (f Flip) check() error { return nil }

func (c Crop) move(m motion, random philox.Stream) motion {
	dy := random.IntN(2*c.Padding+1) - c.Padding
	dx := random.IntN(2*c.Padding+1) - c.Padding
	return m.shift(dy, dx)
}

func (f Flip) move(m motion, random philox.Stream) motion {
	if random.Uint32()&1 == 1 {
		m.flip = !m.flip
		m.left, m.right = m.right, m.left
	}
	return m
}

// sites returns the sites of a list's streams: kind + 256·(how many of the kind come before).
func sites(list []Augmentation) []uint32 {
	sites, before := make([]uint32, len(list)), map[uint32]uint32{}
	for i, a := range list {
		sites[i] = a.kind() | before[a.kind()]<<8
		before[a.kind()]++
	}
	return sites
}

// motion is what a list of augmentations does to an image of h by w pixels: the pixel at (y, x) is
// that of the image at
//
//	(y+dy, x+dx), or (y+dy, w-1-x+dx) where it is mirrored
//
// except for margins of zeros, which also cover what one shift moved out and the next one back.
type motion struct {
	h, w                     int
	dy, dx                   int
	flip                     bool
	top, bottom, left, right int // the widths of the margins
}

// shift takes the pixel at (y+dy, x+dx) to (y, x).
func (m motion) shift(dy, dx int) motion {
	m.top, m.bottom = within(m.top-dy, m.h), within(m.bottom+dy, m.h)
	m.left, m.right = within(m.left-dx, m.w), within(m.right+dx, m.w)
	m.dy += dy
	if m.flip {
		dx = -dx
	}
	m.dx += dx
	return m
}

// within returns the nearest number from 0 to most.
func within(n, most int) int { return min(max(0, n), most) }

// empty reports whether nothing is left of the image.
func (m motion) empty() bool { return m.top+m.bottom >= m.h || m.left+m.right >= m.w }
