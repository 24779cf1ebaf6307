// Package checkpoint keeps tensors in files of the safetensors format, which other frameworks
// read and write too: https://github.com/huggingface/safetensors#format.
//
//	8 bytes    length of the header, little-endian
//	header     JSON: {"__metadata__": {…}, "name": {"dtype", "shape", "data_offsets"}, …}
//	data       the tensors' elements, little-endian, one tensor after the other
//
// Only tensors of dtype F32 are known here. PyTorch's counters of batches, num_batches_tracked of
// dtype I64, are passed over.
package checkpoint

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Tensor is a named block of float32 values, row-major.
type Tensor struct {
	Name  string
	Shape []int     // empty for a scalar
	Data  []float32 // as many as Shape says; may alias a block of parameters
}

// File is what was loaded from a checkpoint.
type File struct {
	Path    string
	Meta    map[string]string // never nil
	tensors map[string]Tensor
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Tensor returns the tensor of a name, and whether the file has it. Its memory is the file's.
func (f *File) Tensor(name string) (Tensor, bool) {
	t, ok := f.tensors[name]
	return t, ok
}

// Copy fills the Data of every tensor given with the values that the file has by that name.
// The file must have these tensors, in the same shapes, and no others; else an error names
// the one that differs, and no Data is touched.
func (f *File) Copy(tensors []Tensor) error {
	wanted := make(map[string]bool, len(tensors))
	for _, want := range tensors {
		wanted[want.Name] = true
		have, ok := f.tensors[want.Name]
		if !ok {
			return f.differs("it lacks %q of shape %v", want.Name, want.Shape)
		}
		if !slices.Equal(have.Shape, want.Shape) {
			return f.differs("it has %q in shape %v, not %v", want.Name, have.Shape, want.Shape)
		}
		if len(want.Data) != len(have.Data) {
			return fmt.Errorf("checkpoint: tensor %q of shape %v has room for %d values, not %d",
				want.Name, want.Shape, len(want.Data), len(have.Data))
		}
	}
	for _, name := range f.Names() {
		if !wanted[name] {
			return f.differs("it has %q of shape %v, which is not wanted",
				name, f.tensors[name].Shape)
		}
	}
	for _, want := range tensors {
		copy(want.Data, f.tensors[want.Name].Data)
	}
	return nil
}

// differs is the error of a file that is sound but not the one wanted.
func (f *File) differs(format string, args ...any) error {
	return fmt.Errorf("checkpoint: %s is not of this network: %s; give the file that this "+
		"network has saved", f.Path, fmt.Sprintf(format, args...))
}

// maxElements bounds a tensor so that its bytes can be counted.
const maxElements = math.MaxInt / 8

// elements returns how many values a shape holds.
func elements(shape []int) (int, error) {
	count := 1
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if dim > 0 && count > maxElements/dim {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		count *= dim
	}
	return count, nil
}
