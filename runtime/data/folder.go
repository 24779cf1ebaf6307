package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gradc/gradc/runtime/parallel"
)

// openFolder reads Dir/train/CLASS/*.png, .jpg and .jpeg, and Dir/test likewise. The classes are
// the folders of the training split, sorted by name. Other files and hidden ones are passed over.
func openFolder(o Options) (train, test *Set, err error) {
	if o.Dir == "" {
		return nil, nil, errors.New("no data directory is given; " + folderHint)
	}
	scale := o.Channels > 0
	if scale && o.Channels != 1 && o.Channels != 3 {
		return nil, nil, fmt.Errorf("pictures have 1 or 3 channels, but the network takes %d",
			o.Channels)
	}
	trainFiles, classes, err := listSplit(filepath.Join(o.Dir, "train"), nil)
	if err != nil {
		return nil, nil, err
	}
	testFiles, _, err := listSplit(filepath.Join(o.Dir, "test"), classes)
	if err != nil {
		return nil, nil, err
	}
	shape := Set{Name: "folder", Channels: o.Channels, Height: o.Height, Width: o.Width,
		Classes: len(classes), ClassNames: classes}
	if !scale {
		first, err := decodePicture(trainFiles[0].path)
		if err != nil {
			return nil, nil, err
		}
		shape.Channels, shape.Height, shape.Width = pictureShape(first)
	}
	pool := parallel.NewPool(0)
	defer pool.Close()
	if train, err = readPictures(pool, shape, scale, trainFiles); err != nil {
		return nil, nil, err
	}
	if test, err = readPictures(pool, shape, scale, testFiles); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// folderHint says what is expected.
const folderHint = "name a folder with train/CLASS/*.png (or .jpg) and test/CLASS/*.png in it"

// A pictureFile is one picture of a split and its class.
type pictureFile struct {
	path  string
	label int32
}

// listSplit lists the pictures of dir/CLASS in the order of their names. If the classes are known,
// others are an error; else each folder is a class and must hold a picture.
func listSplit(dir string, known []string) (files []pictureFile, classes []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, missing(dir, folderHint)
	}
	if err != nil {
		return nil, nil, err
	}
	for _, entry := range entries {
		class := entry.Name()
		if !entry.IsDir() || strings.HasPrefix(class, ".") {
			continue
		}
		label := len(classes)
		classes = append(classes, class)
		path := filepath.Join(dir, class)
		if known != nil {
			var ok bool
			if label, ok = slices.BinarySearch(known, class); !ok {
				return nil, nil, fmt.Errorf("%s: the training split has no class of that name; "+
					"give it pictures to train on", path)
			}
		}
		found, err := listPictures(path, int32(label))
		if err != nil {
			return nil, nil, err
		}
		if len(found) == 0 && known == nil {
			return nil, nil, fmt.Errorf("%s: no picture (.png, .jpg, .jpeg) in it; "+
				"put some there or remove the folder", path)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s: no pictures in its folders; %s", dir, folderHint)
	}
	return files, classes, nil
}

// listPictures lists the pictures of one class in the order of their names.
func listPictures(dir string, label int32) (files []pictureFile, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		name := entry.Name()
		switch strings.ToLower(filepath.Ext(name)) {
		case ".png", ".jpg", ".jpeg":
			if !entry.IsDir() && !strings.HasPrefix(name, ".") {
				files = append(files, pictureFile{filepath.Join(dir, name), label})
			}
		}
	}
	return files, nil
}

// readPictures reads a split of that shape. Unless it is to scale them, all pictures must be of
// that size. Of several faults, the first in the order of files is reported.
func readPictures(pool *parallel.Pool, shape Set, scale bool, files []pictureFile) (*Set, error) {
	set := shape
	size := set.Channels * set.Height * set.Width
	set.Images = make([]byte, len(files)*size)
	set.Labels = make([]int32, len(files))
	faults := make([]error, len(files))
	pool.Run(len(files), func(i int) {
		path := files[i].path
		picture, err := decodePicture(path)
		if err != nil {
			faults[i] = err
			return
		}
		_, height, width := pictureShape(picture)
		if !scale && (height != set.Height || width != set.Width) {
			faults[i] = fmt.Errorf("%s: %dx%d pixels, but the first picture has %dx%d; "+
				"make all pictures of one size", path, width, height, set.Width, set.Height)
			return
		}
		planes := set.Images[i*size : (i+1)*size]
		putPicture(planes, picture, set.Channels, set.Height, set.Width)
		set.Labels[i] = files[i].label
	})
	for _, err := range faults {
		if err != nil {
			return nil, err
		}
	}
	return &set, nil
}
