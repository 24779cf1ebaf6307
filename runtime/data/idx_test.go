package data

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readIDX reads a whole file.
func readIDX(s *source, rank int) (*idx, error) {
	file, err := readIDXHeader(s, rank)
	if err != nil {
		return nil, err
	}
	return file, file.read(s)
}

func TestReadIDXSet(t *testing.T) {
	images, labels := idxFile(256, 7, 3, 2), idxFile(10, 7)
	want := &Set{Name: "test", Channels: 1, Height: 3, Width: 2, Classes: 10,
		Images: images[16:], Labels: []int32{0, 1, 2, 3, 4, 5, 6}, ClassNames: digitNames()}
	for name, change := range map[string]func(testing.TB, []byte) []byte{
		"plain":  func(_ testing.TB, b []byte) []byte { return b },
		"packed": pack,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var d damage
			got, err := Options{}.readIDXSet(&d, "test", digitNames(),
				fileAt(write(t, dir, "images", change(t, images))),
				fileAt(write(t, dir, "labels", change(t, labels))))
			if err := errors.Join(err, d.err()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("set (-want +got):\n%s", diff)
			}
		})
	}
}

// Data of more than the first piece that is read must come out whole.
func TestReadIDXLarge(t *testing.T) {
	file := idxFile(251, 3, 1000, 1000)
	for _, contents := range [][]byte{file, pack(t, file)} {
		s, err := newSource("large", bytes.NewReader(contents), int64(len(contents)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readIDX(s, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.data, file[16:]) {
			t.Error("the data differ from what was written")
		}
	}
}

func TestIDXErrors(t *testing.T) {
	images, labels := idxFile(256, 7, 3, 2), idxFile(10, 7)
	packed := pack(t, images)
	tests := []struct {
		name           string
		images, labels []byte
		want           []string
	}{
		{"empty", nil, labels,
			[]string{"images: byte 0: ", "0 of 4 bytes"}},
		{"cut magic", images[:3], labels,
			[]string{"images: byte 3: ", "magic number", "3 of 4 bytes"}},
		{"cut header", images[:10], labels,
			[]string{"images: byte 10: ", "IDX header", "6 of 12 bytes"}},
		{"cut data", images[:20], labels,
			[]string{"images: byte 20: ", "[7 3 2]", "4 of 42 bytes", "get it again"}},
		{"no IDX", with(images, 0, 'P', 'K'), labels,
			[]string{"images: byte 0: ", "no IDX file"}},
		{"floats", with(images, 2, 0x0d), labels,
			[]string{"images: byte 2: ", "0x0d"}},
		{"labels for images", labels, images,
			[]string{"images: byte 3: ", "1 dimensions where 3 are needed"}},
		{"no images", with(images, 4, 0, 0, 0, 0), labels,
			[]string{"images: byte 4: ", "dimension 0 of the header is 0"}},
		{"huge", with(images, 8, 0xff, 0xff, 0xff, 0xff), labels,
			[]string{"images: byte 8: ", "dimension 1 of the header is 4294967295"}},
		{"lying", with(images, 4, 0x10, 0, 0, 0), labels,
			[]string{"images: byte 58: ", "42 of 1610612736 bytes"}},
		{"too long", append(bytes.Clone(images), 0), labels,
			[]string{"images: byte 58: ", "data follow"}},
		{"label 10", images, with(labels, 11, 10),
			[]string{"labels: byte 11: ", "label 10 where there are classes 0 to 9"}},
		{"counts", images, idxFile(10, 6),
			[]string{"labels: byte 4: ", "6 labels for 7 images"}},
		{"packed label 10", images, pack(t, with(labels, 11, 10)),
			[]string{"labels: byte 11 of the unpacked data: ", "label 10"}},
		{"packed and cut before", pack(t, images[:20]), labels,
			[]string{"images: byte 20 of the unpacked data: ", "4 of 42 bytes"}},
		{"packed too long", pack(t, append(bytes.Clone(images), 0)), labels,
			[]string{"images: byte 58 of the unpacked data: ", "data follow"}},
		{"cut gzip", packed[:30], labels,
			[]string{"images: byte 30: ", "cut short", "get it again"}},
		{"cut gzip header", packed[:5], labels,
			[]string{"images: byte 5: ", "cut short"}},
		{"gzip header", with(packed, 2, 7), labels,
			[]string{"images: byte 10: ", "gzip: invalid header"}},
		{"gzip block", with(packed, 10, 0xff), labels,
			[]string{"images: byte 11: ", "corrupt input"}},
		{"gzip checksum", with(packed, len(packed)-8, packed[len(packed)-8]^1), labels,
			[]string{"images: byte ", "checksum"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			var d damage
			_, err := Options{}.readIDXSet(&d, "test", digitNames(),
				fileAt(write(t, dir, "images", test.images)),
				fileAt(write(t, dir, "labels", test.labels)))
			wantError(t, errors.Join(err, d.err()), append(test.want, dir)...)
		})
	}
}

func TestDirectoryAsFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Options{}.readIDXSet(new(damage), "test", digitNames(), fileAt(dir), fileAt(dir))
	wantError(t, err, dir, "is a directory")
}

func FuzzReadIDX(f *testing.F) {
	images := idxFile(256, 7, 3, 2)
	f.Add(images, 3)
	f.Add(idxFile(10, 7), 1)
	f.Add(images[:9], 3)
	f.Add(pack(f, images), 3)
	f.Add(pack(f, images)[:25], 3)
	f.Fuzz(func(t *testing.T, file []byte, rank int) {
		rank = 1 + (rank&1)*2
		s, err := newSource("fuzz", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			wantFormatError(t, err, len(file))
			return
		}
		got, err := readIDX(s, rank)
		if err != nil {
			wantFormatError(t, err, len(file))
			return
		}
		size := 1
		for _, dim := range got.dims {
			size *= dim
		}
		if len(got.dims) != rank || size != len(got.data) {
			t.Errorf("%d bytes of shape %v", len(got.data), got.dims)
		}
	})
}
