package gosrc

import "fmt"

// tables emits the tables of steps.
func (e *emitter) tables(file *code) error {
	body := &code{}
	for _, table := range []string{"forward", "backward", "update", "infer"} {
		if len(e.rows[table]) == 0 {
			continue
		}
		body.line("n.%s = %s", table, tableText(e.rows[table]))
	}
	file.declare(function{
		doc:    []string{"buildSteps lists what the passes run, in order."},
		method: true, name: "buildSteps", body: body,
	})
	describe := &code{}
	describe.line("return trainer.Kernel{\nName: name, Layer: layer, Pass: pass, Tasks: tasks, " +
		"Run: run,\nFlops: flops, Bytes: bytes,\n}")
	file.declare(function{
		doc:  []string{"step is one line of the tables."},
		name: "step", results: "trainer.Kernel", body: describe,
		params: "name, layer, pass string, tasks int, run func(task int), flops, bytes int64",
	})
	return nil
}

func tableText(rows []row) string {
	s := "[]trainer.Kernel{\n"
	for _, r := range rows {
		what := fmt.Sprintf("%q, %q, %q,", r.name, r.layer, r.pass)
		work := fmt.Sprintf("%d, n.%s, %d, %d", r.tasks, r.method, r.flops, r.bytes)
		between := " "
		if len("step("+what+between+work+"),") > columns-8 {
			between = "\n"
		}
		s += "step(" + what + between + work + "),\n"
	}
	return s + "}"
}
