package trainer

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/report"
)

// dataFlags choose the images of a command.
type dataFlags struct {
	name    string
	dir     string
	workers int
}

func (d *dataFlags) register(c *cobra.Command, defaultName string) {
	names := strings.Join(data.Names(), " ")
	c.Flags().StringVar(&d.name, "data", defaultName, "`NAME` of the data set: "+names)
	c.Flags().StringVar(&d.dir, "data-dir", "",
		"`DIR` that holds the data; mnist is downloaded without it")
	c.Flags().IntVar(&d.workers, "workers", 0,
		"`N` goroutines prepare batches; 0 chooses; results do not depend on it")
}

// maxWorkers is more than any network has use for.
const maxWorkers = 256

// prepare checks the number of workers, or chooses one, and adds what the loaders of their batches
// take to the memory that the command needs.
func (d *dataFlags) prepare(spec *Spec, loaders int, needs *memory) error {
	if d.workers < 0 || d.workers > maxWorkers {
		return fmt.Errorf("-workers %d: use 1 to %d, or 0, which chooses a number", d.workers,
			maxWorkers)
	}
	if d.workers == 0 {
		d.workers = min(max(1, runtime.GOMAXPROCS(0)/4), maxWorkers)
	}
	batch := 4 * int64(spec.Batch) * (int64(spec.Channels)*int64(spec.Height)*int64(spec.Width) + 1)
	needs.batches += int64(loaders) * int64(data.Ahead(d.workers)) * batch
	return nil
}

// splits are the two parts of a data set.
type splits struct {
	train, test *data.Set
	err         error
}

// open reads both splits of the data set and makes sure that they fit the network. It gives up when
// the context ends, since reading may mean downloading.
func (d *dataFlags) open(ctx context.Context, spec *Spec, r *report.Report) (splits, error) {
	read := make(chan splits, 1)
	go func() {
		train, test, err := data.Open(d.name, data.Options{
			Dir:      d.dir,
			Channels: spec.Channels, Height: spec.Height, Width: spec.Width,
			Classes: spec.Classes,
			Log:     func(line string) { _ = r.Write(note{Event: "note", Text: line}) },
		})
		read <- splits{train, test, err}
	}()
	var s splits
	select {
	case <-ctx.Done():
		return splits{}, interruption{"interrupted while reading data; nothing was written"}
	case s = <-read:
	}
	if s.err != nil {
		return splits{}, fmt.Errorf("data %s: %w", d.name, s.err)
	}
	return s, nil
}

// note is a line about something that takes long.
type note struct {
	Event string `json:"event"`
	Text  string `json:"text"`
}

func (n note) String() string { return n.Text }
