// Package trainer is what every emitted trainer shares: its command line (train, eval, predict,
// bench, info, export) and the training session behind it. It knows no network; an emitted package
// hands it a Spec, which is what was known at generate time, and a function that builds a Network.
//
// A run is reproducible to the bit: the weights depend on the network, the data, the seed and the
// learning rate, and neither on the number of threads nor on interruptions. All randomness is drawn
// from counters keyed by seed, epoch, step and sample, so those numbers are all that a checkpoint
// needs to hold of it.
package trainer

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gradc/gradc/internal/cli"
	"github.com/gradc/gradc/runtime/parallel"
)

// Exit codes of a trainer.
const (
	exitDone        = 0
	exitFailed      = 1 // a command was carried out, but for some of what it was given
	exitError       = 2
	exitInterrupted = 130 // what shells report after an interrupt
	exitPipe        = 141 // and after a write to a pipe that nobody reads
)

// Network is one instance of an emitted network: its blocks of memory and the passes over them.
// Batch sizes and shapes are those of its Spec.
type Network interface {
	Spec() *Spec
	// Params is the block of trainable parameters, Moments the optimizer's state (one block as long
	// as Params for each name in Spec.Moments, one after the other) and States the running
	// statistics.
	Params() []float32
	Moments() []float32
	States() []float32

	// TrainEpoch takes one Step for each batch of the epoch.
	TrainEpoch(e *Epoch) error
	// Step trains on one batch, [batch, channels, height, width] and [batch], and returns its mean
	// loss. Logits are of the weights before the update.
	Step(images []float32, labels []int32, step int64, rate float32) (loss float32)
	// Infer runs the evaluation pass over one batch: it fills Logits and Losses.
	Infer(images []float32, labels []int32)
	// Logits is [batch, classes] of the last Step or Infer, Losses [batch] of the last Infer.
	Logits() []float32
	Losses() []float32

	// TrainKernels lists what one Step runs, in order.
	TrainKernels() []Kernel
}

// Kernel is one parallel step of a network's plan.
type Kernel struct {
	Name  string // "conv1 forward"
	Layer string // "conv1"
	Pass  string // "forward", "backward" or "update"
	Tasks int    // independent of each other
	Run   func(task int)
	Flops int64 // floating point operations, a multiply-add being two
	Bytes int64 // read and written, each buffer once
}

// Build makes a network on a pool of threads. The seed keys its random numbers while it trains
// (dropout); parameters start as zeros and are filled by Initialise.
type Build func(seed uint64, pool *parallel.Pool) Network

// Main runs the command line of the process and returns its exit code: 0 done, 1 done but for some
// of what was given, 2 an error, with one line on standard error that begins with the network's
// name, 130 a training that was interrupted and can be resumed.
func Main(spec *Spec, build Build) int {
	// A write to a pipe that nobody reads is an error of that write, so that a training can be
	// saved; without this it would end the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), cli.Interrupts()...)
	defer stop()
	// The first signal ends the training in good order, a second one at once. Those that come
	// together are one: gradc run passes on what the terminal has sent already.
	context.AfterFunc(ctx, func() {
		time.Sleep(time.Second)
		stop()
	})
	return Run(ctx, spec, build, os.Args[1:], os.Stdout, os.Stderr)
}

// Run is Main with everything it takes from the process as arguments. Cancelling the context is the
// interrupt.
func Run(ctx context.Context, spec *Spec, build Build, args []string, out, errOut io.Writer) int {
	t := &trainer{ctx: ctx, spec: spec, build: build, out: out, err: errOut}
	return t.run(args)
}

// trainer is what the subcommands share.
type trainer struct {
	ctx      context.Context
	spec     *Spec
	build    Build
	out, err io.Writer
}
