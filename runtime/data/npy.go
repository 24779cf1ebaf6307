package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// openNPY reads Dir/{train,test}_{images,labels}.npy. Images are of uint8, shape [n, height,
// width], [n, channels, height, width] or, if the last axis has a length from 1 to 4, [n, height,
// width, channels]. Labels are integers from 0 on, shape [n]; the largest of the training split
// says how many classes there are.
func openNPY(o Options) (train, test *Set, err error) {
	if o.Dir == "" {
		return nil, nil, errors.New("no data directory is given; name the folder of " +
			"train_images.npy, train_labels.npy, test_images.npy and test_labels.npy")
	}
	train = &Set{Name: "npy"}
	if err := readNPYSplit(train, o.Dir, "train"); err != nil {
		return nil, nil, err
	}
	test = &Set{Name: "npy", Classes: train.Classes}
	if err := readNPYSplit(test, o.Dir, "test"); err != nil {
		return nil, nil, err
	}
	names := make([]string, train.Classes)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	train.ClassNames, test.ClassNames = names, names
	return train, test, nil
}

// readNPYSplit fills a set from its two files. If the number of classes is known, no label may
// reach it.
func readNPYSplit(set *Set, dir, split string) error {
	path := filepath.Join(dir, split+"_images.npy")
	if err := openNPYFile(path, func(s *source) error { return readNPYImages(s, set) }); err != nil {
		return err
	}
	path = filepath.Join(dir, split+"_labels.npy")
	return openNPYFile(path, func(s *source) error { return readNPYLabels(s, set) })
}

func openNPYFile(path string, read func(*source) error) error {
	found, err := firstOf(path)
	if err != nil {
		return err
	}
	if found == "" {
		return missing(path, "write it with numpy.save")
	}
	return openFile(path, read)
}

// readNPYImages sets the images and their shape; the labels must come next.
func readNPYImages(s *source, set *Set) error {
	array, err := readNPY(s)
	if err != nil {
		return err
	}
	if array.kind != 'u' || array.size != 1 {
		return s.fault(array.at, "images are of type %q; save them as numpy.uint8, 0 to 255",
			array.descr)
	}
	dims := array.dims
	switch {
	case len(dims) == 3:
		set.Channels, set.Height, set.Width = 1, dims[1], dims[2]
	case len(dims) == 4 && dims[3] <= 4:
		set.Height, set.Width, set.Channels = dims[1], dims[2], dims[3]
		planes(array.data, set.Channels, set.Height*set.Width)
	case len(dims) == 4:
		set.Channels, set.Height, set.Width = dims[1], dims[2], dims[3]
	default:
		return s.fault(array.at, "images are of shape %v; make it [n height width] or "+
			"[n channels height width]", dims)
	}
	set.Images = array.data
	set.Labels = make([]int32, dims[0])
	return nil
}

// planes reorders images from interleaved channels to one plane after the other, in place.
func planes(images []byte, channels, area int) {
	if channels == 1 {
		return
	}
	pixels := make([]byte, channels*area)
	for start := 0; start < len(images); start += len(pixels) {
		image := images[start : start+len(pixels)]
		copy(pixels, image)
		for c := range channels {
			plane := image[c*area : (c+1)*area]
			for i := range plane {
				plane[i] = pixels[i*channels+c]
			}
		}
	}
}

// maxNPYClasses bounds the labels of npy files.
const maxNPYClasses = 1 << 16

// readNPYLabels fills the labels of a set that has its images, and says how many classes there are
// unless that is known.
func readNPYLabels(s *source, set *Set) error {
	array, err := readNPY(s)
	if err != nil {
		return err
	}
	if len(array.dims) != 1 || array.dims[0] != set.Len() {
		return s.fault(array.at, "labels are of shape %v for %d images; make it [%d]",
			array.dims, set.Len(), set.Len())
	}
	if array.kind != 'u' && array.kind != 'i' {
		return s.fault(array.at, "labels are of type %q; save them as integers", array.descr)
	}
	limit, largest := int64(set.Classes), int64(0)
	if limit == 0 {
		limit = maxNPYClasses
	}
	for i := range set.Labels {
		label := array.integer(i)
		if label < 0 || label >= limit {
			return s.fault(array.begin+int64(i*array.size),
				"label %d where there are classes 0 to %d; number the classes from 0 on, "+
					"and let each occur in the training split", label, limit-1)
		}
		set.Labels[i] = int32(label)
		largest = max(largest, label)
	}
	if set.Classes == 0 {
		set.Classes = int(largest) + 1
	}
	return nil
}

