//go:build !linux

package trainer

import (
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// availableMemory is all memory that the machine has: how much is free is told in a way of its own
// by every system.
func availableMemory() (bytes int64, known bool) {
	all, err := memlimit.FromSystem()
	return int64(min(all, math.MaxInt64)), err == nil && all > 0
}
