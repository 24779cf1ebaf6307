package data

import (
	"bufio"
	"context"
	"fmt"
	"image"
	_ "image/gif"  // for image.Decode
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"
	"os"
	"runtime"

	"golang.org/x/image/draw"
	"golang.org/x/sync/semaphore"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/internal/regular"
)

// A picture of more is refused when its header is read. Decoded, a pixel takes 1 to 16 bytes.
const (
	maxSide   = 1 << 13
	maxPixels = 1 << 25
	// maxTogether is how many pixels are decoded at a time, on however many threads.
	maxTogether = 2 * maxPixels
)

// newRoom is room for the pictures that are decoded at a time.
func newRoom() *semaphore.Weighted { return semaphore.NewWeighted(maxTogether) }

// ReadPicture reads a PNG, JPEG or GIF file (the first frame) as channel planes [channels, height,
// width]. The picture is turned as its EXIF orientation says and scaled to that size, whatever its
// own proportions are; channels is 1 (grey) or 3 (red, green, blue). What is transparent becomes
// black. The error for a damaged file tells how far it was read.
func ReadPicture(path string, channels, height, width int) ([]byte, error) {
	if channels != 1 && channels != 3 {
		return nil, fmt.Errorf("pictures have 1 or 3 channels, but the network takes %d", channels)
	}
	planes := make([]byte, channels*height*width)
	return planes, readPicture(newRoom(), path, func(p *picture) error {
		p.put(planes, channels, height, width)
		return nil
	})
}

// A picture is what a file holds.
type picture struct {
	image.Image
	turn orientation
}

// readPicture calls use with the picture of a file, of which it says at what byte it is damaged.
// It waits until there is room for the pixels.
func readPicture(room *semaphore.Weighted, path string, use func(*picture) error) error {
	f, _, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	size, format, err := image.DecodeConfig(r)
	if err != nil {
		return faultAt(path, offset(f, r), "no PNG, JPEG or GIF picture: %v", err)
	}
	pixels := int64(size.Width) * int64(size.Height)
	if size.Width > maxSide || size.Height > maxSide || pixels > maxPixels {
		return fmt.Errorf("%s: %dx%d pixels, where %d on a side and %d in all are the most; "+
			"make the picture smaller", quote.Name(path), size.Width, size.Height, maxSide, maxPixels)
	}
	if err := room.Acquire(context.Background(), pixels); err != nil {
		return err
	}
	defer room.Release(pixels)
	p := &picture{turn: readOrientation(f, format)}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r.Reset(f)
	if p.Image, _, err = image.Decode(r); err != nil {
		return faultAt(path, offset(f, r), "damaged picture: %v%s", err, refetch)
	}
	err = use(p)
	if pixels > maxPixels/4 {
		p.Image = nil
		runtime.GC() // else the next one is put beside what is left of this one
	}
	return err
}

// offset is how much of f was read through r.
func offset(f *os.File, r *bufio.Reader) int64 {
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return end - int64(r.Buffered())
}

// shape is the shape in which a picture is kept when nobody asks for another.
func (p *picture) shape() (channels, height, width int) {
	size := p.Bounds().Size()
	if p.turn.swaps() {
		size.X, size.Y = size.Y, size.X
	}
	switch p.Image.(type) {
	case *image.Gray, *image.Gray16:
		return 1, size.Y, size.X
	}
	return 3, size.Y, size.X
}

// put writes a picture to planes, scaled if it is not of that size. It is turned after it is
// scaled, since there is less to turn then.
func (p *picture) put(planes []byte, channels, height, width int) {
	stored := image.Pt(width, height) // size before it is turned
	if p.turn.swaps() {
		stored.X, stored.Y = height, width
	}
	colors := image.NewRGBA(image.Rectangle{Max: stored})
	bounds := p.Bounds()
	if bounds.Size() == stored {
		draw.Draw(colors, colors.Rect, p.Image, bounds.Min, draw.Src)
	} else {
		draw.BiLinear.Scale(colors, colors.Rect, p.Image, bounds, draw.Src, nil)
	}
	area := height * width
	for i := range area {
		at := p.turn.source(i%width, i/width, stored)
		pixel := colors.Pix[colors.PixOffset(at.X, at.Y):][:4]
		if channels == 1 {
			planes[i] = luma(pixel)
			continue
		}
		planes[i], planes[area+i], planes[2*area+i] = pixel[0], pixel[1], pixel[2]
	}
}

// luma is the grey of a colour, by the weights of JFIF (as image/color has them):
//
//	0.299·R + 0.587·G + 0.114·B
func luma(rgb []byte) byte {
	r, g, b := uint32(rgb[0]), uint32(rgb[1]), uint32(rgb[2])
	return byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16)
}
