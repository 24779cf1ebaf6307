package main

import "testing"

func TestTarget(t *testing.T) {
	for _, test := range []struct{ os, arch, program string }{
		{"linux", "arm64", "net"}, {"windows", "amd64", "net.exe"}, {"darwin", "arm64", "net"},
	} {
		t.Setenv("GOOS", test.os)
		t.Setenv("GOARCH", test.arch)
		got, err := goPlatform(t.Context())
		if err != nil || got.String() != test.os+"/"+test.arch {
			t.Errorf("platform %s, %v; want %s/%s", got, err, test.os, test.arch)
		}
		if name := got.executable("net"); name != test.program {
			t.Errorf("program %s on %s, want %s", name, got, test.program)
		}
	}
}

func TestWithRemedy(t *testing.T) {
	tests := []struct{ message, want string }{
		{"net.go:3:4: undefined: x", "net.go:3:4: undefined: x"},
		{"a.go:9:2: missing go.sum entry for module providing package p; to add: go get p@v1",
			"a.go:9:2: missing go.sum entry for module providing package p: run go mod tidy"},
		{"go: updates to go.mod needed; to update it: go mod tidy",
			"go: updates to go.mod needed: run go mod tidy"},
		{"go: inconsistent vendoring in /m:", "go: inconsistent vendoring in /m: run go mod vendor"},
		{"error obtaining VCS status: exit status 128 Use -buildvcs=false to disable VCS stamping.",
			"error obtaining VCS status: exit status 128: set GOFLAGS=-buildvcs=false"},
	}
	for _, test := range tests {
		if got := withRemedy(test.message); got != test.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", test.message, got, test.want)
		}
	}
}
