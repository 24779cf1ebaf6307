package data

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A cifar says how one of the two CIFAR sets is stored: Krizhevsky, "Learning Multiple Layers of
// Features from Tiny Images" (2009), binary version. A record is its labels, one byte each, and
// three planes of 32 by 32 pixels: red, green, blue.
type cifar struct {
	name    string
	dir     string
	archive string
	train   []string
	test    string
	labels  int // bytes before the pixels, the last of them the class
	classes []string
}

const (
	cifarSide  = 32
	cifarImage = 3 * cifarSide * cifarSide
)

func openCIFAR10(o Options) (train, test *Set, err error) {
	return cifar{
		name: "cifar10", dir: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
		train: []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
			"data_batch_4.bin", "data_batch_5.bin"},
		test: "test_batch.bin", labels: 1, classes: strings.Fields(cifar10Classes),
	}.open(o)
}

// openCIFAR100 reads the 100 fine classes; the 20 coarse ones are passed over.
func openCIFAR100(o Options) (train, test *Set, err error) {
	return cifar{
		name: "cifar100", dir: "cifar-100-binary", archive: "cifar-100-binary.tar.gz",
		train: []string{"train.bin"}, test: "test.bin",
		labels: 2, classes: strings.Fields(cifar100Classes),
	}.open(o)
}

func (c cifar) open(o Options) (train, test *Set, err error) {
	if o.Dir == "" {
		return nil, nil, errors.New("no data directory is given; " + c.hint())
	}
	if train, err = c.read(o.Dir, c.train...); err != nil {
		return nil, nil, err
	}
	if test, err = c.read(o.Dir, c.test); err != nil {
		return nil, nil, err
	}
	return train, test, nil
}

// hint says where the data come from.
func (c cifar) hint() string {
	return "get https://www.cs.toronto.edu/~kriz/" + c.archive + ", unpack it in a folder and " +
		"name that folder as the data directory"
}

// read reads one split from the files named.
func (c cifar) read(dir string, files ...string) (*Set, error) {
	set := &Set{Name: c.name, Channels: 3, Height: cifarSide, Width: cifarSide,
		Classes: len(c.classes), ClassNames: c.classes}
	for i, name := range files {
		path := filepath.Join(dir, c.dir, name)
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, missing(path, c.hint())
		}
		if err != nil {
			return nil, err
		}
		if i == 0 { // the files of a split are of one length
			set.Images = make([]byte, 0, len(files)*len(raw))
			set.Labels = make([]int32, 0, len(files)*len(raw)/cifarImage)
		}
		if err := c.add(set, path, raw); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// add appends the records of one file to a set.
func (c cifar) add(set *Set, path string, raw []byte) error {
	record := c.labels + cifarImage
	if whole := len(raw) / record; whole == 0 || len(raw)%record != 0 {
		return faultAt(path, len(raw), "the file ends inside %s record %d: %d of %d bytes are there%s",
			c.name, whole, len(raw)%record, record, refetch)
	}
	for start := 0; start < len(raw); start += record {
		pixels := start + c.labels
		label := raw[pixels-1]
		if int(label) >= set.Classes {
			return faultAt(path, pixels-1, "label %d where there are classes 0 to %d%s",
				label, set.Classes-1, refetch)
		}
		set.Labels = append(set.Labels, int32(label))
		set.Images = append(set.Images, raw[pixels:start+record]...)
	}
	return nil
}
