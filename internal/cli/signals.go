package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// Interrupts are the signals that end a command in good order: what a terminal sends, at its own
// end as well, and what a shutdown does. Who has started the command under nohup wants it to
// outlive the terminal.
func Interrupts() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}
