package data

import (
	"encoding/binary"
	"fmt"
)

// maxBytes bounds what a header may ask for: 2 GiB, some forty times MNIST.
const maxBytes = 1 << 31

// idx is one IDX file of bytes.
type idx struct {
	dims   []int
	total  int64 // their product
	data   []byte
	header int64 // bytes before data
}

// readIDXHeader reads the header of an IDX file of unsigned bytes with rank dimensions, as LeCun,
// Cortes and Burges describe it with the MNIST database: two zero bytes, the type of the elements
// (8), the number of dimensions, each dimension as a big-endian 32-bit number, the elements.
func readIDXHeader(s *source, rank int) (*idx, error) {
	magic, err := s.bytes(4, "IDX magic number")
	if err != nil {
		return nil, err
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, s.fault(0, "it begins with % x, not with 00 00, so it is no IDX file", magic[:2])
	case magic[2] != 8:
		return nil, s.fault(2, "its elements are of IDX type %#02x; only bytes (0x08) are read",
			magic[2])
	case int(magic[3]) != rank:
		return nil, s.fault(3, "it has %d dimensions where %d are needed (images have 3, labels 1)",
			magic[3], rank)
	}
	sizes, err := s.bytes(int64(4*rank), "IDX header")
	if err != nil {
		return nil, err
	}
	file := &idx{header: s.pos, total: 1}
	for i := range rank {
		n := int64(binary.BigEndian.Uint32(sizes[4*i:]))
		if n == 0 || n > maxBytes/file.total {
			return nil, s.fault(int64(4+4*i), "dimension %d of the header is %d, for 1 to %d bytes "+
				"in all"+refetch, i, n, int64(maxBytes))
		}
		file.total *= n
		file.dims = append(file.dims, int(n))
	}
	return file, nil
}

// read reads what follows the header.
func (file *idx) read(s *source) (err error) {
	what := fmt.Sprintf("IDX data of %v bytes", file.dims)
	if file.data, err = s.bytes(file.total, what); err != nil {
		return err
	}
	return s.end()
}

// readIDXSet reads a set from its images, which must be what the network takes, and its labels.
func (o Options) readIDXSet(d *damage, name string, classNames []string,
	images, labels opener) (*Set, error) {
	set := &Set{Name: name, Channels: 1, Classes: len(classNames), ClassNames: classNames}
	count := 0
	err := images(func(s *source) error {
		file, err := readIDXHeader(s, 3)
		if err != nil {
			return err
		}
		count, set.Height, set.Width = file.dims[0], file.dims[1], file.dims[2]
		if err := o.takes(1, set.Height, set.Width, set.Classes); err != nil {
			return s.fault(4, "%v", err)
		}
		err = file.read(s)
		set.Images = file.data
		return err
	})
	if err := d.contents(err); err != nil {
		return nil, err
	}
	err = labels(func(s *source) error { return readIDXLabels(s, set, count) })
	return set, d.contents(err)
}

// readIDXLabels sets the labels of a set of so many images, 0 if that is not known.
func readIDXLabels(s *source, set *Set, count int) error {
	file, err := readIDXHeader(s, 1)
	if err != nil {
		return err
	}
	if count > 0 && file.dims[0] != count {
		return s.fault(4, "%d labels for %d images; take both files from one archive",
			file.dims[0], count)
	}
	if err := file.read(s); err != nil {
		return err
	}
	label := func(i int) int64 { return int64(file.data[i]) }
	if bad := checkLabels(file.dims[0], label, int64(set.Classes)); bad != nil {
		return s.fault(file.header+int64(bad.index), "%s%s", bad.problem, refetch)
	}
	set.Labels = make([]int32, file.dims[0])
	for i, label := range file.data {
		set.Labels[i] = int32(label)
	}
	return nil
}
