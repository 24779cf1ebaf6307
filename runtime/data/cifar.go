package data

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/gradc/gradc/internal/regular"
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
	if err := o.takes(3, cifarSide, cifarSide, len(c.classes)); err != nil {
		return nil, nil, err
	}
	var d damage
	if train, err = c.read(&d, o.Dir, c.train...); err != nil {
		return nil, nil, err
	}
	if test, err = c.read(&d, o.Dir, c.test); err != nil {
		return nil, nil, err
	}
	return train, test, d.err()
}

// hint says where the data come from.
func (c cifar) hint() string {
	return "get https://www.cs.toronto.edu/~kriz/" + c.archive + ", unpack it in a folder and " +
		"name that folder as the data directory"
}

// read reads one split from the files named.
func (c cifar) read(d *damage, dir string, files ...string) (*Set, error) {
	set := &Set{Name: c.name, Channels: 3, Height: cifarSide, Width: cifarSide,
		Classes: len(c.classes), ClassNames: c.classes}
	for i, name := range files {
		path := filepath.Join(dir, c.dir, name)
		if err := d.contents(c.file(set, path, len(files)-i)); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// file appends the records of one file to a set, which so many files are yet to come for.
func (c cifar) file(set *Set, path string, files int) error {
	f, size, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return missing(path, c.hint())
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if limit := maxBytes - int64(len(set.Images)); size > limit {
		return faultAt(path, limit, "the file has %d bytes, for 1 to %d in all%s",
			size, int64(maxBytes), refetch)
	}
	if len(set.Labels) == 0 { // the files of a split are of one length
		all := min(int64(files)*size, maxBytes)
		set.Images = make([]byte, 0, all)
		set.Labels = make([]int32, 0, all/cifarImage)
	}
	return c.add(set, path, f, size)
}

// add appends the records of a file of size bytes to a set.
func (c cifar) add(set *Set, path string, r io.Reader, size int64) error {
	record := int64(c.labels + cifarImage)
	if whole := size / record; whole == 0 || size%record != 0 {
		return faultAt(path, size, "the file ends inside %s record %d: %d of %d bytes are there%s",
			c.name, whole, size%record, record, refetch)
	}
	buffered := bufio.NewReaderSize(r, 1<<16)
	raw := make([]byte, record)
	for start := int64(0); start < size; start += record {
		if n, err := io.ReadFull(buffered, raw); err != nil {
			return faultAt(path, start+int64(n), "%s record %d: %v", c.name, start/record, err)
		}
		label, pixels := raw[c.labels-1], raw[c.labels:]
		if int(label) >= set.Classes {
			return faultAt(path, start+int64(c.labels)-1, "label %d where there are classes 0 to %d%s",
				label, set.Classes-1, refetch)
		}
		set.Labels = append(set.Labels, int32(label))
		set.Images = append(set.Images, pixels...)
	}
	return nil
}
