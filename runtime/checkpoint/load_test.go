package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// form is that of every error of Load on a file that can be read.
var form = regexp.MustCompile(
	`^checkpoint: (.*): byte (\d+): ([^\n]*); the file is damaged [^\n]*$`)

// checkDamage fails unless the error is of the form, and returns its offset and cause.
func checkDamage(t *testing.T, err error, path string) (offset int64, cause string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	parts := form.FindStringSubmatch(err.Error())
	if parts == nil || parts[1] != path {
		t.Fatalf("unclear error: %v", err)
	}
	fmt.Sscan(parts[2], &offset)
	return offset, parts[3]
}

func TestLoadOfTruncatedFile(t *testing.T) {
	whole := readFile(t, "testdata/python.safetensors")
	path := filepath.Join(t.TempDir(), "cut")
	for size := range whole {
		writeFile(t, path, string(whole[:size]))
		_, err := Load(path, 1<<20)
		if offset, cause := checkDamage(t, err, path); offset != int64(size) ||
			!strings.Contains(cause, "the file ends") {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
}

func TestLoadOfDamagedHeader(t *testing.T) {
	const w = `"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for _, c := range []struct {
		name, header string
		data         int // bytes
		offset       int64
		want         string
	}{
		{"sound", "{" + w + "}", 8, 0, ""},
		{"blanks around", "{ " + w + " }   ", 8, 0, ""},
		{"no metadata", `{"__metadata__":null,` + w + "}", 8, 0, ""},
		{"any order", `{"v":{"data_offsets":[8,12],"shape":[],"dtype":"F32"},` + w + "}", 12, 0, ""},
		{"a counter of PyTorch", `{"bn.num_batches_tracked":{"dtype":"I64","shape":[],` +
			`"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16, 0, ""},
		{"a counter that is short", `{"bn.num_batches_tracked":{"dtype":"I64","shape":[],` +
			`"data_offsets":[0,4]}}`, 4, 8 + 25, "shape [] takes 8 bytes, data_offsets [0 4] are 4"},
		{"another integer", `{"w":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 8, 8 + 4,
			`dtype "I64" is not supported`},
		{"empty header", "", 0, 8, "does not begin with {"},
		{"no object", `["w"]`, 0, 8, "does not begin with {"},
		{"blank first", " {}", 0, 8, "does not begin with {"},
		{"not closed", "{" + w, 8, 8 + 52, "unexpected end of JSON input"},
		{"not JSON", `{"w":?}`, 0, 8 + 5, "invalid character '?'"},
		{"two objects", "{}{}", 0, 8 + 2, "invalid character '{' after top-level value"},
		{"not UTF-8", "{\"\xff\":1}", 0, 8 + 2, "not UTF-8"},
		{"name twice", "{" + w + "," + w + "}", 8, 8 + 57, `"w": the name occurs twice`},
		{"metadata not text", `{"__metadata__":{"a":1}}`, 0, 8 + 15, `"__metadata__": json`},
		{"tensor not an object", `{"w":3}`, 0, 8 + 4, `"w": json`},
		{"no dtype", `{"w":{"shape":[2],"data_offsets":[0,8]}}`, 8, 8 + 4, "there is no dtype"},
		{"null shape", `{"w":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, 4, 8 + 4,
			"there is no shape"},
		{"no offsets", `{"w":{"dtype":"F32","shape":[2]}}`, 8, 8 + 4, "there is no data_offsets"},
		{"other field", `{"w":{"DType":"F32","shape":[2],"data_offsets":[0,8]}}`, 8, 8 + 4,
			"an unknown field"},
		{"other dtype", strings.ReplaceAll("{"+w+"}", "F32", "F16"), 8, 8 + 4,
			`dtype "F16" is not supported`},
		{"fractional dimension", `{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}`, 8,
			8 + 4, "shape: json"},
		{"negative dimension", `{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8,
			8 + 4, "negative dimension"},
		{"shape that overflows", `{"w":{"dtype":"F32","shape":[4294967296,4294967296],` +
			`"data_offsets":[0,0]}}`, 0, 8 + 4, "is too large"},
		{"shape and offsets disagree", `{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`,
			8, 8 + 4, "shape [3] takes 12 bytes, data_offsets [0 8] are 8"},
		{"negative offset", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`, 8, 8 + 4,
			"data_offsets [-8 0] are not a range"},
		{"offsets reversed", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8, 8 + 4,
			"data_offsets [8 0] are not a range"},
		{"one offset", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[8]}}`, 8, 8 + 4,
			"data_offsets [8] are not a range"},
		{"gap before", `{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12, 8 + 4,
			`"w": its data begin at 4, where those before end at 0`},
		{"overlap", `{"v":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},` + w + "}", 12, 8 + 4,
			`"v": its data begin at 4, where those before end at 8`},
		{"data missing", "{" + w + "}", 6, 8 + 54 + 6, "the file ends, the header says that it"},
		{"data left over", "{" + w + "}", 9, 8 + 54 + 8, "1 bytes follow the last tensor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := append(build(uint64(len(c.header)), c.header), make([]byte, c.data)...)
			_, err := read("file", bytes.NewReader(content), int64(len(content)))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			offset, cause := checkDamage(t, err, "file")
			if offset != c.offset || !strings.Contains(cause, c.want) {
				t.Errorf("got %v\nwant byte %d: %s", err, c.offset, c.want)
			}
		})
	}
}

func build(length uint64, header string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, length), header...)
}

// A length or a shape that promises much, in a file that has little, costs little memory.
func TestLoadDoesNotTrustSizes(t *testing.T) {
	const huge = int64(1) << 40
	for _, content := range [][]byte{
		build(maxHeader, "{}"),
		build(maxHeader+1, "{}"),
		build(math.MaxUint64, "{}"),
		build(math.MaxInt64, "{}"),
		build(256, fmt.Sprintf("%-256s", fmt.Sprintf(
			`{"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}`, huge, 4*huge))),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := read("file", bytes.NewReader(content), int64(len(content)))
		runtime.ReadMemStats(&after)
		checkDamage(t, err, "file")
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%v: %d bytes were allocated", err, got)
		}
	}
}

func TestLoadOfWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "no such file",
		dir:                        "not a regular file",
		os.DevNull:                 "not a regular file",
	} {
		_, err := Load(path, 1<<20)
		if err == nil || !strings.Contains(err.Error(), path) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("Load(%s): %v, want %s", path, err, want)
		}
	}
	if _, err := SHA256(filepath.Join(dir, "none")); err == nil {
		t.Error("SHA256 of no file gives no error")
	}
}

