package data

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/internal/regular"
)

// FormatError says that a file is not what it should be, and where.
type FormatError struct {
	Path    string
	Offset  int64 // bytes from the start of the file, or of its contents if Packed
	Packed  bool  // the file is gzip, and Offset counts unpacked bytes
	Problem string
}

func (e *FormatError) Error() string {
	unpacked := ""
	if e.Packed {
		unpacked = " of the unpacked data"
	}
	return fmt.Sprintf("%s: byte %d%s: %s", quote.Name(e.Path), e.Offset, unpacked, e.Problem)
}

// refetch is what to do about a file that is cut short or damaged.
const refetch = "; the file is damaged, remove it and get it again"

// faultAt is a problem at an offset of a file that is not packed.
func faultAt(path string, offset int64, format string, args ...any) error {
	return &FormatError{Path: path, Offset: offset, Problem: fmt.Sprintf(format, args...)}
}

// missing says which file was looked for and what to do about it.
func missing(path, hint string) error {
	return fmt.Errorf("%w; %s", &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}, hint)
}

// A source reads a file, unpacked if it is gzip, and knows at which byte it stands.
type source struct {
	path   string
	raw    *counter
	size   int64     // bytes of raw in all
	data   io.Reader // raw, or what it unpacks to
	packed bool
	pos    int64 // bytes taken from data
}

// newSource reads size bytes from r, which messages call path.
func newSource(path string, r io.Reader, size int64) (*source, error) {
	raw := &counter{r: bufio.NewReaderSize(r, 1<<16)}
	s := &source{path: path, raw: raw, size: size, data: raw}
	if magic, _ := raw.r.Peek(2); string(magic) != "\x1f\x8b" {
		return s, nil
	}
	s.packed = true
	unpacked, err := gzip.NewReader(raw)
	if err != nil {
		return nil, s.rawFault(err)
	}
	s.data = unpacked
	return s, nil
}

// fileAt opens the file of that path, each time it is asked to.
func fileAt(path string) opener {
	return func(read func(*source) error) error { return openFile(path, read) }
}

// An opener hands the contents of one file to read.
type opener func(read func(*source) error) error

// openFile calls read with the file of that path.
func openFile(path string, read func(*source) error) error {
	f, size, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := newSource(path, f, size)
	if err != nil {
		return err
	}
	return read(s)
}

// fault is a problem of the contents at an offset from their start.
func (s *source) fault(offset int64, format string, args ...any) error {
	return &FormatError{s.path, offset, s.packed, fmt.Sprintf(format, args...)}
}

// rawFault is a failure to read on: damaged gzip, or an error of the system.
func (s *source) rawFault(err error) error {
	var system *fs.PathError
	if errors.As(err, &system) {
		return fmt.Errorf("%s: byte %d: %w", s.path, s.raw.n, system.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("gzip: the file is cut short")
	}
	return &FormatError{s.path, s.raw.n, false, err.Error() + refetch}
}

// fill reads until buf is full. At the end of the data it returns what it got and io.EOF.
func (s *source) fill(buf []byte) (got int, err error) {
	for got < len(buf) {
		n, err := s.data.Read(buf[got:])
		got += n
		s.pos += int64(n)
		switch {
		case got == len(buf):
		case err == io.EOF:
			return got, err
		case err != nil:
			return got, s.rawFault(err)
		}
	}
	return got, nil
}

// What is packed may not unpack to more than maxRatio times its size, but for the first freeBytes.
// Deflate reaches 1032, which no images of anything do.
const (
	maxRatio  = 250
	freeBytes = 64 << 20
)

// bytes reads n bytes; what they are stands in the message if the data end before. A false length
// in a header costs no memory: the size of a file is known, and where it is packed, memory is taken
// as the data arrive.
func (s *source) bytes(n int64, what string) ([]byte, error) {
	first := n
	if s.packed {
		first = 1 << 20
	} else if have := max(s.size-s.pos, 0); have < n {
		return nil, s.cut(s.pos+have, what, have, n)
	}
	var buf []byte
	for got := int64(0); got < n; got = int64(len(buf)) {
		if s.packed && s.pos > freeBytes && s.pos > maxRatio*s.raw.n {
			return nil, s.fault(s.pos, "%d packed bytes hold this much and more, which no images do; "+
				"unpack the file with gunzip if it is as it should be", s.raw.n)
		}
		next := min(n, max(first, 2*got))
		buf = append(make([]byte, 0, next), buf...)[:next]
		more, err := s.fill(buf[got:])
		if err == io.EOF {
			return nil, s.cut(s.pos, what, got+int64(more), n)
		}
		if err != nil {
			return nil, err
		}
	}
	return buf, nil
}

// cut is the error of data that end at an offset, with so many of n bytes there.
func (s *source) cut(offset int64, what string, got, n int64) error {
	return s.fault(offset, "the data end inside the %s: %d of %d bytes are there%s",
		what, got, n, refetch)
}

// end checks that nothing follows; for gzip, this is where the checksum is compared.
func (s *source) end() error {
	var one [1]byte
	for {
		n, err := s.data.Read(one[:])
		switch {
		case n > 0:
			return s.fault(s.pos, "data follow where the header says that the file ends"+refetch)
		case err == io.EOF:
			return nil
		case err != nil:
			return s.rawFault(err)
		}
	}
}

// A counter counts the bytes read through it. Being an io.ByteReader, it is never read ahead of
// what gzip needs.
type counter struct {
	r *bufio.Reader
	n int64
}

func (c *counter) Read(buf []byte) (int, error) {
	n, err := c.r.Read(buf)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}
