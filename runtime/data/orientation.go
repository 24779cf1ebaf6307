package data

import (
	"image"
	"io"

	"github.com/bep/imagemeta"
)

// An orientation is how a picture is to be turned or mirrored: the tag of EXIF 2.3, section 4.6.4,
// from 1 (as it is stored) to 8.
type orientation uint16

const asStored orientation = 1

// readOrientation reads the orientation of a JPEG or PNG file. Where the file tells none, or the
// part that would is damaged, the picture is as it is stored.
func readOrientation(file io.ReadSeeker, format string) orientation {
	kind := imagemeta.JPEG
	switch format {
	case "jpeg":
	case "png":
		kind = imagemeta.PNG
	default:
		return asStored
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return asStored
	}
	turn := asStored
	_, err := imagemeta.Decode(imagemeta.Options{
		R:           file,
		ImageFormat: kind,
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			return tag.Tag == "Orientation" && tag.Namespace == "IFD0"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value, ok := tag.Value.(uint16); ok && value >= 1 && value <= 8 {
				turn = orientation(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return asStored
	}
	return turn
}

// swaps tells whether rows become columns.
func (o orientation) swaps() bool { return o >= 5 }

// source is where the pixel (x, y) of the turned picture is in the stored one, of that size.
func (o orientation) source(x, y int, size image.Point) image.Point {
	right, bottom := size.X-1, size.Y-1
	switch o {
	case 2: // mirrored left to right
		return image.Pt(right-x, y)
	case 3: // turned by half
		return image.Pt(right-x, bottom-y)
	case 4: // mirrored top to bottom
		return image.Pt(x, bottom-y)
	case 5: // rows and columns exchanged
		return image.Pt(y, x)
	case 6: // to be turned a quarter clockwise
		return image.Pt(y, bottom-x)
	case 7: // rows and columns exchanged, then turned by half
		return image.Pt(right-y, bottom-x)
	case 8: // to be turned a quarter anticlockwise
		return image.Pt(right-y, x)
	}
	return image.Pt(x, y)
}
