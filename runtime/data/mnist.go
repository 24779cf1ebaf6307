package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A mnistFile is one of the four files of the MNIST database.
type mnistFile struct {
	name   string
	sha256 string // of the unpacked file, so that a mirror may pack it in its own way
}

// mnistFiles lists images and labels of the training split, then of the test split.
func mnistFiles() [4]mnistFile {
	return [4]mnistFile{
		{"train-images-idx3-ubyte",
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
		{"train-labels-idx1-ubyte",
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
		{"t10k-images-idx3-ubyte",
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
		{"t10k-labels-idx1-ubyte",
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
	}
}

// mnistMirrors serve the four files, packed, under their names with .gz.
func mnistMirrors() []string {
	return []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
		"https://raw.githubusercontent.com/fgnt/mnist/master/",
	}
}

// openMNIST reads MNIST from Dir/mnist, or from the cache if Dir is empty.
func openMNIST(o Options) (train, test *Set, err error) {
	files := mnistFiles()
	var open [4]opener
	if o.Dir != "" {
		open, err = findMNIST(filepath.Join(o.Dir, "mnist"), files)
	} else {
		open, err = o.cachedMNIST(files, mnistMirrors())
	}
	if err != nil {
		return nil, nil, err
	}
	return o.readMNIST(open)
}

// findMNIST finds each file in dir, unpacked or packed.
func findMNIST(dir string, files [4]mnistFile) (open [4]opener, err error) {
	for i, file := range files {
		path := filepath.Join(dir, file.name)
		found, err := firstOf(path, path+".gz")
		if err != nil {
			return open, err
		}
		if found == "" {
			return open, missing(path, "put the four MNIST files there, as they are or packed (.gz), "+
				"or give no data directory to have them downloaded")
		}
		open[i] = fileAt(found)
	}
	return open, nil
}

// firstOf returns the first of the paths where something is, "" if there is nothing.
func firstOf(paths ...string) (string, error) {
	for _, path := range paths {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}

// cachedMNIST takes each file from the cache.
func (o Options) cachedMNIST(files [4]mnistFile, mirrors []string) (open [4]opener, err error) {
	cache, err := o.cacheDir()
	if err != nil {
		return open, err
	}
	cache = filepath.Join(cache, "mnist")
	if err := os.MkdirAll(cache, 0o777); err != nil {
		return open, fmt.Errorf("cannot keep downloads: %w; set GRADC_CACHE to another folder", err)
	}
	for i, file := range files {
		open[i] = o.cached(filepath.Join(cache, file.name+".gz"), file.sha256, mirrors)
	}
	return open, nil
}

// readMNIST reads images and labels of the training split, then of the test split.
func (o Options) readMNIST(open [4]opener) (train, test *Set, err error) {
	var d damage
	if train, err = o.readIDXSet(&d, "mnist", digitNames(), open[0], open[1]); err != nil {
		return nil, nil, err
	}
	if test, err = o.readIDXSet(&d, "mnist", digitNames(), open[2], open[3]); err != nil {
		return nil, nil, err
	}
	return train, test, d.err()
}

// digitNames are the classes of MNIST and of digits.
func digitNames() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}
