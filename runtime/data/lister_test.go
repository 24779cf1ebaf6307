package data

import (
	"bytes"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// link makes a symbolic link below dir.
func link(t *testing.T, target, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// gifFile is a picture as a GIF file.
func gifFile(t testing.TB) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := gif.Encode(&file, grey(30), nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestListing(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	picture := pngFile(t, grey(1))
	write(t, dir, "a.png", picture)
	write(t, dir, "b.txt", picture) // its contents count
	write(t, dir, "c", gifFile(t))
	write(t, dir, "d/e/f.JPEG", nil) // its name counts: it is damaged
	write(t, dir, "d.png/g.gif", gifFile(t))
	write(t, dir, "h.csv", []byte("a,b"))
	write(t, dir, "i.webp", []byte("RIFF....WEBP"))
	write(t, dir, "short", []byte{0xff})
	write(t, dir, ".j.png", picture)
	write(t, dir, ".k/l.png", picture)
	write(t, elsewhere, "pool/m.png", picture)
	write(t, elsewhere, "pool/.n.png", picture)
	link(t, filepath.Join(elsewhere, "pool"), dir, "o")
	link(t, filepath.Join(elsewhere, "pool", "m.png"), dir, "p")
	link(t, "nowhere.png", dir, "q.png")
	link(t, "nowhere", dir, "r")
	link(t, "..", dir, "d/up")
	link(t, filepath.Dir(dir), dir, "above")
	link(t, filepath.Join(elsewhere, "pool"), dir, "s") // once more

	var list Listing
	if err := list.Add(dir); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, path := range list.Files {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.ToSlash(name))
	}
	want := []string{"a.png", "b.txt", "c", "d/e/f.JPEG", "d.png/g.gif", "o/m.png", "p", "q.png"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	said := strings.ReplaceAll(list.Skipped(), dir+string(filepath.Separator), "")
	wantSaid := "skipped 3 hidden (.j.png, .k, o/.n.png), 3 not PNG, JPEG or GIF (h.csv, i.webp, " +
		"short), 1 not readable (r), 3 links to folders that are listed already (above, d/up, s)"
	if filepath.ToSlash(said) != wantSaid {
		t.Errorf("it says\n%s\nwant\n%s", said, wantSaid)
	}
}

// Folders that link to each other have more ways through them than anyone can follow.
func TestListingManyLinks(t *testing.T) {
	dir := t.TempDir()
	const n = 30
	for i := range n {
		folder := string(rune('A' + i))
		write(t, dir, folder+"/1.png", nil)
		for j := range n {
			link(t, filepath.Join("..", string(rune('A'+j))), dir, folder+"/to"+string(rune('A'+j)))
		}
	}
	var list Listing
	if err := list.Add(dir); err != nil {
		t.Fatal(err)
	}
	if len(list.Files) != n {
		t.Errorf("%d files, want each of the %d folders once", len(list.Files), n)
	}
	if said := list.Skipped(); !strings.Contains(said, " and 895 more)") { // n·n + n - n - 5
		t.Errorf("it says %s", said)
	}
}

func TestListingErrors(t *testing.T) {
	var list Listing
	path := write(t, t.TempDir(), "file", nil)
	for _, path := range []string{path, path + "x"} {
		if err := list.Add(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if said := list.Skipped(); said != "" {
		t.Errorf("nothing was skipped, but it says %s", said)
	}
}

func TestFolderFollowsLinks(t *testing.T) {
	dir, pool := t.TempDir(), t.TempDir()
	write(t, pool, "cats/deep/a.png", pngFile(t, grey(10)))
	write(t, dir, "train/dog/b.png", pngFile(t, grey(20)))
	write(t, dir, "train/readme.txt", nil)
	write(t, dir, "test/dog/.c.png", nil)
	link(t, filepath.Join(pool, "cats"), dir, "train/cat")
	link(t, filepath.Join(pool, "cats"), dir, "test/cat")
	var lines []string
	train, test, err := Open("folder", Options{Dir: dir,
		Log: func(line string) { lines = append(lines, line) }})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"cat", "dog"}, train.ClassNames); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int32{{0, 1}, {0}}, [][]int32{train.Labels, test.Labels}); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "skipped 1 hidden (") ||
		!strings.Contains(lines[0], "1 outside the class folders (") ||
		!strings.HasPrefix(lines[1], "the test split has no picture of dog: ") {
		t.Errorf("it says %q", lines)
	}

	link(t, ".", dir, "train/self")
	_, _, err = Open("folder", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "train", "self"), "a folder that it lies in")
}
