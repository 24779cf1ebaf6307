package data

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// npyFile is a file as numpy.save writes it.
func npyFile(descr, shape string, elements []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	file := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(file, header...), elements...)
}

// count is the bytes 0 to n-1.
func count(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// writeNPY writes the four files of a set; nil stands for three grey images of 2 by 5 pixels.
func writeNPY(t *testing.T, images, labels []byte) string {
	dir := t.TempDir()
	if images == nil {
		images = npyFile("|u1", "3, 2, 5", count(30))
	}
	write(t, dir, "train_images.npy", images)
	write(t, dir, "train_labels.npy", labels)
	write(t, dir, "test_images.npy", images)
	write(t, dir, "test_labels.npy", labels)
	return dir
}

// The layout is the one that the network takes; channels first where it takes both or is unknown.
func TestNPYImages(t *testing.T) {
	labels := npyFile("|u1", "2,", []byte{1, 0})
	last := []byte{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11} // [2 2 3] as [3 2 2]
	tests := []struct {
		shape string
		takes [3]int // channels, height, width of the network; zeros if it is unknown
		want  [3]int // of the images
		first []byte // the first image, in planes
		says  string
	}{
		{"2, 2, 6", [3]int{}, [3]int{1, 2, 6}, count(12), ""},
		{"2, 1, 2, 6", [3]int{}, [3]int{1, 2, 6}, count(12), ""},
		{"2, 2, 1, 6", [3]int{}, [3]int{2, 1, 6}, count(12), ""},
		{"2, 2, 2, 3", [3]int{}, [3]int{2, 2, 3}, count(12), ""},
		{"2, 2, 6", [3]int{1, 2, 6}, [3]int{1, 2, 6}, count(12), ""},
		{"2, 2, 6, 1", [3]int{1, 2, 6}, [3]int{1, 2, 6}, count(12), ""},
		{"2, 1, 2, 6", [3]int{1, 2, 6}, [3]int{1, 2, 6}, count(12), ""},
		{"2, 3, 2, 2", [3]int{3, 2, 2}, [3]int{3, 2, 2}, count(12), ""},
		{"2, 2, 2, 3", [3]int{3, 2, 2}, [3]int{3, 2, 2}, last, ""},
		{"2, 3, 1, 4", [3]int{3, 1, 4}, [3]int{3, 1, 4}, count(12), ""},
		{"2, 2, 2, 2", [3]int{2, 2, 2}, [3]int{2, 2, 2}, count(8),
			"train_images.npy: images of shape [2 2 2 2] are taken as [n channels height width]"},
		{"2, 1, 1, 1", [3]int{1, 1, 1}, [3]int{1, 1, 1}, count(1), ""},
	}
	for _, test := range tests {
		t.Run(test.shape, func(t *testing.T) {
			images := npyFile("|u1", test.shape, count(2*len(test.first)))
			var lines []string
			train, check, err := Open("npy", Options{Dir: writeNPY(t, images, labels),
				Channels: test.takes[0], Height: test.takes[1], Width: test.takes[2],
				Log: func(line string) { lines = append(lines, line) }})
			if err != nil {
				t.Fatal(err)
			}
			got := [3]int{train.Channels, train.Height, train.Width}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("channels, height, width (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.first, train.Images[:len(test.first)]); diff != "" {
				t.Errorf("first image (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(train, check); diff != "" {
				t.Errorf("splits of the same files (-train +test):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"0", "1"}, train.ClassNames); diff != "" {
				t.Errorf("classes (-want +got):\n%s", diff)
			}
			if said := strings.Join(lines, "\n"); (test.says == "") != (said == "") ||
				!strings.Contains(said, test.says) {
				t.Errorf("it says %q, want %q", said, test.says)
			}
		})
	}
}

// Files with 3 channels of 8 by 4 pixels in either layout, and with what is neither.
func TestNPYLayout(t *testing.T) {
	labels := npyFile("|u1", "40,", make([]byte, 40))
	for shape, want := range map[string]string{"40, 3, 8, 4": "", "40, 8, 4, 3": "",
		"40, 4, 8, 3": "[40 4 8 3]", "40, 8, 4": "[40 8 4]", "40, 96": "[40 96]",
		"40, 3, 8, 4, 1": "[40 3 8 4 1]"} {
		dir := writeNPY(t, npyFile("|u1", shape, make([]byte, 40*96)), labels)
		_, _, err := Open("npy", Options{Dir: dir, Channels: 3, Height: 8, Width: 4})
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", shape, err)
			}
			continue
		}
		wantError(t, err, "2 of 4 files", "train_images.npy: byte 10: ", want,
			"[n 3 8 4] (n, channels, height, width)", "[n 8 4 3]")
	}
}

// Other writers than numpy's, and those of Python 2, write headers of their own.
func TestNPYHeaders(t *testing.T) {
	for _, header := range []string{
		"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2, 5), }\n",
		"{'shape': (3L, 2L, 5L), 'fortran_order': False, 'descr': '|u1'}",
		`{"descr":"|u1","fortran_order":False,"shape":(3,2,5)}`,
		"  { 'fortran_order' : False,\n\t\"shape\" : ( 3, 2 , 5, ) ,\n u'descr' : u'u1' , }  ",
	} {
		file := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), 0)
		file = append(append(file, header...), count(30)...)
		s, err := newSource("header", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		array, err := readNPYHeader(s)
		if err == nil {
			err = array.read(s)
		}
		if err != nil {
			t.Errorf("%s: %v", header, err)
		} else if diff := cmp.Diff([]int{3, 2, 5}, array.dims); diff != "" {
			t.Errorf("%s: shape (-want +got):\n%s", header, diff)
		} else if !bytes.Equal(array.data, count(30)) || array.kind != 'u' {
			t.Errorf("%s: %v of kind %c", header, array.data, array.kind)
		}
	}
	for _, header := range []string{
		"",
		"{}",
		"{'descr': '|u1', 'fortran_order': False}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'more': 'x'}",
		"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}}",
		"'descr': '|u1', 'fortran_order': False, 'shape': (3,)}",
		"{'descr': '|u1\", 'fortran_order': False, 'shape': (3,)}",
		"{'descr': '|u1' 'fortran_order': False, 'shape': (3,)}",
		"{'descr': '|u1', 'fortran_order': 'no', 'shape': (3,)}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (3,,2)}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}",
		"{'descr': '|u1', 'fortran_order': False, 'shape': (3L2,)}",
		"{'descr': [('x', '<i8')], 'fortran_order': False, 'shape': (3,)}",
	} {
		if array, err := parseNPYHeader(header); err == nil {
			t.Errorf("%s is taken for %v of %s", header, array.dims, array.descr)
		}
	}
}

