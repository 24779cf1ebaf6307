package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes a file below dir and returns its path.
func write(t testing.TB, dir, name string, contents []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, contents, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pack is gzip.
func pack(t testing.TB, contents []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(contents); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// idxFile is an IDX file of bytes in which element i is i mod modulus.
func idxFile(modulus int, dims ...int) []byte {
	file := idxHeader(dims...)
	n := 1
	for _, dim := range dims {
		n *= dim
	}
	for i := range n {
		file = append(file, byte(i%modulus))
	}
	return file
}

// with is a copy of b in which the bytes from offset on are replaced.
func with(b []byte, offset int, replacement ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[offset:], replacement)
	return b
}

// wantError checks that a message holds all that it must, on one line.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has several lines", err)
	}
}

// wantFormatError checks a fuzzed reader's error: all that is wrong with bytes in memory is their
// format, at an offset within them (or, of what they unpack to, anywhere).
func wantFormatError(t *testing.T, err error, size int) {
	t.Helper()
	var format *FormatError
	if !errors.As(err, &format) {
		t.Fatalf("error %v tells no offset", err)
	}
	if format.Offset < 0 || !format.Packed && format.Offset > int64(size) {
		t.Errorf("error %v in %d bytes", err, size)
	}
}
