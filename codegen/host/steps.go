package host

import (
	"fmt"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/plan"
)

// Table is the steps of one pass over the network, which a backend prints methods for.
type Table struct {
	Name  string // of the field that lists them
	Steps []*plan.Step
}

// Tables returns the passes, in the order in which a training runs them. The backward pass begins
// with the first step that belongs to it.
func (n *Net) Tables() []Table {
	forward := slices.IndexFunc(n.Plan.Train, func(s *plan.Step) bool {
		return s.Origin.Pass != ir.Forward
	})
	if forward < 0 {
		forward = len(n.Plan.Train)
	}
	return []Table{
		{"forward", n.Plan.Train[:forward]}, {"backward", n.Plan.Train[forward:]},
		{"update", n.Plan.Update}, {"infer", n.Plan.Infer},
	}
}

// Row is a line of such a table.
type Row struct {
	Name, Layer, Pass, Method string
	Tasks                     int
	Flops, Bytes              int64
}

// AddStep puts a step into a table, behind those that are there.
func (n *Net) AddStep(t Table, r Row) { n.steps[t.Name] = append(n.steps[t.Name], r) }

// tables emits the tables of steps.
func (n *Net) tables(file *Code) error {
	body := &Code{}
	for _, t := range n.Tables() {
		if rows := n.steps[t.Name]; len(rows) > 0 {
			body.Line("n.%s = %s", t.Name, tableText(rows))
		}
	}
	file.Declare(Function{
		Doc:    []string{"buildSteps lists what the passes run, in order."},
		Method: true, Name: "buildSteps", Body: body,
	})
	describe := &Code{}
	describe.Line("return trainer.Kernel{\nName: name, Layer: layer, Pass: pass, Tasks: tasks, " +
		"Run: run,\nFlops: flops, Bytes: bytes,\n}")
	file.Declare(Function{
		Doc:  []string{"step is one line of the tables."},
		Name: "step", Results: "trainer.Kernel", Body: describe,
		Params: "name, layer, pass string, tasks int, run func(task int), flops, bytes int64",
	})
	return nil
}

func tableText(rows []Row) string {
	s := "[]trainer.Kernel{\n"
	for _, r := range rows {
		what := fmt.Sprintf("%q, %q, %q,", r.Name, r.Layer, r.Pass)
		work := fmt.Sprintf("%d, n.%s, %d, %d", r.Tasks, r.Method, r.Flops, r.Bytes)
		between := " "
		if len("step("+what+between+work+"),") > Columns-8 {
			between = "\n"
		}
		s += "step(" + what + between + work + "),\n"
	}
	return s + "}"
}
