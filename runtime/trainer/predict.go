package trainer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/runtime/augment"
	"github.com/gradc/gradc/runtime/report"
)

// predictFlags are the flags of predict.
type predictFlags struct {
	machine machineFlags
	weights string
	top     int
	invert  bool
	force   bool
	json    bool
}

func (t *trainer) predictCommand() *cobra.Command {
	var f predictFlags
	spec := t.spec
	c := &cobra.Command{
		Use:   "predict FILE|FOLDER...",
		Short: "Classes of image files or folders",
		Long: fmt.Sprintf(
			`Classes of image files (PNG, JPEG, GIF) or of all such files in folders and those below.

Links are followed, hidden files and folders are not looked at. A file that cannot be read is told
of in its place, the others are classified, and the exit code is 1.

Images are turned as their EXIF orientation says, %s and scaled to %d by %d pixels, whatever
their shape; of a GIF it is the first frame. A network trained on
light digits on a dark ground, as those of MNIST, expects such images: -invert turns dark on light
into light on dark.`, colours(spec.Channels), spec.Width, spec.Height),
		Args: cobra.MinimumNArgs(1),
	}
	c.RunE = func(_ *cobra.Command, paths []string) error { return t.predict(&f, paths) }
	f.machine.register(c)
	registerWeights(c, &f.weights, spec)
	c.Flags().IntVar(&f.top, "top", min(3, spec.Classes), "show the `K` most probable classes")
	c.Flags().BoolVar(&f.invert, "invert", false, "exchange light and dark")
	registerForce(c, &f.force)
	c.Flags().BoolVar(&f.json, "json", false, "write a JSON line for each image")
	return c
}

func colours(channels int) string {
	if channels == 1 {
		return "converted to grey"
	}
	return "converted to red, green and blue"
}

func (t *trainer) predict(f *predictFlags, paths []string) error {
	if f.top < 1 || f.top > t.spec.Classes {
		return fmt.Errorf("-top %d: %s has classes 1 to %d", f.top, t.spec.Name, t.spec.Classes)
	}
	if t.spec.Channels != 1 && t.spec.Channels != 3 {
		return fmt.Errorf("predict needs a network of 1 or 3 channels, %s has %d",
			t.spec.Name, t.spec.Channels)
	}
	pool, err := f.machine.open(t.spec.evaluation())
	if err != nil {
		return err
	}
	defer pool.Close()
	saved, err := openWeights(f.weights, t.spec)
	if err != nil {
		return err
	}
	if err := saved.evaluable(t.spec, nil, f.force); err != nil {
		return err
	}
	files, notes, err := imageFiles(paths)
	if err != nil {
		return err
	}
	net := t.build(t.spec.Recipe.Seed, pool)
	if err := copyWeights(net, saved.file); err != nil {
		return err
	}
	normal, err := t.spec.Recipe.Pipeline.For(t.spec.Channels, t.spec.Height, t.spec.Width)
	if err != nil {
		return err
	}
	p := predictor{
		spec:   t.spec,
		net:    net,
		normal: normal,
		images: make([]float32, t.spec.Batch*t.spec.Channels*t.spec.Height*t.spec.Width),
		labels: make([]int32, t.spec.Batch),
		top:    f.top,
		invert: f.invert,
	}
	if saved.state != nil {
		p.names = saved.state.Classes
	}
	rep := report.New(t.out, t.err, f.json)
	for _, note := range notes {
		if err := rep.Write(note); err != nil {
			return err
		}
	}
	if err := p.all(t.ctx, files, rep); err != nil {
		return err
	}
	summary := predictSummary{"summary", t.spec.Name, f.weights, len(files) - p.failed, p.failed}
	if err := rep.Write(summary); err != nil {
		return err
	}
	if p.failed > 0 {
		return failure{fmt.Sprintf("%d of %s cannot be read", p.failed, count(len(files), "picture"))}
	}
	return nil
}

// predictor classifies images, a batch at a time.
type predictor struct {
	spec   *Spec
	net    Network
	normal *augment.Transform // without what is random
	images []float32
	labels []int32 // zeros: nobody knows them
	names  []string
	top    int
	invert bool
	failed int // files that could not be read
}

// all classifies files, a batch at a time.
func (p *predictor) all(ctx context.Context, files []string, rep *report.Report) error {
	for batch := range slices.Chunk(files, p.spec.Batch) {
		if ctx.Err() != nil {
			return interruption{"interrupted while predicting"}
		}
		if err := p.batch(batch, rep); err != nil {
			return err
		}
	}
	return nil
}

// batch classifies up to one batch of files. Those that cannot be read are told of in their places.
func (p *predictor) batch(files []string, rep *report.Report) error {
	size := len(p.images) / p.spec.Batch
	faults, read := make([]error, len(files)), 0
	for i, path := range files {
		if faults[i] = p.read(p.images[read*size:(read+1)*size], path); faults[i] == nil {
			read++
		}
	}
	p.failed += len(files) - read
	clear(p.images[read*size:])
	p.net.Infer(p.images, p.labels)
	logits := p.net.Logits()
	for i, path := range files {
		if fault := faults[i]; fault != nil {
			line := unreadable{Event: "error", File: path, Error: fault.Error()}
			if err := rep.Write(line); err != nil {
				return err
			}
			continue
		}
		row := logits[:p.spec.Classes]
		logits = logits[p.spec.Classes:]
		for class, x := range row {
			if !finite(float64(x)) {
				return fmt.Errorf("%s: the network makes %v of class %d; its weights are too large",
					quote.Name(path), x, class)
			}
		}
		line := prediction{Event: "prediction", File: path, Classes: p.rank(row)}
		if err := rep.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// rank lists the most probable classes, by softmax of the logits. Of equally probable classes the
// first comes first.
func (p *predictor) rank(logits []float32) []ranked {
	largest := math.Inf(-1)
	for _, x := range logits {
		largest = max(largest, float64(x))
	}
	all := make([]ranked, len(logits))
	sum := 0.0
	for class, x := range logits {
		// softmax(x)_i = exp(x_i - max x) / sum_j exp(x_j - max x)
		e := math.Exp(float64(x) - largest)
		sum += e
		all[class] = ranked{Class: class, Name: p.name(class), Probability: e}
	}
	for class := range all {
		all[class].Probability /= sum
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Probability > all[j].Probability })
	return all[:p.top]
}

// name is what the training's data set called a class, or else its number.
func (p *predictor) name(class int) string {
	if class < len(p.names) {
		return p.names[class]
	}
	return strconv.Itoa(class)
}

// prediction is what predict tells of one image.
type prediction struct {
	Event   string   `json:"event"`
	File    string   `json:"file"`
	Classes []ranked `json:"classes"` // the most probable first
}

type ranked struct {
	Class       int     `json:"class"`
	Name        string  `json:"name"`
	Probability float64 `json:"probability"`
}

func (p prediction) String() string {
	classes := make([]string, len(p.Classes))
	for i, c := range p.Classes {
		classes[i] = fmt.Sprintf("%s %.1f%%", quote.Name(c.Name), 100*c.Probability)
	}
	return fmt.Sprintf("%s: %s", quote.Name(p.File), strings.Join(classes, ", "))
}

// predictSummary ends the JSON lines of predict; as text there is nothing to add.
type predictSummary struct {
	Event   string `json:"event"`
	Net     string `json:"net"`
	Weights string `json:"weights"`
	Images  int    `json:"images"`
	Failed  int    `json:"failed"`
}

func (predictSummary) String() string { return "" }
