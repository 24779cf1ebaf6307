package gosrc

import (
	"fmt"
	"strconv"
)

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
	return nil
}

func tableText(rows []row) string {
	s := "[]trainer.Kernel{\n"
	for _, r := range rows {
		s += fmt.Sprintf("{\nName: %s, Layer: %s, Pass: %s,\nTasks: %d, Run: n.%s, "+
			"Flops: %d, Bytes: %d,\n},\n", strconv.Quote(r.name), strconv.Quote(r.layer),
			strconv.Quote(r.pass), r.tasks, r.method, r.flops, r.bytes)
	}
	return s + "}"
}
