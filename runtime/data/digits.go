package data

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/philox"
)

// The set digits: as it is drawn from fixed numbers, it is the same set for every training seed.
const (
	digitsSeed  = 0x646967697473
	digitsTrain = 10_000
	digitsTest  = 2_000
	digitSide   = 28
	digitArea   = digitSide * digitSide
)

// openDigits draws the Go fonts' digits, each one turned, sheared, scaled and shifted at random,
// with noise: 28 by 28 pixels, grey, 10 classes. It passes them through the IDX reader, so that the
// set takes the way that MNIST takes.
func openDigits(o Options) (train, test *Set, err error) {
	if err := o.takes(1, digitSide, digitSide, len(digitNames())); err != nil {
		return nil, nil, err
	}
	glyphs, err := loadGlyphs()
	if err != nil {
		return nil, nil, err
	}
	pool := parallel.NewPool(0)
	defer pool.Close()
	if train, err = digitsSet(pool, glyphs, 0, digitsTrain); err != nil {
		return nil, nil, err
	}
	if test, err = digitsSet(pool, glyphs, 1, digitsTest); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// digitsSet draws n digits of a split.
func digitsSet(pool *parallel.Pool, glyphs [][10]glyph, split uint32, n int) (*Set, error) {
	images, labels := drawDigits(pool, glyphs, split, n)
	var d damage
	set, err := Options{}.readIDXSet(&d, "digits", digitNames(), inMemory(images), inMemory(labels))
	return set, errors.Join(err, d.err())
}

// inMemory opens a file of the bytes given.
func inMemory(file []byte) opener {
	return func(read func(*source) error) error {
		s, err := newSource("digits", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return err
		}
		return read(s)
	}
}

// drawDigits draws n digits in the layout of an IDX file of images and one of labels.
func drawDigits(pool *parallel.Pool, glyphs [][10]glyph, split uint32, n int) (images,
	labels []byte) {
	images = idxHeader(n, digitSide, digitSide)
	pixels := len(images)
	images = append(images, make([]byte, n*digitArea)...)
	labels = idxHeader(n)
	first := len(labels)
	labels = append(labels, make([]byte, n)...)

	const share = 250 // digits that one task draws, with one pen
	pool.Run((n+share-1)/share, func(task int) {
		pen := new(pen)
		for i := task * share; i < min(n, (task+1)*share); i++ {
			random := philox.Key{Seed: digitsSeed, Purpose: philox.Data}.Stream(split, uint32(i))
			at := pixels + i*digitArea
			labels[first+i] = pen.digit(images[at:at+digitArea], glyphs, &random)
		}
	})
	return images, labels
}

// idxHeader is the header of an IDX file of bytes.
func idxHeader(dims ...int) []byte {
	header := []byte{0, 0, 8, byte(len(dims))}
	for _, n := range dims {
		header = binary.BigEndian.AppendUint32(header, uint32(n))
	}
	return header
}

// digit draws one digit to a cleared image and returns which it is.
func (p *pen) digit(image []byte, glyphs [][10]glyph, random *philox.Stream) byte {
	label := random.IntN(10)
	font := glyphs[random.IntN(len(glyphs))]
	p.fill(&font[label], distortion(random))
	ink := 140 + int32(random.IntN(116))
	noise := 5 + int32(random.IntN(46))
	for i := range image {
		// The sum of a word's bytes is near to normal: mean 510, standard deviation 148.
		word := random.Uint32()
		sum := int32(word&255 + word>>8&255 + word>>16&255 + word>>24)
		value := ink*p.coverage[i]/fullCoverage + noise*(sum-510)/148
		image[i] = byte(max(0, min(255, value)))
	}
	return byte(label)
}

// distortion draws the map from a glyph to the image.
func distortion(random *philox.Stream) affine {
	between := func(low, high int) int64 { return int64(low + random.IntN(high-low+1)) }
	const percent = one / 100
	t := between(-18, 18) * percent     // tan of half the angle: up to 20 degrees either way
	shear := between(-25, 25) * percent // x per y
	wide := between(65, 110) * percent
	high := between(65, 110) * percent
	// cos a = (1 - t²)/(1 + t²), sin a = 2t/(1 + t²): no functions that processors differ in.
	square := t * t / one
	cos := (one - square) * one / (one + square)
	sin := 2 * t * one / (one + square)
	// Rotation times shear times scale.
	a := affine{
		xx: cos * wide / one, xy: (cos*shear/one - sin) * high / one,
		yx: sin * wide / one, yy: (sin*shear/one + cos) * high / one,
	}
	const shift = 5 * subpixels / 2
	a.x0 = digitSide*subpixels/2 + between(-shift, shift)
	a.y0 = digitSide*subpixels/2 + between(-shift, shift)
	return a
}
