package trainer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"github.com/gradc/gradc/runtime/checkpoint"
)

// optimizerPrefix begins the names of the optimizer's tensors in a checkpoint:
// "optimizer.exp_avg.conv1.weight".
const optimizerPrefix = "optimizer."

// Keys of a checkpoint's metadata.
const (
	netKey      = "net"      // the network's name
	trainingKey = "training" // the state of the training, as JSON
)

// weightTensors are the parameters and running statistics of a network, in place.
func weightTensors(n Network) []checkpoint.Tensor {
	spec := n.Spec()
	return append(tensors("", spec.Params, n.Params()), tensors("", spec.States, n.States())...)
}

// trainingTensors are the weights and the optimizer's state of a network, in place.
func trainingTensors(n Network) []checkpoint.Tensor {
	spec := n.Spec()
	all := weightTensors(n)
	size := len(n.Params())
	for i, moment := range spec.Moments {
		block := n.Moments()[i*size : (i+1)*size]
		all = append(all, tensors(optimizerPrefix+moment+".", spec.Params, block)...)
	}
	return all
}

func tensors(prefix string, parts []Tensor, block []float32) []checkpoint.Tensor {
	list := make([]checkpoint.Tensor, len(parts))
	for i := range parts {
		t := &parts[i]
		list[i] = checkpoint.Tensor{Name: prefix + t.Name, Shape: t.Shape, Data: t.of(block)}
	}
	return list
}

// saveTensors writes tensors of a network with the state of its training, if that is known. What is
// not finite is not written: it would be of no use, and take the place of what is.
func saveTensors(path string, spec *Spec, list []checkpoint.Tensor, s *state) error {
	if err := checkFinite(list); err != nil {
		return fmt.Errorf("nothing saved to %s: %w; use a smaller -lr", path, err)
	}
	meta := map[string]string{netKey: spec.Name}
	if s != nil {
		text, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		meta[trainingKey] = string(text)
	}
	return checkpoint.Save(path, list, meta)
}

// checkFinite names the first element of tensors that is infinite or not a number.
func checkFinite(list []checkpoint.Tensor) error {
	for _, t := range list {
		for i, x := range t.Data {
			if !finite(float64(x)) {
				return fmt.Errorf("element %d of %s is %v, the training diverged", i, t.Name, x)
			}
		}
	}
	return nil
}

// checkLoaded names the first element of tensors from a file that no training can have come to.
func checkLoaded(list []checkpoint.Tensor) error {
	if err := checkFinite(list); err != nil {
		return err
	}
	for _, t := range list {
		if !isMeanOfSquares(t.Name) {
			continue
		}
		for i, x := range t.Data {
			if x < 0 {
				return fmt.Errorf("element %d of %s is %v, which a mean of squares cannot be", i,
					t.Name, x)
			}
		}
	}
	return nil
}

// isMeanOfSquares reports whether a tensor of a checkpoint is the variances of a batch norm, or
// what an optimizer keeps of squared gradients.
func isMeanOfSquares(name string) bool {
	return strings.HasSuffix(name, ".running_var") ||
		strings.HasPrefix(name, optimizerPrefix+"second_moment.")
}

// savedWeights is a checkpoint of a network.
type savedWeights struct {
	file  *checkpoint.File
	net   string // name of the network; empty if the file does not tell
	state *state // of its training; nil if the file does not tell, as when another program wrote it
}

// maxData is how many bytes of tensors a checkpoint of the network may have: parameters, running
// statistics and the optimizer's state.
func (s *Spec) maxData() int64 {
	floats := int64(s.paramCount()) * int64(1+len(s.Moments))
	for i := range s.States {
		floats += int64(s.States[i].Len())
	}
	return 4 * floats
}

// openWeights reads a checkpoint of about the network's size.
func openWeights(path string, spec *Spec) (*savedWeights, error) {
	file, err := checkpoint.Load(path, spec.maxData())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there are no weights; train first, or see -weights", path)
	}
	if err != nil {
		return nil, err
	}
	w := &savedWeights{file: file, net: file.Meta[netKey]}
	text, ok := file.Meta[trainingKey]
	if !ok {
		return w, nil
	}
	w.state = new(state)
	if err = json.Unmarshal([]byte(text), w.state); err == nil {
		err = w.state.check()
	}
	if mistake := new(json.UnmarshalTypeError); errors.As(err, &mistake) {
		err = fmt.Errorf("%s is a %s; the file is damaged, replace it", mistake.Field, mistake.Value)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: metadata %q: %w", path, trainingKey, err)
	}
	return w, nil
}

// openTraining reads a checkpoint that a training can go on from.
func openTraining(path string, spec *Spec) (*savedWeights, error) {
	w, err := openWeights(path, spec)
	if err == nil && w.state == nil {
		err = fmt.Errorf("%s: it tells no state of a training to resume", path)
	}
	return w, err
}

// ofNetwork lists in what way the weights are of a network of another name.
func (w *savedWeights) ofNetwork(spec *Spec) []string {
	if w.net == "" {
		return nil
	}
	return differ(nil, "the network", w.net, spec.Name)
}

// evaluable returns an error if a network of the spec would make something else of the weights than
// the one that they are of, or if its classes have other names; not if the user insists. No names
// are given where only the weights tell them.
func (w *savedWeights) evaluable(spec *Spec, classes []string, force bool) error {
	differences := w.ofNetwork(spec)
	if w.state != nil {
		differences = append(differences, w.state.Digests.evaluation(&spec.Digests)...)
		differences = append(differences, classesDiffer(w.state.Classes, classes, spec.Classes)...)
	}
	return otherwise(w.file.Path, differences, force)
}

// copyWeights fills the parameters and running statistics of a network. The optimizer's state, if
// the file has it, is passed over.
func copyWeights(n Network, file *checkpoint.File) error {
	wanted := weightTensors(n)
	for _, name := range file.Names() {
		if strings.HasPrefix(name, optimizerPrefix) {
			tensor, _ := file.Tensor(name)
			wanted = append(wanted, tensor) // onto itself: the file has to match as a whole
		}
	}
	if err := file.Copy(wanted); err != nil {
		return err
	}
	if err := checkLoaded(weightTensors(n)); err != nil {
		return fmt.Errorf("%s: %w; give weights that were saved before", file.Path, err)
	}
	return nil
}

// weightsSHA256 is the SHA-256, in hexadecimal, of the parameter block followed by the state block,
// as little-endian float32. It says whether two networks are equal to the bit.
func weightsSHA256(n Network) string {
	hash := sha256.New()
	var buffer [4 * 1024]byte
	for _, block := range [][]float32{n.Params(), n.States()} {
		for len(block) > 0 {
			part := block[:min(len(block), len(buffer)/4)]
			for i, value := range part {
				binary.LittleEndian.PutUint32(buffer[4*i:], math.Float32bits(value))
			}
			hash.Write(buffer[:4*len(part)])
			block = block[len(part):]
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}