// Whatever the bytes, Load gives a clear error or tensors that survive being saved.
func FuzzLoad(f *testing.F) {
	whole, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(build(2, "{}"))
	f.Add(build(3, "{}"))
	f.Add(append(build(54, `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`),
		"12345678"...))
	path := filepath.Join(f.TempDir(), "again")
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := read("file", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			checkDamage(t, err, "file")
			return
		}
		var tensors []Tensor
		for _, name := range file.Names() {
			tensor, _ := file.Tensor(name)
			tensors = append(tensors, tensor)
		}
		if err := Save(path, tensors, file.Meta); err != nil {
			t.Fatal(err)
		}
		again, err := Load(path, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		bits := cmp.Comparer(func(a, b float32) bool {
			return math.Float32bits(a) == math.Float32bits(b)
		})
		if diff := cmp.Diff(file.tensors, again.tensors, bits); diff != "" {
			t.Errorf("tensors, by their bits (-loaded +saved):\n%s", diff)
		}
		if diff := cmp.Diff(file.Meta, again.Meta); diff != "" {
			t.Errorf("metadata (-loaded +saved):\n%s", diff)
		}
	})
}

// A file much larger than the weights wanted is refused before it is read.
func TestLoadTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.safetensors")
	w := Tensor{Name: "w", Shape: []int{2}, Data: []float32{1, 2}}
	if err := Save(path, []Tensor{w}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, 8); err != nil {
		t.Error(err)
	}
	if err := os.Truncate(path, lengthBytes+maxHeader+9); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{
		8: "16777233 bytes, where the weights wanted take 8",
		9: "follow the last tensor", // just not too large
	} {
		if _, err := Load(path, limit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("limit %d: error %v, want one with %q", limit, err, want)
		}
	}
}
