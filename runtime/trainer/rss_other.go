//go:build !unix

package trainer

// peakRSS is the most memory the process has had resident, in bytes; 0 since it is not known.
func peakRSS() int64 { return 0 }
