// Command fuzz compares random networks, as gradc emits them, with the interpreter. Those that fail
// are reduced and kept for a test to run again. With -faults, it puts mistakes into gradc and tells
// after how many networks each is found.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/gradc/gradc/internal/fuzznet"
)

// options are what the user asks for.
type options struct {
	count   int
	seed    uint64
	batch   int
	keep    string
	faults  string
	fault   string
	overlay string
	race    bool
	cache   bool
	root    string
}

// Exit codes: networks failed; something else went wrong.
const (
	exitFound = 1
	exitError = 2
)

func main() {
	var o options
	flag.IntVar(&o.count, "n", 10000, "networks")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano())%1e6,
		"of the networks that are drawn")
	flag.IntVar(&o.batch, "batch", 40, "networks of a program")
	flag.StringVar(&o.keep, "keep", "internal/fuzznet/testdata/networks",
		"folder for networks that fail; empty to end with the first one instead")
	flag.StringVar(&o.faults, "faults", "", "folder of mistakes to put into gradc")
	flag.StringVar(&o.fault, "fault", "*", "names of those among them, as a pattern")
	flag.StringVar(&o.overlay, "overlay", "", "file for go build's -overlay")
	flag.BoolVar(&o.race, "race", false, "look for races, which needs a C compiler")
	flag.BoolVar(&o.cache, "cache", false, "keep what is built in the user's GOCACHE")
	flag.Parse()
	debug.SetGCPercent(400) // memory is there, time is not
	root, err := fuzznet.FindRoot()
	if err == nil {
		o.root = root
		if o.faults != "" {
			err = o.tryFaults()
		} else {
			var found int
			if found, err = o.compare(); err == nil && found > 0 {
				os.Exit(exitFound)
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz: "+err.Error())
		os.Exit(exitError)
	}
}

// compare compares networks and returns how many fail.
func (o *options) compare() (int, error) {
	fmt.Printf("seed %d, %d networks\n", o.seed, o.count)
	run := &fuzznet.Run{Workers: runtime.GOMAXPROCS(0), Batch: o.batch, Tools: fuzznet.Tools{
		Root: o.root, Race: o.race, Overlay: o.overlay, Jobs: 1}}
	seeds := fuzznet.Seeds(o.seed, o.count)
	began := time.Now()
	run.Done = func(t fuzznet.Tally, found []fuzznet.Failure) bool {
		fmt.Printf("%v: %v\n", time.Since(began).Round(time.Second), t)
		for _, f := range found {
			fmt.Printf("%s: %s\n%s\n", f.Where, f.Text, f.Network)
		}
		return o.keep != "" || len(found) == 0
	}
	found := 0
	for part := range slices.Chunk(seeds, 1000) {
		failures, err := o.part(run, part)
		found += len(failures)
		if err != nil {
			return found, err
		}
		for _, f := range failures {
			if o.keep == "" {
				return found, nil
			}
			if err := o.reduce(run, f); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// part compares networks with a build cache of their own, which goes away with them: theirs is a
// megabyte each.
func (o *options) part(run *fuzznet.Run, seeds []uint64) ([]fuzznet.Failure, error) {
	if !o.cache {
		dir, err := os.MkdirTemp("", "fuzznet-cache-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		run.Cache = dir
	}
	var list []*fuzznet.Network
	for _, seed := range seeds {
		list = append(list, fuzznet.Draw(seed))
	}
	failures, _, err := run.Networks(list)
	return failures, err
}

// reduce reduces a network that fails, and keeps what is left of it.
func (o *options) reduce(run *fuzznet.Run, f fuzznet.Failure) error {
	quiet := &fuzznet.Run{Workers: run.Workers, Tools: run.Tools}
	quiet.Cache = ""
	small, err := quiet.Reduce(f, func(f fuzznet.Failure) {
		fmt.Printf("smaller: %d bytes, %s\n", len(f.Network.String()), f.Where)
	})
	if err != nil {
		return err
	}
	path, err := fuzznet.Keep(filepath.Join(o.root, o.keep), small)
	fmt.Printf("%s\n%s: %s\nkept as %s\n", small.Network, small.Where, small.Text, path)
	return err
}
