//go:build unix

package cli

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
)

func TestInterrupts(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	if !slices.Contains(Interrupts(), os.Signal(syscall.SIGHUP)) {
		t.Error("the end of a terminal does not end a command in good order")
	}
	signal.Ignore(syscall.SIGHUP) // as nohup does
	if slices.Contains(Interrupts(), os.Signal(syscall.SIGHUP)) {
		t.Error("the end of a terminal ends a command that nohup has started")
	}
}
