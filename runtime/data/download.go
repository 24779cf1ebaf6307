package data

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/runtime/atomicfile"
)

// The largest file of MNIST has 10 MB, and unpacked 47.
const (
	maxDownload = 64 << 20
	maxUnpacked = 256 << 20
)

// downloadTime bounds the time for one file from one mirror.
const downloadTime = 5 * time.Minute

// cacheDir is where downloads are kept.
func (o Options) cacheDir() (string, error) {
	if o.CacheDir != "" {
		return o.CacheDir, nil
	}
	if dir := os.Getenv("GRADC_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep downloads: %w; set GRADC_CACHE to a folder", err)
	}
	return filepath.Join(dir, "gradc"), nil
}

// cached opens a file of the cache. It is downloaded where it is missing, and once more where its
// unpacked bytes have not the right checksum.
func (o Options) cached(path, checksum string, mirrors []string) opener {
	return func(read func(*source) error) error {
		sound, err := openChecked(path, checksum, read)
		switch {
		case sound:
			return err
		case errors.Is(err, fs.ErrNotExist):
		case err == nil, errors.As(err, new(*FormatError)):
			o.log(fmt.Sprintf("%s is damaged: its contents have not the right SHA-256",
				quote.Name(path)))
		default:
			return err
		}
		if err := download(path, checksum, mirrors, o.log); err != nil {
			return err
		}
		_, err = openChecked(path, checksum, read)
		return err
	}
}

// openChecked calls read with the file of that path and tells whether its bytes have the checksum.
func openChecked(path, checksum string, read func(*source) error) (sound bool, err error) {
	err = openFile(path, func(s *source) error {
		sum := sha256.New()
		s.data = io.TeeReader(s.data, sum)
		err := read(s)
		// What it has left, having found a fault. One that ends this too is in the sum.
		_, _ = io.Copy(io.Discard, io.LimitReader(s.data, maxUnpacked))
		sound = hex.EncodeToString(sum.Sum(nil)) == checksum
		return err
	})
	return sound, err
}

// download fetches the packed file of path's base name from the first mirror (a URL that ends in a
// slash) that has it with the right checksum of its unpacked bytes. The file appears whole or not
// at all.
func download(path, checksum string, mirrors []string, log func(string)) error {
	name := filepath.Base(path)
	_ = atomicfile.Sweep(path) // best effort: what a killed download has left
	client := &http.Client{Timeout: downloadTime}
	var failures []string
	for _, mirror := range mirrors {
		url := mirror + name
		log("downloading " + url)
		packed, err := fetch(client, url, checksum)
		if err != nil {
			failures = append(failures, fmt.Sprintf("%s: %v", url, err))
			continue
		}
		if err := atomicfile.Write(path, bytes.NewReader(packed)); err != nil {
			return fmt.Errorf("cannot keep %s: %w; set GRADC_CACHE to another folder", path, err)
		}
		log(fmt.Sprintf("checked %d bytes and kept them as %s", len(packed), quote.Name(path)))
		return nil
	}
	return fmt.Errorf("cannot download %s: %s; put the files under DIR/mnist by hand and "+
		"name DIR as the data directory", name, strings.Join(failures, "; "))
}

// fetch gets one packed file and compares the checksum of its contents.
func fetch(client *http.Client, url, checksum string) (packed []byte, err error) {
	response, err := client.Get(url)
	if err != nil {
		return nil, errors.Unwrap(err) // without the URL, which the caller adds
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	packed, err = io.ReadAll(io.LimitReader(response.Body, maxDownload))
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", len(packed), err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%d bytes that are no gzip file: %w", len(packed), err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(unpacked, maxUnpacked)); err != nil {
		return nil, fmt.Errorf("%d bytes of damaged gzip: %w", len(packed), err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != checksum {
		return nil, fmt.Errorf("its contents have SHA-256 %s, not %s", got, checksum)
	}
	return packed, nil
}
