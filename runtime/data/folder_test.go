package data

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pngFile is a picture as a PNG file.
func pngFile(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// grey is a picture of 3 by 2 pixels that begin at v.
func grey(v byte) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range picture.Pix {
		picture.Pix[i] = v + byte(i)
	}
	return picture
}

// plain is a picture of one colour.
func plain(w, h int, c color.Color) image.Image {
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		picture.Set(i%w, i/w, c)
	}
	return picture
}

// writeFolder writes a set of two classes, with files beside it that are no part of it.
func writeFolder(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "train/cat/b.png", pngFile(t, grey(20)))
	write(t, dir, "train/cat/a.PNG", pngFile(t, grey(10)))
	write(t, dir, "train/dog/c.png", pngFile(t, grey(30)))
	write(t, dir, "train/dog/notes.txt", nil)
	write(t, dir, "train/dog/.d.png", nil)
	write(t, dir, "train/.hidden/e.png", nil)
	write(t, dir, "train/list.csv", nil)
	write(t, dir, "test/dog/f.png", pngFile(t, grey(40)))
	return dir
}

func TestFolder(t *testing.T) {
	train, test, err := Open("folder", Options{Dir: writeFolder(t)})
	if err != nil {
		t.Fatal(err)
	}
	set := Set{Name: "folder", Channels: 1, Height: 2, Width: 3, Classes: 2,
		ClassNames: []string{"cat", "dog"}}
	wantTrain, wantTest := set, set
	wantTrain.Images = []byte{10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25, 30, 31, 32, 33, 34, 35}
	wantTrain.Labels = []int32{0, 0, 1}
	wantTest.Images, wantTest.Labels = []byte{40, 41, 42, 43, 44, 45}, []int32{1}
	if diff := cmp.Diff([]*Set{&wantTrain, &wantTest}, []*Set{train, test}); diff != "" {
		t.Errorf("splits (-want +got):\n%s", diff)
	}
}

func TestFolderScales(t *testing.T) {
	dir := t.TempDir()
	red, blue := color.NRGBA{R: 200, A: 255}, color.NRGBA{B: 100, A: 255}
	write(t, dir, "train/x/1.png", pngFile(t, plain(9, 5, red)))
	write(t, dir, "train/x/2.png", pngFile(t, plain(2, 2, blue)))
	write(t, dir, "test/x/3.png", pngFile(t, plain(1, 40, red)))
	train, test, err := Open("folder", Options{Dir: dir, Channels: 3, Height: 2, Width: 2})
	if err != nil {
		t.Fatal(err)
	}
	wantRed := []byte{200, 200, 200, 200, 0, 0, 0, 0, 0, 0, 0, 0}
	wantBlue := []byte{0, 0, 0, 0, 0, 0, 0, 0, 100, 100, 100, 100}
	if diff := cmp.Diff(append(bytes.Clone(wantRed), wantBlue...), train.Images); diff != "" {
		t.Errorf("training images (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantRed, test.Images); diff != "" {
		t.Errorf("test image (-want +got):\n%s", diff)
	}
}

func TestFolderErrors(t *testing.T) {
	tests := []struct {
		name    string
		file    string // added to a right folder
		picture []byte
		want    []string
	}{
		{"size", "test/cat/z.png", pngFile(t, plain(4, 2, color.White)),
			[]string{"z.png", "4x2 pixels", "has 3x2"}},
		{"no picture", "train/dog/z.jpg", []byte("hello, world"),
			[]string{"z.jpg: byte ", "no PNG, JPEG or GIF"}},
		{"empty class", "train/emu/readme", nil, []string{"emu", "no picture"}},
		{"new class", "test/emu/z.png", nil, []string{"emu", "no class of that name"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := writeFolder(t)
			write(t, dir, test.file, test.picture)
			_, _, err := Open("folder", Options{Dir: dir})
			wantError(t, err, append(test.want, dir)...)
		})
	}
}

func TestFolderMissing(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Open("folder", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "train"), "train/CLASS/")
	write(t, dir, "train/x/1.png", pngFile(t, grey(1)))
	_, _, err = Open("folder", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "test"), "test/CLASS/")
	write(t, dir, "test/list.txt", nil)
	_, _, err = Open("folder", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "test"), "no pictures")
	_, _, err = Open("folder", Options{})
	wantError(t, err, "no data directory")
	_, _, err = Open("folder", Options{Dir: dir, Channels: 2, Height: 1, Width: 1})
	wantError(t, err, "the network takes 2")
}

func TestReadPicture(t *testing.T) {
	dir := t.TempDir()
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, plain(16, 16, color.NRGBA{50, 100, 150, 255}), nil); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		file     []byte
		channels int
		want     []byte
	}{
		{"grey", pngFile(t, grey(250)), 1, []byte{250, 251, 252, 253, 254, 255}},
		{"grey as colour", pngFile(t, grey(7)), 3,
			[]byte{7, 8, 9, 10, 11, 12, 7, 8, 9, 10, 11, 12, 7, 8, 9, 10, 11, 12}},
		{"colour as grey", pngFile(t, plain(3, 2, color.NRGBA{100, 50, 200, 255})), 1,
			bytes.Repeat([]byte{82}, 6)}, // 29.9 + 29.35 + 22.8
		{"transparent", pngFile(t, plain(3, 2, color.NRGBA{255, 255, 255, 0})), 1, make([]byte, 6)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadPicture(write(t, dir, test.name, test.file), test.channels, 2, 3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("planes (-want +got):\n%s", diff)
			}
		})
	}
	got, err := ReadPicture(write(t, dir, "photo.jpg", photo.Bytes()), 3, 4, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if want := 50 * (1 + i/16); int(v) < want-2 || int(v) > want+2 {
			t.Errorf("JPEG: value %d is %d, want about %d", i, v, want)
		}
	}
}

func TestPictureErrors(t *testing.T) {
	dir := t.TempDir()
	file := pngFile(t, plain(400, 400, color.White))
	path := write(t, dir, "cut.png", file[:len(file)/2])
	_, err := ReadPicture(path, 1, 2, 3)
	wantError(t, err, path+": byte ", "damaged picture", "get it again")

	huge := with(pngFile(t, grey(1)), 16, 0, 1, 0, 0) // the width; its checksum comes after
	_, err = ReadPicture(write(t, dir, "huge.png", huge), 1, 2, 3)
	wantError(t, err, "huge.png: byte ", "checksum")
	_, err = ReadPicture(write(t, dir, "wide.png", pngFile(t, plain(9000, 1, color.White))), 1, 2, 3)
	wantError(t, err, "wide.png", "9000x1 pixels", "smaller")

	_, err = ReadPicture(filepath.Join(dir, "none.png"), 1, 2, 3)
	wantError(t, err, "none.png", "no such file")
	_, err = ReadPicture(path, 2, 2, 3)
	wantError(t, err, "the network takes 2")
}
