package fuzznet

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/gradc/gradc/internal/fuzznet/subject"
	"github.com/gradc/gradc/runtime/cpu"
)

// patience is how long a network may take for its steps, which are a few milliseconds of work.
const patience = 2 * time.Minute

// Levels returns the code paths that this processor has, plain Go first.
func Levels() ([]cpu.Level, error) {
	best, err := cpu.Best()
	if err != nil {
		return nil, err
	}
	var list []cpu.Level
	for l := cpu.Go; l <= best; l++ {
		list = append(list, l)
	}
	return list, nil
}

// process runs a program on one code path. It is started again after a crash.
type process struct {
	path    string
	level   cpu.Level
	command *exec.Cmd
	in      io.WriteCloser
	cases   *gob.Encoder
	results *gob.Decoder
	problem bytes.Buffer
}

func (p *process) start() error {
	p.problem.Reset()
	p.command = exec.Command(p.path)
	p.command.Env = append(p.command.Environ(), "GRADC_CPU="+p.level.String())
	p.command.Stderr = &p.problem
	in, err := p.command.StdinPipe()
	if err != nil {
		return err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	p.in, p.cases, p.results = in, gob.NewEncoder(in), gob.NewDecoder(out)
	return p.command.Start()
}

// call has a network do what a case asks for. A crash of the program is a fault in the result.
func (p *process) call(c *subject.Case) (r subject.Result, err error) {
	if p.command == nil {
		if err := p.start(); err != nil {
			return r, err
		}
	}
	late := time.AfterFunc(patience, func() { p.command.Process.Kill() })
	defer late.Stop()
	failed := p.cases.Encode(c)
	if failed == nil {
		failed = p.results.Decode(&r)
	}
	if failed == nil {
		return r, nil
	}
	r.Fault = fmt.Sprintf("crash: %v, %v: %s", failed, p.command.Wait(), head(p.problem.String()))
	p.command = nil
	return r, nil
}

// close ends the program and returns what it said, such as reports of the race detector.
func (p *process) close() string {
	if p.command == nil {
		return ""
	}
	p.in.Close()
	p.command.Wait()
	p.command = nil
	return p.problem.String()
}

// head is the beginning of a long text.
func head(text string) string { return text[:min(len(text), 2000)] }
