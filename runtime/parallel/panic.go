package parallel

import (
	"fmt"
	"runtime/debug"
)

// Panic is what Run panics with when a task has panicked.
type Panic struct {
	Task  int    // the task that panicked, the first to do so if there are several
	Value any    // what it panicked with
	Stack []byte // its stack, which is not that of Run's caller
}

// Error returns the value, the task and the stack.
func (p *Panic) Error() string {
	return fmt.Sprintf("parallel: task %d panicked: %v\n\n%s", p.Task, p.Value, p.Stack)
}

// Unwrap returns the value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// fail keeps the first panic of a run and drops the tasks not yet begun.
func (p *Pool) fail(task int, value any) {
	p.next.Store(p.tasks)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.failure == nil {
		p.failure = &Panic{Task: task, Value: value, Stack: debug.Stack()}
	}
}
