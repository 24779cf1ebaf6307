package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// endTogether makes the end of this process an interrupt for a command that is not started yet, also
// where nothing can be done any more as after a kill. The function that it returns is called when
// the command has ended.
func endTogether(cmd *exec.Cmd) func() {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	runtime.LockOSThread() // the signal is sent at the end of the thread that has started it
	return runtime.UnlockOSThread
}
