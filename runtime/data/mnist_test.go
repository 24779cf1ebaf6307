package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallMNIST is MNIST with 5 training and 3 test images of 2 by 2 pixels.
func smallMNIST() map[string][]byte {
	return map[string][]byte{
		"train-images-idx3-ubyte": idxFile(256, 5, 2, 2),
		"train-labels-idx1-ubyte": idxFile(10, 5),
		"t10k-images-idx3-ubyte":  idxFile(256, 3, 2, 2),
		"t10k-labels-idx1-ubyte":  idxFile(10, 3),
	}
}

func checkSmallMNIST(t *testing.T, train, test *Set) {
	t.Helper()
	got := []int{train.Len(), train.Channels, train.Height, train.Width, train.Classes,
		len(train.Images), test.Len(), len(test.Images)}
	if diff := cmp.Diff([]int{5, 1, 2, 2, 10, 20, 3, 12}, got); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
}

func TestMNISTInDir(t *testing.T) {
	dir := t.TempDir()
	for name, contents := range smallMNIST() {
		if strings.HasPrefix(name, "t10k") { // both forms may stand side by side
			name, contents = name+".gz", pack(t, contents)
		}
		write(t, dir, "mnist/"+name, contents)
	}
	train, test, err := Open("mnist", Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	checkSmallMNIST(t, train, test)
}

func TestMNISTMissing(t *testing.T) {
	dir := t.TempDir()
	for name, contents := range smallMNIST() {
		if name != "t10k-labels-idx1-ubyte" {
			write(t, dir, "mnist/"+name, contents)
		}
	}
	_, _, err := Open("mnist", Options{Dir: dir})
	wantError(t, err, filepath.Join(dir, "mnist", "t10k-labels-idx1-ubyte"), "put the four MNIST files")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v is not fs.ErrNotExist", err)
	}
}

// small reads smallMNIST, with its own checksums, by way of the cache.
func (o Options) small(mirrors []string) (train, test *Set, err error) {
	contents := smallMNIST()
	var files [4]mnistFile
	for i, file := range mnistFiles() {
		sum := sha256.Sum256(contents[file.name])
		files[i] = mnistFile{file.name, hex.EncodeToString(sum[:])}
	}
	open, err := o.cachedMNIST(files, mirrors)
	if err != nil {
		return nil, nil, err
	}
	return o.readMNIST(open)
}

