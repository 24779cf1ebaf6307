package data

import (
	"encoding/binary"
	"fmt"
)

// maxBytes bounds what a header may ask for: 2 GiB, some forty times MNIST.
const maxBytes = 1 << 31

// idx is the contents of one IDX file of bytes.
type idx struct {
	dims   []int
	data   []byte
	header int64 // bytes before data
}

// readIDX reads an IDX file of unsigned bytes with rank dimensions, as LeCun, Cortes and Burges
// describe it with the MNIST database: two zero bytes, the type of the elements (8), the number of
// dimensions, each dimension as a big-endian 32-bit number, the elements.
func readIDX(s *source, rank int) (*idx, error) {
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
	file := &idx{header: s.pos}
	total := int64(1)
	for i := range rank {
		n := int64(binary.BigEndian.Uint32(sizes[4*i:]))
		if n == 0 || n > maxBytes/total {
			return nil, s.fault(int64(4+4*i), "dimension %d of the header is %d, for 1 to %d bytes "+
				"in all"+refetch, i, n, int64(maxBytes))
		}
		total *= n
		file.dims = append(file.dims, int(n))
	}
	what := fmt.Sprintf("IDX data of %v bytes", file.dims)
	if file.data, err = s.bytes(total, what); err != nil {
		return nil, err
	}
	return file, s.end()
}

// readIDXSet reads a set from its images and its labels.
func readIDXSet(name string, classNames []string, images, labels opener) (*Set, error) {
	set := &Set{Name: name, Channels: 1, Classes: len(classNames), ClassNames: classNames}
	count := 0
	err := images(func(s *source) error {
		file, err := readIDX(s, 3)
		if err != nil {
			return err
		}
		count, set.Height, set.Width = file.dims[0], file.dims[1], file.dims[2]
		set.Images = file.data
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = labels(func(s *source) error {
		file, err := readIDX(s, 1)
		if err != nil {
			return err
		}
		if file.dims[0] != count {
			return s.fault(4, "%d labels for %d images; take both files from one archive",
				file.dims[0], count)
		}
		set.Labels = make([]int32, count)
		for i, label := range file.data {
			if int(label) >= set.Classes {
				return s.fault(file.header+int64(i), "label %d where there are classes 0 to %d%s",
					label, set.Classes-1, refetch)
			}
			set.Labels[i] = int32(label)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}
