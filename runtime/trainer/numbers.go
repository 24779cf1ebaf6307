package trainer

import (
	"fmt"
	"strconv"
)

// grouped is a number with commas between thousands: 1,199,882.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(digits) - 3; i > start; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count is a number of things: 1 thread, 2 threads.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%s %ss", grouped(int64(n)), thing)
}

// mebibytes is a number of bytes in MiB.
func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// per is a rate: amount/time, and 0 if the time is too short to tell.
func per(amount, time float64) float64 {
	if time <= 0 {
		return 0
	}
	return amount / time
}
