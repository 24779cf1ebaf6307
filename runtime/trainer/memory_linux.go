package trainer

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"golang.org/x/sys/unix"
)

// availableMemory is how much memory the process can still take: what the system can give, swap
// included, within the limits of its control group and of ulimit -v.
func availableMemory() (bytes int64, known bool) {
	bytes = math.MaxInt64
	limit := func(n int64) { bytes = min(bytes, max(0, n)) }
	if info := procFields("/proc/meminfo"); info["MemAvailable:"] > 0 {
		limit(info["MemAvailable:"] + info["SwapFree:"])
	}
	if group, err := memlimit.FromCgroup(); err == nil && group < math.MaxInt64 {
		limit(int64(group))
	}
	var space unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &space) == nil && space.Cur < math.MaxInt64 {
		limit(int64(space.Cur) - procFields("/proc/self/status")["VmSize:"] - reserve)
	}
	return bytes, bytes < math.MaxInt64
}

// reserve is address space that Go's runtime takes besides: its heap grows by 64 MiB at a time.
const reserve = 128 << 20

// procFields reads the lines of a file of the form "VmHWM:   12345 kB" as bytes.
func procFields(path string) map[string]int64 {
	fields := map[string]int64{}
	file, err := os.Open(path)
	if err != nil {
		return fields
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 3 && words[2] == "kB" {
			kilobytes, _ := strconv.ParseInt(words[1], 10, 64)
			fields[words[0]] = 1024 * kilobytes
		}
	}
	return fields
}
