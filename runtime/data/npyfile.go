package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// npy is one file of numpy.save, in C order.
type npy struct {
	descr string // as in the header: "<i8"
	kind  byte   // 'i', 'u', …
	size  int    // bytes per element
	order binary.ByteOrder
	dims  []int
	total int64 // bytes of data
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

// readNPYHeader reads the header of an array of numpy.save: NumPy Enhancement Proposal 1, versions
// 1 to 3 of the format.
func readNPYHeader(s *source) (*npy, error) {
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
	array, err := parseNPYHeader(string(header))
	if err != nil {
		return nil, s.fault(at, "npy header: %v", err)
	}
	array.at, array.begin = at, s.pos
	return array, nil
}

// read reads what follows the header.
func (a *npy) read(s *source) (err error) {
	what := fmt.Sprintf("npy data of shape %v, type %q", a.dims, a.descr)
	if a.data, err = s.bytes(a.total, what); err != nil {
		return err
	}
	return s.end()
}

// parseNPYHeader reads a header, a Python dictionary such as
//
//	{'descr': '<i8', 'fortran_order': False, 'shape': (100,), }
//
// with its keys in any order, either sort of quotes, and the L of Python 2 behind long integers.
func parseNPYHeader(header string) (*npy, error) {
	fields, ok := npyFields(header)
	descr := regexp.MustCompile(`^([<>|=]?)([uifb])(\d{1,2})$`).FindStringSubmatch(fields["descr"])
	if !ok || descr == nil || fields["shape"] == "" {
		return nil, fmt.Errorf("%.80q is not one of a plain array", header)
	}
	array := &npy{descr: descr[0], kind: descr[2][0], order: binary.LittleEndian}
	if descr[1] == ">" {
		array.order = binary.BigEndian
	}
	var err error
	if array.size, err = strconv.Atoi(descr[3]); err != nil ||
		array.size > 8 || bits.OnesCount(uint(array.size)) != 1 {
		return nil, fmt.Errorf("elements of type %q are not read", array.descr)
	}
	switch fields["fortran_order"] {
	case "False":
	case "True":
		return nil, errors.New("the array is in Fortran order; save numpy.ascontiguousarray of it")
	default:
		return nil, fmt.Errorf("%.80q does not say whether it is in Fortran order", header)
	}
	return array, array.setShape(fields["shape"])
}

// npyFields takes a Python dictionary apart into its three fields: strings without their quotes,
// the shape with its parentheses.
func npyFields(header string) (fields map[string]string, ok bool) {
	pair := regexp.MustCompile(`^\s*[bu]?(?:'(\w+)'|"(\w+)")\s*:\s*` +
		`(?:[bu]?'([^'\\]*)'|[bu]?"([^"\\]*)"|(True|False|\([^()]*\)))\s*([,}])`)
	rest, ok := strings.CutPrefix(strings.TrimSpace(header), "{")
	fields = map[string]string{}
	for end := ","; end == ","; {
		if strings.TrimSpace(rest) == "}" { // behind a comma
			rest = ""
			break
		}
		part := pair.FindStringSubmatch(rest)
		if part == nil {
			return nil, false
		}
		key, value := part[1]+part[2], part[3]+part[4]+part[5] // of each, one is not empty
		if _, twice := fields[key]; twice {
			return nil, false
		}
		fields[key] = value
		rest, end = rest[len(part[0]):], part[6]
	}
	return fields, ok && rest == "" && len(fields) == 3
}

// setShape reads a tuple of Python, such as "(40L, 3L)".
func (a *npy) setShape(tuple string) error {
	inner := strings.TrimSpace(strings.Trim(tuple, "()"))
	a.total = int64(a.size)
	for _, dim := range strings.Split(strings.TrimSuffix(inner, ","), ",") {
		dim = strings.TrimRight(strings.TrimSpace(dim), "lL")
		n, err := strconv.ParseUint(dim, 10, 63)
		if err != nil || n < 1 || int64(n) > maxBytes/a.total {
			return fmt.Errorf("shape %s must be of 1 to %d bytes in all", tuple, int64(maxBytes))
		}
		a.total *= int64(n)
		a.dims = append(a.dims, int(n))
	}
	return nil
}
