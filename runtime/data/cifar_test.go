package data

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cifarFile has n records with those numbers of label bytes; record i is of class (first+i) mod 10.
func cifarFile(labels, first, n int) (file []byte) {
	for i := first; i < first+n; i++ {
		record := bytes.Repeat([]byte{19}, labels) // coarse labels
		record[labels-1] = byte(i % 10)
		for j := range cifarImage {
			record = append(record, byte(i+j/1024*50+j%1024/32))
		}
		file = append(file, record...)
	}
	return file
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		write(t, dir, fmt.Sprintf("cifar-10-batches-bin/data_batch_%d.bin", i+1), cifarFile(1, 2*i, 2))
	}
	test := cifarFile(1, 7, 1)
	write(t, dir, "cifar-10-batches-bin/test_batch.bin", test)
	got, gotTest, err := Open("cifar10", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got.Labels); diff != "" {
		t.Errorf("labels of the five files in order (-want +got):\n%s", diff)
	}
	for i := range got.Len() {
		image := got.Images[i*cifarImage : (i+1)*cifarImage]
		if !bytes.Equal(image, cifarFile(1, i, 1)[1:]) {
			t.Errorf("image %d is not that of record %d", i, i)
		}
	}
	want := &Set{Name: "cifar10", Channels: 3, Height: 32, Width: 32, Classes: 10,
		Images: test[1:], Labels: []int32{7}, ClassNames: []string{"airplane", "automobile", "bird",
			"cat", "deer", "dog", "frog", "horse", "ship", "truck"}}
	if diff := cmp.Diff(want, gotTest); diff != "" {
		t.Errorf("test split (-want +got):\n%s", diff)
	}
}

func TestCIFAR100(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "cifar-100-binary/train.bin", with(cifarFile(2, 0, 3), 1, 99))
	write(t, dir, "cifar-100-binary/test.bin", cifarFile(2, 4, 2))
	train, test, err := Open("cifar100", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]int32{{99, 1, 2}, {4, 5}}, [][]int32{train.Labels, test.Labels}); diff != "" {
		t.Errorf("fine labels (-want +got):\n%s", diff)
	}
	if len(train.ClassNames) != 100 || train.Classes != 100 || train.ClassNames[99] != "worm" {
		t.Errorf("%d classes, named %q", train.Classes, train.ClassNames)
	}
	if !bytes.Equal(test.Images[cifarImage:], cifarFile(2, 5, 1)[2:]) {
		t.Error("test image 1 is not that of record 1")
	}
}

func TestCIFARErrors(t *testing.T) {
	good := cifarFile(1, 0, 2)
	tests := []struct {
		name string
		file []byte
		want []string
	}{
		{"empty", nil, []string{"byte 0: ", "record 0: 0 of 3073 bytes"}},
		{"cut", good[:4000], []string{"byte 4000: ", "record 1: 927 of 3073", "get it again"}},
		{"too long", append(bytes.Clone(good), 1), []string{"byte 6147: ", "record 2: 1 of 3073"}},
		{"label", with(good, 3073, 10), []string{"byte 3073: ", "label 10", "classes 0 to 9"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"data_batch_2", "data_batch_3", "data_batch_4",
				"data_batch_5", "test_batch"} {
				write(t, dir, "cifar-10-batches-bin/"+name+".bin", good)
			}
			path := write(t, dir, "cifar-10-batches-bin/data_batch_1.bin", test.file)
			_, _, err := Open("cifar10", Options{Dir: dir})
			if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(path)) {
				t.Errorf("error %v does not begin with %s", err, path)
			}
			wantError(t, err, test.want...)
		})
	}
}

func TestCIFARMissing(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Open("cifar10", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "cifar-10-batches-bin", "data_batch_1.bin"),
		"cifar-10-binary.tar.gz", "unpack")
	_, _, err = Open("cifar100", Options{})
	wantError(t, err, "no data directory", "cifar-100-binary.tar.gz")
}

func FuzzCIFAR(f *testing.F) {
	f.Add(cifarFile(1, 0, 2), false)
	f.Add(cifarFile(2, 0, 1), true)
	f.Add(cifarFile(1, 0, 1)[:3000], false)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, file []byte, coarse bool) {
		c := cifar{name: "fuzz", labels: 1, classes: make([]string, 10)}
		if coarse {
			c.labels = 2
		}
		set := &Set{Channels: 3, Height: 32, Width: 32, Classes: 10}
		if err := c.add(set, "fuzz", bytes.NewReader(file), int64(len(file))); err != nil {
			wantFormatError(t, err, len(file))
			return
		}
		if n := len(file) / (c.labels + cifarImage); set.Len() != n || len(set.Images) != n*cifarImage {
			t.Errorf("%d bytes give %d labels and %d bytes of images",
				len(file), set.Len(), len(set.Images))
		}
	})
}
