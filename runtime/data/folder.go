package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/semaphore"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/runtime/parallel"
)

// openFolder reads the pictures in and below Dir/train/CLASS and Dir/test/CLASS (see Listing). The
// classes are the folders of the training split, sorted by name.
func openFolder(o Options) (train, test *Set, err error) {
	if o.Dir == "" {
		return nil, nil, errors.New("no data directory is given; " + folderHint)
	}
	scale := o.Channels > 0
	if scale && o.Channels != 1 && o.Channels != 3 {
		return nil, nil, fmt.Errorf("pictures have 1 or 3 channels, but the network takes %d",
			o.Channels)
	}
	var list Listing
	trainFiles, classes, err := listSplit(&list, filepath.Join(o.Dir, "train"), nil)
	if err != nil {
		return nil, nil, err
	}
	testFiles, _, err := listSplit(&list, filepath.Join(o.Dir, "test"), classes)
	if err != nil {
		return nil, nil, err
	}
	if skipped := list.Skipped(); skipped != "" {
		o.log(skipped)
	}
	if untested := withoutPictures(testFiles, classes); len(untested) > 0 {
		o.log("the test split has no picture of " + strings.Join(untested, ", ") +
			": nothing is known of how well they are told")
	}
	if err := o.takes(o.Channels, o.Height, o.Width, len(classes)); err != nil {
		return nil, nil, err
	}
	shape := Set{Name: "folder", Channels: o.Channels, Height: o.Height, Width: o.Width,
		Classes: len(classes), ClassNames: classes}
	r := pictureReader{pool: parallel.NewPool(0), room: newRoom(), scale: scale}
	defer r.pool.Close()
	if !scale {
		r.takeShape(&shape, trainFiles)
	}
	train, test = r.read(shape, trainFiles), r.read(shape, testFiles)
	return train, test, r.damage.err()
}

// folderHint says what is expected.
const folderHint = "name a folder with pictures (PNG, JPEG, GIF) in train/CLASS/ and test/CLASS/"

// A pictureFile is one picture of a split and its class.
type pictureFile struct {
	path  string
	label int32
}

// listSplit lists the pictures of dir/CLASS in the order of their names. If the classes are known,
// others are an error; else each folder is a class and must hold a picture.
func listSplit(list *Listing, dir string, known []string) (files []pictureFile, classes []string,
	err error) {
	if classes, err = listClasses(list, dir); err != nil {
		return nil, nil, err
	}
	for label, class := range classes {
		path := filepath.Join(dir, class)
		if known != nil {
			var ok bool
			if label, ok = slices.BinarySearch(known, class); !ok {
				return nil, nil, fmt.Errorf("%s: the training split has no class of that name; "+
					"give it pictures to train on", quote.Name(path))
			}
		}
		before := len(list.Files)
		if err := list.Add(path); err != nil {
			return nil, nil, err
		}
		if len(list.Files) == before && known == nil {
			return nil, nil, fmt.Errorf("%s: no picture (PNG, JPEG, GIF) in it; "+
				"put some there or remove the folder", quote.Name(path))
		}
		for _, path := range list.Files[before:] {
			files = append(files, pictureFile{path, int32(label)})
		}
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s: no pictures in its folders; %s", quote.Name(dir), folderHint)
	}
	return files, classes, nil
}

// withoutPictures returns the classes that a split has no picture of, quoted where they must be.
func withoutPictures(files []pictureFile, classes []string) (list []string) {
	has := make([]bool, len(classes))
	for _, f := range files {
		has[f.label] = true
	}
	for label, class := range classes {
		if !has[label] {
			list = append(list, quote.Name(class))
		}
	}
	return list
}

// listClasses lists the folders in that of a split, and links to folders, sorted by name.
func listClasses(list *Listing, dir string) (classes []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(dir, folderHint)
	}
	if err != nil {
		return nil, err
	}
	real, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if hidden(path) {
			list.skip(skipHidden, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("%w; each class is a folder, or a link to one", err)
		}
		if !info.IsDir() {
			list.skip(skipOutside, path)
			continue
		}
		target, err := realPath(path)
		if err != nil {
			return nil, err
		}
		if isWithin(real, target) {
			return nil, fmt.Errorf("%s: the link leads to a folder that it lies in; remove it",
				quote.Name(path))
		}
		classes = append(classes, entry.Name())
	}
	return classes, nil
}

// A pictureReader reads pictures on all threads and collects what is wrong with them.
type pictureReader struct {
	pool   *parallel.Pool
	room   *semaphore.Weighted
	scale  bool // else all pictures have to be of one size
	damage damage
}

// takeShape sets the shape of a set to that of the first sound picture.
func (r *pictureReader) takeShape(shape *Set, files []pictureFile) {
	for _, file := range files {
		err := readPicture(r.room, file.path, func(p *picture) error {
			shape.Channels, shape.Height, shape.Width = p.shape()
			return nil
		})
		if err == nil {
			return
		}
	}
}

// read reads a split of that shape.
func (r *pictureReader) read(shape Set, files []pictureFile) *Set {
	set := shape
	size := set.imageSize()
	set.Images = make([]byte, len(files)*size)
	set.Labels = make([]int32, len(files))
	faults := make([]error, len(files))
	r.pool.Run(len(files), func(i int) {
		path := files[i].path
		set.Labels[i] = files[i].label
		faults[i] = readPicture(r.room, path, func(p *picture) error {
			_, height, width := p.shape()
			if !r.scale && (height != set.Height || width != set.Width) {
				return fmt.Errorf("%s: %dx%d pixels, but the first picture has %dx%d; "+
					"make all pictures of one size", quote.Name(path), width, height, set.Width, set.Height)
			}
			p.put(set.Images[i*size:(i+1)*size], set.Channels, set.Height, set.Width)
			return nil
		})
	})
	for _, err := range faults {
		r.damage.add(err)
	}
	return &set
}
