package trainer

import (
	"fmt"
	_ "image/gif" // beside PNG and JPEG, which package data reads
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/runtime/data"
)

// imageFiles replaces folders by the image files in and below them, in the order of their names.
func imageFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && hasImageName(path) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s: no PNG, JPEG or GIF files in this folder", path)
		}
	}
	return files, nil
}

func hasImageName(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg", ".gif":
		return true
	}
	return false
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
