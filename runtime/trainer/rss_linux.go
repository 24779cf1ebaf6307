package trainer

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// peakRSS is the most memory the process has had resident, in bytes; 0 if it is not known.
func peakRSS() int64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text()) // VmHWM:     12345 kB
		if len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return 1024 * kilobytes
		}
	}
	return 0
}