// serve serves packed files, changed in some way, and records what was asked for.
func serve(t *testing.T, asked *[]string, change func(packed []byte) []byte) string {
	files := smallMNIST()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		contents, ok := files[strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/m/"), ".gz")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write(change(pack(t, contents))); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/m/"
}

func same(b []byte) []byte { return b }

func TestMNISTDownload(t *testing.T) {
	cache := t.TempDir()
	var asked, lines []string
	mirror := serve(t, &asked, same)
	o := Options{CacheDir: cache, Log: func(line string) { lines = append(lines, line) }}
	for range 2 {
		train, test, err := o.small([]string{mirror})
		if err != nil {
			t.Fatal(err)
		}
		checkSmallMNIST(t, train, test)
	}
	var want []string
	for _, file := range mnistFiles() {
		want = append(want, "/m/"+file.name+".gz")
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("each file is downloaded once (-want +got):\n%s", diff)
	}
	if len(lines) != 8 || lines[0] != "downloading "+mirror+"train-images-idx3-ubyte.gz" ||
		!strings.Contains(lines[1], filepath.Join(cache, "mnist", "train-images-idx3-ubyte.gz")) {
		t.Errorf("log: %q", lines)
	}
}

func TestMNISTMirrors(t *testing.T) {
	cache := t.TempDir()
	var asked []string
	mirrors := []string{
		serve(t, &asked, same) + "elsewhere/",                                  // 404
		serve(t, &asked, func(b []byte) []byte { return b[:len(b)-9] }),        // cut short
		serve(t, &asked, func([]byte) []byte { return []byte("<html>") }),      // a web page
		serve(t, &asked, func([]byte) []byte { return pack(t, []byte("no")) }), // another file
		serve(t, &asked, same),
	}
	train, test, err := Options{CacheDir: cache}.small(mirrors)
	if err != nil {
		t.Fatal(err)
	}
	checkSmallMNIST(t, train, test)
	if len(asked) != 20 {
		t.Errorf("%d requests, want one of each of 5 mirrors for each of 4 files", len(asked))
	}

	cache = t.TempDir()
	_, _, err = Options{CacheDir: cache}.small(mirrors[:4])
	wantError(t, err, "cannot download train-images-idx3-ubyte.gz", mirrors[0], "404 Not Found",
		mirrors[1], "damaged gzip", mirrors[2], "no gzip file", mirrors[3], "SHA-256", "by hand")
	left, err := os.ReadDir(filepath.Join(cache, "mnist"))
	if err != nil || len(left) != 0 {
		t.Errorf("after a failed download the cache holds %v (%v)", left, err)
	}
}

// What lies in the cache is checked each time it is read, and replaced where it is damaged.
func TestCacheDamaged(t *testing.T) {
	other := func(name string) []byte { // sound, but not what was downloaded
		return pack(t, with(smallMNIST()[name], 20, 99))
	}
	name := "train-images-idx3-ubyte"
	for reason, contents := range map[string][]byte{"cut": pack(t, smallMNIST()[name])[:25],
		"empty": nil, "web page": []byte("<html>"), "other pixels": other(name)} {
		t.Run(reason, func(t *testing.T) {
			cache := t.TempDir()
			var asked, lines []string
			o := Options{CacheDir: cache, Log: func(line string) { lines = append(lines, line) }}
			mirrors := []string{serve(t, &asked, same)}
			if _, _, err := o.small(mirrors); err != nil {
				t.Fatal(err)
			}
			path := write(t, cache, "mnist/"+name+".gz", contents)
			asked, lines = nil, nil
			for range 2 {
				train, test, err := o.small(mirrors)
				if err != nil {
					t.Fatal(err)
				}
				checkSmallMNIST(t, train, test)
				if train.Images[4] != 4 {
					t.Error("the images are not those that were downloaded")
				}
			}
			if len(asked) != 1 || len(lines) != 3 || !strings.HasPrefix(lines[0], path+" is damaged") {
				t.Errorf("asked for %q, said %q, want one more download", asked, lines)
			}
			write(t, cache, "mnist/"+name+".gz", contents)
			_, _, err := o.small(nil)
			wantError(t, err, "cannot download "+name)
		})
	}
}

// A sound file of the cache that does not fit the network is not downloaded again.
func TestCacheSound(t *testing.T) {
	var asked []string
	o := Options{CacheDir: t.TempDir(), Channels: 1, Height: 3, Width: 2}
	_, _, err := o.small([]string{serve(t, &asked, same)})
	wantError(t, err, "train-images-idx3-ubyte.gz: byte 4", "1x2x2")
	asked = nil
	_, _, err = o.small(nil)
	wantError(t, err, "train-images-idx3-ubyte.gz: byte 4", "1x2x2")
}

func TestDownloadUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL + "/"
	server.Close()
	_, _, err := Options{CacheDir: t.TempDir()}.small([]string{url})
	wantError(t, err, url+"train-images-idx3-ubyte.gz", "refused")
	if n := strings.Count(err.Error(), url); n != 1 {
		t.Errorf("error %q names the URL %d times", err, n)
	}
}

// A body that ends before its announced length is an error of the connection.
func TestDownloadBroken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		if _, err := w.Write(bytes.Repeat([]byte{1}, 400)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	_, _, err := Options{CacheDir: t.TempDir()}.small([]string{server.URL + "/"})
	wantError(t, err, "byte 400: unexpected EOF")
}

func TestCacheDir(t *testing.T) {
	home, named := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("HOME", home)
	t.Setenv("LocalAppData", home)
	t.Setenv("GRADC_CACHE", "")
	var got []string
	ask := func(o Options) {
		dir, err := o.cacheDir()
		if err != nil {
			t.Error(err)
		}
		got = append(got, dir)
	}
	ask(Options{})
	t.Setenv("GRADC_CACHE", named)
	ask(Options{})
	ask(Options{CacheDir: "given"})
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(user, "gradc"), named, "given"}; !slices.Equal(got, want) {
		t.Errorf("cache directories %q, want %q", got, want)
	}
}

// A file in the place of the cache directory.
func TestCacheUnusable(t *testing.T) {
	file := write(t, t.TempDir(), "cache", nil)
	_, _, err := Options{CacheDir: file}.small(nil)
	wantError(t, err, file, "set GRADC_CACHE", "not a directory")
}

func TestOpenUnknown(t *testing.T) {
	_, _, err := Open("minst", Options{})
	wantError(t, err, `"minst"`, "cifar10, cifar100, digits, folder, mnist, npy")
}