// npy is the contents of one file of numpy.save, in C order.
type npy struct {
	descr string // as in the header: "<i8"
	kind  byte   // 'i', 'u', …
	size  int    // bytes per element
	order binary.ByteOrder
	dims  []int
	data  []byte
	at    int64 // offset of the header's text
	begin int64 // offset of data
}

// integer is element i of an integer array.
func (a *npy) integer(i int) int64 {
	raw := a.data[i*a.size:]
	var v uint64
	switch a.size {
	case 1:
		v = uint64(raw[0])
	case 2:
		v = uint64(a.order.Uint16(raw))
	case 4:
		v = uint64(a.order.Uint32(raw))
	case 8:
		v = a.order.Uint64(raw)
	}
	if a.kind == 'u' {
		return int64(min(v, 1<<63-1))
	}
	shift := 64 - 8*a.size
	return int64(v<<shift) >> shift
}

// readNPY reads an array of numpy.save: NumPy Enhancement Proposal 1, versions 1 to 3 of the
// format.
func readNPY(s *source) (*npy, error) {
	magic, err := s.bytes(8, "npy magic number")
	if err != nil {
		return nil, err
	}
	if string(magic[:6]) != "\x93NUMPY" {
		return nil, s.fault(0, "it does not begin like a file of numpy.save")
	}
	width := int64(4)
	switch magic[6] {
	case 1:
		width = 2
	case 2, 3:
	default:
		return nil, s.fault(6, "version %d of the npy format; versions 1 to 3 are read", magic[6])
	}
	size, err := s.bytes(width, "npy header length")
	if err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	const maxHeader = 1 << 16
	if length > maxHeader {
		return nil, s.fault(8, "a header of %d bytes, more than %d%s", length, maxHeader, refetch)
	}
	at := s.pos
	header, err := s.bytes(int64(length), "npy header")
	if err != nil {
		return nil, err
	}
	array, total, err := parseNPYHeader(string(header))
	if err != nil {
		return nil, s.fault(at, "npy header: %v", err)
	}
	array.at, array.begin = at, s.pos
	what := fmt.Sprintf("npy data of shape %v, type %q", array.dims, array.descr)
	if array.data, err = s.bytes(total, what); err != nil {
		return nil, err
	}
	return array, s.end()
}

// parseNPYHeader reads a header, a Python dictionary such as
//
//	{'descr': '<i8', 'fortran_order': False, 'shape': (100,), }
//
// total is the number of bytes of the array.
func parseNPYHeader(header string) (array *npy, total int64, err error) {
	fields := regexp.MustCompile(`^\{\s*'descr':\s*'([<>|=]?)([uifb])(\d{1,2})',\s*` +
		`'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d, ]*)\),?\s*\}\s*$`).
		FindStringSubmatch(header)
	if fields == nil {
		return nil, 0, fmt.Errorf("%.80q is not one of a plain array", header)
	}
	array = &npy{descr: fields[1] + fields[2] + fields[3], kind: fields[2][0],
		order: binary.LittleEndian}
	if fields[1] == ">" {
		array.order = binary.BigEndian
	}
	if array.size, err = strconv.Atoi(fields[3]); err != nil ||
		array.size > 8 || bits.OnesCount(uint(array.size)) != 1 {
		return nil, 0, fmt.Errorf("elements of type %q are not read", array.descr)
	}
	if fields[4] == "True" {
		return nil, 0, errors.New("the array is in Fortran order; save numpy.ascontiguousarray of it")
	}
	total = int64(array.size)
	for _, dim := range strings.Split(strings.TrimRight(fields[5], ", "), ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(dim), 10, 64)
		if err != nil || n < 1 || n > maxBytes/total {
			return nil, 0, fmt.Errorf("shape (%s) must be of 1 to %d bytes in all",
				fields[5], int64(maxBytes))
		}
		total *= n
		array.dims = append(array.dims, int(n))
	}
	return array, total, nil
}
