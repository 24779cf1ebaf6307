package trainer

import (
	"fmt"
	"os"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/runtime/data"
)

// imageFiles replaces folders by the pictures in and below them, in the order of their names. The
// notes tell what else is there.
func imageFiles(paths []string) (files []string, notes []note, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		var list data.Listing
		if err := list.Add(path); err != nil {
			return nil, nil, err
		}
		skipped := list.Skipped()
		if len(list.Files) == 0 {
			if skipped != "" {
				skipped = "; " + skipped
			}
			return nil, nil, fmt.Errorf("%s: no PNG, JPEG or GIF files in this folder%s",
				quote.Name(path), skipped)
		}
		if skipped != "" {
			notes = append(notes, note{"note", skipped})
		}
		files = append(files, list.Files...)
	}
	return files, notes, nil
}

// read fills dst with an image file as the network takes it: converted, scaled, normalised.
func (p *predictor) read(dst []float32, path string) error {
	c, h, w := p.spec.Channels, p.spec.Height, p.spec.Width
	pixels, err := data.ReadPicture(path, c, h, w)
	if err != nil {
		return err
	}
	if p.invert {
		for i, v := range pixels {
			pixels[i] = 255 - v
		}
	}
	p.normal.Apply(dst, pixels, 0, 0, 0, false)
	return nil
}

// unreadable is what predict tells of a file that is no sound picture.
type unreadable struct {
	Event string `json:"event"`
	File  string `json:"file"`
	Error string `json:"error"`
}

func (u unreadable) String() string { return quote.Text(u.Error) }
