package data

import (
	"bufio"
	"fmt"
	"image"
	_ "image/jpeg" // for image.Decode
	_ "image/png"  // likewise
	"io"
	"os"

	"golang.org/x/image/draw"
)

// maxSide bounds the sides of a picture, so that a false header costs no memory.
const maxSide = 1 << 13

// ReadPicture reads a PNG or JPEG file as channel planes [channels, height, width]. The picture is
// scaled to that size, whatever its own proportions are; channels is 1 (grey) or 3 (red, green,
// blue). What is transparent becomes black. The error for a damaged file tells how far it was read.
func ReadPicture(path string, channels, height, width int) ([]byte, error) {
	if channels != 1 && channels != 3 {
		return nil, fmt.Errorf("pictures have 1 or 3 channels, but the network takes %d", channels)
	}
	picture, err := decodePicture(path)
	if err != nil {
		return nil, err
	}
	planes := make([]byte, channels*height*width)
	putPicture(planes, picture, channels, height, width)
	return planes, nil
}

// decodePicture reads a file, of which it says at what byte it is damaged.
func decodePicture(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	size, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, faultAt(path, offset(f, r), "no PNG or JPEG picture: %v", err)
	}
	if size.Width > maxSide || size.Height > maxSide {
		return nil, fmt.Errorf("%s: %dx%d pixels, more than %d on a side; make the picture smaller",
			path, size.Width, size.Height, maxSide)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	r.Reset(f)
	picture, _, err := image.Decode(r)
	if err != nil {
		return nil, faultAt(path, offset(f, r), "damaged picture: %v%s", err, refetch)
	}
	return picture, nil
}

// offset is how much of f was read through r.
func offset(f *os.File, r *bufio.Reader) int64 {
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0
	}
	return end - int64(r.Buffered())
}

// pictureShape is the shape in which a picture is kept when nobody asks for another.
func pictureShape(picture image.Image) (channels, height, width int) {
	size := picture.Bounds().Size()
	switch picture.(type) {
	case *image.Gray, *image.Gray16:
		return 1, size.Y, size.X
	}
	return 3, size.Y, size.X
}

// putPicture writes a picture to planes, scaled if it is not of that size.
func putPicture(planes []byte, picture image.Image, channels, height, width int) {
	colors := image.NewRGBA(image.Rect(0, 0, width, height))
	bounds := picture.Bounds()
	if bounds.Size() == colors.Rect.Size() {
		draw.Draw(colors, colors.Rect, picture, bounds.Min, draw.Src)
	} else {
		draw.BiLinear.Scale(colors, colors.Rect, picture, bounds, draw.Src, nil)
	}
	area := height * width
	for i := range area {
		pixel := colors.Pix[4*i : 4*i+4]
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
