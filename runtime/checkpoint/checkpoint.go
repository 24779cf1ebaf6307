// Package checkpoint keeps tensors in files of the safetensors format.
package checkpoint

// Tensor is a named block of float32 values, row-major.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32 // may alias a parameter block
}

// File is a loaded checkpoint.
type File struct {
	Path string
	Meta map[string]string
}

// Save writes the tensors and the metadata to path atomically.
func Save(path string, tensors []Tensor, meta map[string]string) error { return nil }

// Load reads a checkpoint.
func Load(path string) (*File, error) { return &File{Path: path}, nil }

// Names returns the names of the tensors, sorted.
func (f *File) Names() []string { return nil }

// Tensor returns the tensor of a name, and whether there is one.
func (f *File) Tensor(name string) (Tensor, bool) { return Tensor{}, false }

// Copy fills the Data of each tensor given from the one of its name.
func (f *File) Copy(tensors []Tensor) error { return nil }

// SHA256 returns the SHA-256 of a file's bytes, in hexadecimal.
func SHA256(path string) (string, error) { return "", nil }
