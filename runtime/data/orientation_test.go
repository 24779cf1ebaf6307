package data

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exif is the EXIF data of one tag: the orientation.
func exif(order binary.AppendByteOrder, mark string, turn uint16) []byte {
	b := order.AppendUint16([]byte(mark), 42)
	b = order.AppendUint32(b, 8)      // where the directory begins
	b = order.AppendUint16(b, 1)      // its entries
	b = order.AppendUint16(b, 0x0112) // Orientation
	b = order.AppendUint16(b, 3)      // of type SHORT
	b = order.AppendUint32(b, 1)      // one of them
	b = order.AppendUint16(b, turn)
	b = order.AppendUint16(b, 0)
	return order.AppendUint32(b, 0) // no more directories
}

// withEXIF puts EXIF data behind the header chunk of a PNG file.
func withEXIF(file, data []byte) []byte {
	const header = 8 + 12 + 13
	chunk := append([]byte("eXIf"), data...)
	out := binary.BigEndian.AppendUint32(bytes.Clone(file[:header]), uint32(len(data)))
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return append(out, file[header:]...)
}

// jpegWithEXIF puts EXIF data behind the first marker of a JPEG file.
func jpegWithEXIF(file, data []byte) []byte {
	data = append([]byte("Exif\x00\x00"), data...)
	out := append(bytes.Clone(file[:2]), 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
	return append(append(out, data...), file[2:]...)
}

// The stored picture is
//
//	1 2 3
//	4 5 6
//
// and each orientation is written as a viewer shows it (EXIF 2.3, figure 12).
func TestOrientation(t *testing.T) {
	stored := pngFile(t, grey(1))
	dir := t.TempDir()
	tests := []struct {
		turn          uint16
		height, width int
		want          []byte
	}{
		{0, 2, 3, []byte{1, 2, 3, 4, 5, 6}}, // no such orientation
		{1, 2, 3, []byte{1, 2, 3, 4, 5, 6}},
		{2, 2, 3, []byte{3, 2, 1, 6, 5, 4}},
		{3, 2, 3, []byte{6, 5, 4, 3, 2, 1}},
		{4, 2, 3, []byte{4, 5, 6, 1, 2, 3}},
		{5, 3, 2, []byte{1, 4, 2, 5, 3, 6}},
		{6, 3, 2, []byte{4, 1, 5, 2, 6, 3}},
		{7, 3, 2, []byte{6, 3, 5, 2, 4, 1}},
		{8, 3, 2, []byte{3, 6, 2, 5, 1, 4}},
		{9, 2, 3, []byte{1, 2, 3, 4, 5, 6}},
	}
	for _, test := range tests {
		for name, data := range map[string][]byte{
			"big":    exif(binary.BigEndian, "MM", test.turn),
			"little": exif(binary.LittleEndian, "II", test.turn),
		} {
			path := write(t, dir, name+".png", withEXIF(stored, data))
			got, err := ReadPicture(path, 1, test.height, test.width)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("orientation %d, %s-endian (-want +got):\n%s", test.turn, name, diff)
			}
		}
	}
}

// A photograph is 32 by 16 pixels with its left half light. Turned clockwise, its top is.
func TestOrientationOfJPEG(t *testing.T) {
	photo := image.NewGray(image.Rect(0, 0, 32, 16))
	for i := range photo.Pix {
		if i%32 < 16 {
			photo.Pix[i] = 200
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, photo, nil); err != nil {
		t.Fatal(err)
	}
	turned := jpegWithEXIF(file.Bytes(), exif(binary.BigEndian, "MM", 6))
	dir := t.TempDir()
	path := write(t, dir, "photo.jpg", turned)
	got, err := ReadPicture(path, 1, 4, 2) // scaled as well
	if err != nil {
		t.Fatal(err)
	}
	if got[0] < 150 || got[1] < 150 || got[6] > 50 || got[7] > 50 {
		t.Errorf("rows of 2 pixels: %v, want them light above and dark below", got)
	}
	write(t, dir, "train/x/1.jpg", turned)
	write(t, dir, "test/x/1.jpg", turned)
	train, _, err := Open("folder", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if train.Height != 32 || train.Width != 16 {
		t.Errorf("a set of %dx%d, want the turned 32x16", train.Height, train.Width)
	}
	// Damage of what is not the picture does not matter.
	for cut := range exif(binary.BigEndian, "MM", 6) {
		data := exif(binary.BigEndian, "MM", 6)[:cut]
		path := write(t, dir, "cut.jpg", jpegWithEXIF(file.Bytes(), data))
		if _, err := ReadPicture(path, 1, 4, 2); err != nil {
			t.Errorf("EXIF data of %d bytes: %v", cut, err)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, plain(2, 3, color.White), nil); err != nil {
		f.Fatal(err)
	}
	data := exif(binary.LittleEndian, "II", 6)
	f.Add(jpegWithEXIF(file.Bytes(), data), "jpeg")
	f.Add(withEXIF(pngFile(f, grey(1)), data), "png")
	f.Fuzz(func(t *testing.T, file []byte, format string) {
		if turn := readOrientation(bytes.NewReader(file), format); turn < 1 || turn > 8 {
			t.Errorf("orientation %d", turn)
		}
	})
}
