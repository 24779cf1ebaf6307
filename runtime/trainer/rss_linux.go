package trainer

// peakRSS is the most memory the process has had resident, in bytes; 0 if it is not known.
func peakRSS() int64 { return procFields("/proc/self/status")["VmHWM:"] }
