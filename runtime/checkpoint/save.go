package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gradc/gradc/runtime/atomicfile"
)

// Save writes the tensors and the metadata to path: the same bytes for the same content, in
// whatever order the tensors are given. The file appears whole or, if there is an error, not
// at all; what was at path before is then untouched. See package atomicfile for how.
func Save(path string, tensors []Tensor, meta map[string]string) error {
	content, err := encode(tensors, meta)
	if err == nil {
		err = atomicfile.Write(path, content)
	}
	if err != nil {
		return fmt.Errorf("checkpoint: nothing saved to %s: %w", path, err)
	}
	return nil
}

// encode returns the bytes of a file, made as they are read.
func encode(tensors []Tensor, meta map[string]string) (io.Reader, error) {
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	for i, t := range sorted {
		if err := checkTensor(t); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if i > 0 && t.Name == sorted[i-1].Name {
			return nil, fmt.Errorf("two tensors are named %q", t.Name)
		}
	}
	for key, value := range meta {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("metadata %q: %q is not UTF-8", key, value)
		}
	}
	header, err := formatHeader(sorted, meta)
	if err != nil {
		return nil, err
	}
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return io.MultiReader(bytes.NewReader(length), bytes.NewReader(header),
		&elementReader{tensors: sorted}), nil
}

func checkTensor(t Tensor) error {
	if t.Name == metaKey {
		return errors.New("the name is reserved for metadata")
	}
	if !utf8.ValidString(t.Name) {
		return errors.New("the name is not UTF-8")
	}
	count, err := elements(t.Shape)
	if err == nil && count != len(t.Data) {
		err = fmt.Errorf("shape %v is of %d values, there are %d", t.Shape, count, len(t.Data))
	}
	return err
}

// chunkBytes is how much of the data is converted at a time.
const chunkBytes = 64 << 10

// elementReader reads the little-endian elements of some tensors.
type elementReader struct {
	tensors []Tensor // the first is the one being read
	from    int      // its next element
	chunk   []byte
	rest    []byte // of chunk, not yet read
}

func (r *elementReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if len(r.tensors) == 0 {
			return 0, io.EOF
		}
		r.convert()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// convert makes the next chunk, or goes on to the next tensor.
func (r *elementReader) convert() {
	data := r.tensors[0].Data[r.from:]
	if len(data) == 0 {
		r.tensors, r.from = r.tensors[1:], 0
		return
	}
	data = data[:min(len(data), chunkBytes/elementBytes)]
	r.chunk = r.chunk[:0]
	for _, x := range data {
		r.chunk = binary.LittleEndian.AppendUint32(r.chunk, math.Float32bits(x))
	}
	r.rest = r.chunk
	r.from += len(data)
}
