package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes a function allocates in all.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zeros packs a header and n zeros.
func zeros(t *testing.T, header []byte, n int64) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(header); err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 1<<20); n > 0; n -= int64(len(chunk)) {
		if _, err := w.Write(chunk[:min(n, int64(len(chunk)))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// Some kilobytes of gzip that claim, and hold, 80 MiB.
func TestGzipBomb(t *testing.T) {
	const n = 80 << 20
	for name, header := range map[string][]byte{
		"images.idx": idxHeader(n/64, 8, 8),
		"images.npy": npyFile("|u1", fmt.Sprintf("%d, 8, 8", n/64), nil),
	} {
		dir := t.TempDir()
		path := write(t, dir, name, zeros(t, header, n))
		var err error
		bytes := allocated(func() {
			err = openFile(path, func(s *source) error {
				if filepath.Ext(name) == ".npy" {
					_, err := Options{}.readNPYImages(s, new(Set))
					return err
				}
				file, err := readIDXHeader(s, 3)
				if err != nil {
					return err
				}
				return file.read(s)
			})
		})
		wantError(t, err, path, " of the unpacked data: ", "gunzip")
		if bytes > 3*freeBytes { // of which a third has been let go
			t.Errorf("%s: refused after %d bytes were allocated", name, bytes)
		}
	}
}

// What compresses well, but is small, is read.
func TestGzipOfZeros(t *testing.T) {
	header := idxHeader(1000, 28, 28)
	s, err := newSource("zeros", bytes.NewReader(zeros(t, header, 784000)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	file, err := readIDXHeader(s, 3)
	if err == nil {
		err = file.read(s)
	}
	if err != nil || len(file.data) != 784000 {
		t.Errorf("%d bytes (%v)", len(file.data), err)
	}
}

// A false length costs nothing where the size of the file says that it is false.
func TestFalseLength(t *testing.T) {
	file := idxHeader(1<<20, 32, 32)
	var err error
	bytes := allocated(func() {
		var s *source
		if s, err = newSource("false", bytes.NewReader(file), int64(len(file))); err != nil {
			return
		}
		var got *idx
		if got, err = readIDXHeader(s, 3); err == nil {
			err = got.read(s)
		}
	})
	wantError(t, err, "false: byte 16: ", "0 of 1073741824 bytes")
	if bytes > 1<<20 {
		t.Errorf("refused after %d bytes were allocated", bytes)
	}
}

// Images that the network does not take are refused by their header.
func TestShapeBeforeData(t *testing.T) {
	header := idxHeader(1000, 28, 28)
	dir := t.TempDir()
	for _, name := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
		"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		write(t, dir, "mnist/"+name, header)
	}
	_, _, err := Open("mnist", Options{Dir: dir, Channels: 3, Height: 32, Width: 32, Classes: 10})
	wantError(t, err, "train-images-idx3-ubyte: byte 4: ", "1x28x28", "takes 3x32x32 in 10")
}

func TestCIFARSize(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "cifar-10-batches-bin/data_batch_1.bin", cifarFile(1, 0, 1))
	if err := os.Truncate(path, maxBytes+1); err != nil { // without taking space on the disk
		t.Fatal(err)
	}
	for i := 2; i <= 5; i++ {
		write(t, dir, fmt.Sprintf("cifar-10-batches-bin/data_batch_%d.bin", i), cifarFile(1, 0, 1))
	}
	write(t, dir, "cifar-10-batches-bin/test_batch.bin", cifarFile(1, 0, 1)[:3000])
	var err error
	bytes := allocated(func() { _, _, err = Open("cifar10", Options{Dir: dir}) })
	wantError(t, err, "2 of 6 files", "data_batch_1.bin: byte 2147483648: ", "2147483649 bytes",
		"test_batch.bin: byte 3000: ")
	if bytes > 1<<20 {
		t.Errorf("refused after %d bytes were allocated", bytes)
	}
}

// pngOfSize is the header of a PNG file, sound up to there.
func pngOfSize(width, height uint32) []byte {
	chunk := append([]byte("IHDR"), make([]byte, 8)...)
	binary.BigEndian.PutUint32(chunk[4:], width)
	binary.BigEndian.PutUint32(chunk[8:], height)
	chunk = append(chunk, 16, 6, 0, 0, 0) // 16 bits of red, green, blue, alpha
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}

func TestPictureSize(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		width, height uint32
		refused       bool
	}{{8192, 4096, false}, {8193, 1, true}, {1, 8193, true}, {8192, 4097, true},
		{60000, 60000, true}} {
		path := write(t, dir, "size.png", pngOfSize(test.width, test.height))
		_, err := ReadPicture(path, 1, 2, 2)
		if !test.refused {
			wantError(t, err, "damaged picture") // there are no pixels
			continue
		}
		wantError(t, err, path, fmt.Sprintf("%dx%d pixels", test.width, test.height), "smaller",
			fmt.Sprint(maxPixels))
	}
}

// All damaged files are counted, and the first ones are named.
func TestDamageIsCounted(t *testing.T) {
	dir := writeFolder(t)
	for i := range 7 {
		write(t, dir, fmt.Sprintf("train/dog/z%d.png", i), []byte("hello"))
	}
	write(t, dir, "test/cat/z7.png", nil)
	_, _, err := Open("folder", Options{Dir: dir, Channels: 1, Height: 2, Width: 3, Classes: 2})
	wantError(t, err, "8 of 12 files cannot be used: ", "z0.png: byte 0: ", "z4.png: byte 0: ",
		"; and 3 more")
	said := err.Error()
	if strings.Contains(said, "z5") || strings.Index(said, "z0") > strings.Index(said, "z4") {
		t.Errorf("error %q, want the first five in order", said)
	}

	dir = t.TempDir()
	for name, contents := range smallMNIST() {
		if strings.Contains(name, "images") {
			contents = contents[:len(contents)-1]
		}
		write(t, dir, "mnist/"+name, contents)
	}
	_, _, err = Open("mnist", Options{Dir: dir})
	wantError(t, err, "2 of 4 files cannot be used: ", "train-images-idx3-ubyte: byte 35: ",
		"t10k-images-idx3-ubyte: byte 27: ")
}
