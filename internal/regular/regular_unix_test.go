//go:build unix

package regular

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening any of these would wait for ever, or read without end.
func TestOpenSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // the path of a socket has to be short
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for path, want := range map[string]string{pipe: "named pipe", link: "named pipe",
		"socket": "socket", "/dev/zero": "device"} {
		_, _, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), path+": it is a "+want) {
			t.Errorf("%s: error %v, want one with %q", path, err, want)
		}
	}
}
