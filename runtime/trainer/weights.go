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
	"os"
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

// saveTensors writes tensors of a network with the state of its training, if that is known.
func saveTensors(path string, spec *Spec, list []checkpoint.Tensor, s *state) error {
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

// openWeights reads a checkpoint of the network. The state of its training is nil if the file does
// not tell one, as when another program wrote it.
func openWeights(path string, spec *Spec) (*checkpoint.File, *state, error) {
	file, err := checkpoint.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s: there are no weights; train first, or see -weights", path)
	}
	if err != nil {
		return nil, nil, err
	}
	if net, ok := file.Meta[netKey]; ok && net != spec.Name {
		return nil, nil, fmt.Errorf("%s: the weights are of the network %q, not of %q",
			path, net, spec.Name)
	}
	text, ok := file.Meta[trainingKey]
	if !ok {
		return file, nil, nil
	}
	s := new(state)
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, nil, fmt.Errorf("%s: metadata %q: %w", path, trainingKey, err)
	}
	return file, s, nil
}

// savedTraining is a checkpoint that a training can go on from.
type savedTraining struct {
	file  *checkpoint.File
	state state
}

func openTraining(path string, spec *Spec) (*savedTraining, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no training to resume; leave out -resume", path)
	}
	file, s, err := openWeights(path, spec)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("%s: it tells no state of a training to resume", path)
	}
	return &savedTraining{file, *s}, nil
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
	return file.Copy(wanted)
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
