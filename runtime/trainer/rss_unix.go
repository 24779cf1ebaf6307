//go:build unix && !linux

package trainer

import (
	"runtime"
	"syscall"
)

// peakRSS is the most memory the process has had resident, in bytes; 0 if it is not known.
func peakRSS() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // bytes there, kilobytes elsewhere
	}
	return 1024 * int64(usage.Maxrss)
}