func TestNPYLabels(t *testing.T) {
	wide := []byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}
	tests := []struct {
		descr    string
		elements []byte
		want     []int32
	}{
		{"|u1", []byte{2, 0, 255}, []int32{2, 0, 255}},
		{"|i1", []byte{2, 0, 127}, []int32{2, 0, 127}},
		{"<u2", []byte{2, 0, 0, 1, 255, 255}, []int32{2, 256, 65535}},
		{">i2", []byte{0, 2, 1, 0, 0, 1}, []int32{2, 256, 1}},
		{"<i4", []byte{2, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0}, []int32{2, 256, 1}},
		{"<i8", wide, []int32{2, 256, 1}},
		{"<u8", wide, []int32{2, 256, 1}},
	}
	for _, test := range tests {
		t.Run(test.descr, func(t *testing.T) {
			dir := writeNPY(t, nil, npyFile(test.descr, "3,", test.elements))
			train, _, err := Open("npy", Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, train.Labels); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNPYErrors(t *testing.T) {
	labels := npyFile("|u1", "3,", []byte{0, 1, 2})
	images := npyFile("|u1", "3, 2, 5", count(30))
	fortran := bytes.Replace(images, []byte("False, "), []byte("True,  "), 1)
	tests := []struct {
		name           string
		images, labels []byte
		want           []string
	}{
		{"no npy", []byte("PK\x03\x04 and more"), labels,
			[]string{"train_images.npy: byte 0: ", "numpy.save"}},
		{"version", with(images, 6, 9), labels, []string{"train_images.npy: byte 6: ", "version 9"}},
		{"cut magic", images[:4], labels, []string{"train_images.npy: byte 4: ", "4 of 8 bytes"}},
		{"cut header", images[:40], labels, []string{"train_images.npy: byte 40: ", "npy header"}},
		{"cut data", images[:140], labels, []string{"train_images.npy: byte 140: ", "12 of 30"}},
		{"too long", append(bytes.Clone(images), 1), labels, []string{"byte 158: ", "data follow"}},
		{"fortran", fortran, labels, []string{"byte 10: ", "numpy.ascontiguousarray"}},
		{"dictionary", with(images, 10, 'x'), labels, []string{"byte 10: ", "plain array"}},
		{"floats", npyFile("<f4", "3, 2, 5", make([]byte, 120)), labels,
			[]string{"byte 10: ", `"<f4"`, "numpy.uint8"}},
		{"objects", npyFile("|O", "3,", nil), labels, []string{"byte 10: ", "plain array"}},
		{"flat", npyFile("|u1", "3,", count(3)), labels, []string{"byte 10: ", "shape [3]"}},
		{"scalar", npyFile("|u1", "", count(1)), labels, []string{"byte 10: ", "shape ()"}},
		{"none", npyFile("|u1", "0, 2, 5", nil), labels, []string{"byte 10: ", "shape (0, 2, 5)"}},
		{"overflow", npyFile("|u1", "4294967296, 4294967296, 16", nil), labels,
			[]string{"byte 10: ", "2147483648 bytes"}},
		{"count", nil, npyFile("|u1", "2,", []byte{0, 1}),
			[]string{"train_labels.npy: byte 10: ", "shape [2] for 3 images"}},
		{"float labels", nil, npyFile("<f8", "3,", make([]byte, 24)),
			[]string{"train_labels.npy: byte 10: ", `"<f8"`}},
		{"negative", nil, npyFile("<i2", "3,", []byte{0, 0, 255, 255, 0, 0}),
			[]string{"train_labels.npy: byte 130: ", "label -1"}},
		{"unsigned", nil, npyFile("<u8", "3,", bytes.Repeat([]byte{255}, 24)),
			[]string{"train_labels.npy: byte 128: ", "classes 0 to 65535"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := Open("npy", Options{Dir: writeNPY(t, test.images, test.labels)})
			wantError(t, err, test.want...)
		})
	}
}

// version2 turns a file of version 1 into one of version 2, whose header length has four bytes.
func version2(file []byte) []byte {
	wide := append([]byte("\x93NUMPY\x02\x00"), file[8], file[9], 0, 0)
	return append(wide, file[10:]...)
}

func TestNPYVersion2(t *testing.T) {
	dir := writeNPY(t, version2(npyFile("|u1", "3, 2, 5", count(30))),
		version2(npyFile("|u1", "3,", []byte{0, 1, 2})))
	train, _, err := Open("npy", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(count(30), train.Images); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

// The network says which classes there may be.
func TestNPYClasses(t *testing.T) {
	for labels, want := range map[string]string{
		"\x03\x01\x02": "train_labels.npy: byte 129: the labels start at 1 and go to 3",
		"\x00\x01\x03": "train_labels.npy: byte 130: label 3 where there are classes 0 to 2",
	} {
		dir := writeNPY(t, nil, npyFile("|u1", "3,", []byte(labels)))
		_, _, err := Open("npy", Options{Dir: dir, Classes: 3})
		wantError(t, err, "2 of 4 files", want)
	}
}

// The training split says which classes there are.
func TestNPYTestLabel(t *testing.T) {
	dir := writeNPY(t, nil, npyFile("|u1", "3,", []byte{0, 1, 1}))
	write(t, dir, "test_labels.npy", npyFile("|u1", "3,", []byte{0, 1, 2}))
	_, _, err := Open("npy", Options{Dir: dir})
	wantError(t, err, "test_labels.npy: byte 130: ", "label 2 where there are classes 0 to 1")
	write(t, dir, "test_labels.npy", npyFile("|u1", "3,", []byte{2, 1, 2}))
	_, _, err = Open("npy", Options{Dir: dir})
	wantError(t, err, "test_labels.npy: byte 129: ", "start at 1 and go to 2")
}

func TestNPYMissing(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Open("npy", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "train_images.npy"), "numpy.save")
	_, _, err = Open("npy", Options{})
	wantError(t, err, "no data directory", "test_labels.npy")
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npyFile("|u1", "3, 2, 5", count(30)))
	f.Add(npyFile(">i8", "3,", make([]byte, 24)))
	f.Add(version2(npyFile("<f4", "1, 2", make([]byte, 8))))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := newSource("fuzz", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			wantFormatError(t, err, len(file))
			return
		}
		got, err := readNPYHeader(s)
		if err == nil {
			err = got.read(s)
		}
		if err != nil {
			wantFormatError(t, err, len(file))
			return
		}
		size := got.size
		for _, dim := range got.dims {
			size *= dim
		}
		if size != len(got.data) || len(got.dims) == 0 {
			t.Errorf("%d bytes for shape %v of %q", len(got.data), got.dims, got.descr)
		}
	})
}
