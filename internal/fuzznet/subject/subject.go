// Package subject runs emitted networks for package fuzznet. It is linked into one program with
// many of them, reads from standard input what they shall do, and writes what they did.
package subject

import (
	"bufio"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"io"
	"os"

	"github.com/gradc/gradc/runtime/parallel"
	"github.com/gradc/gradc/runtime/trainer"
)

// Subject is one emitted network.
type Subject struct {
	Network trainer.Network
	Arena   []float32
	Grads   []float32
	Passes  [][]trainer.Kernel // forward, backward, update, infer: the network's own slices
}

// Build makes a network on a pool of threads.
type Build func(seed uint64, pool *parallel.Pool) *Subject

// Case is what one network shall do: some training steps, then an evaluation.
type Case struct {
	Network int // among those of the program
	Seed    uint64
	Threads []int // the first one's results count, the others' must be equal to the bit
	Steps   []Step
	Eval    Step // of which the state of the training counts for nothing
}

// Step is one training step, or an evaluation. Where a block is nil, the network goes on with what
// it holds.
type Step struct {
	Params, Moments, States Floats

	Images Floats
	Labels []int32
}

// Result is what a network did.
type Result struct {
	Steps          []StepResult
	Logits, Losses Floats // of the evaluation
	Fault          string // a panic, or numbers of threads that disagree
}

// StepResult is what a training step left behind.
type StepResult struct {
	Rate                           float32
	Loss                           float32
	Logits                         Floats
	Params, Moments, States, Grads Floats
}

// Floats travel as bytes, which takes a tenth of the time that gob needs for numbers.
type Floats []float32

// GobEncode returns the bytes of all numbers, little-endian.
func (f Floats) GobEncode() ([]byte, error) {
	return binary.Append(nil, binary.LittleEndian, []float32(f))
}

// GobDecode is the opposite of GobEncode.
func (f *Floats) GobDecode(data []byte) error {
	*f = make(Floats, len(data)/4)
	_, err := binary.Decode(data, binary.LittleEndian, []float32(*f))
	return err
}

// Main answers the cases on standard input, a stream of gob, in order.
func Main(builds []Build) {
	if err := serve(builds, os.Stdin, os.Stdout); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

func serve(builds []Build, in io.Reader, out io.Writer) error {
	cases, w := gob.NewDecoder(bufio.NewReader(in)), bufio.NewWriter(out)
	results := gob.NewEncoder(w)
	for {
		var c Case
		if err := cases.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := errors.Join(results.Encode(run(builds[c.Network], &c)), w.Flush()); err != nil {
			return err
		}
	}
}
