package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/gradc/gradc/internal/quote"
	"github.com/gradc/gradc/internal/regular"
)

// Load reads a checkpoint into memory. The error of a file that is not a sound one gives the
// path and the byte offset. What it allocates is in proportion to the file's true size, and a file
// that could hold more than maxData bytes of tensors behind the longest header is refused.
func Load(path string, maxData int64) (*File, error) {
	f, size, err := regular.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	if size > lengthBytes+maxHeader+maxData {
		return nil, fmt.Errorf("checkpoint: %s has %d bytes, where the weights wanted take %d; give "+
			"the file that this network has saved", quote.Name(path), size, maxData)
	}
	return read(path, f, size)
}

// read reads a checkpoint of size bytes.
func read(path string, r io.Reader, size int64) (*File, error) {
	header, err := readHeader(path, r, size)
	if err != nil {
		return nil, err
	}
	start := int64(lengthBytes + len(header))
	entries, meta, err := parseHeader(header)
	var inHeader *headerError
	if errors.As(err, &inHeader) {
		return nil, damaged(path, lengthBytes+inHeader.offset, inHeader.cause)
	}
	end := start
	if len(entries) > 0 {
		end += entries[len(entries)-1].end
	}
	if size < end {
		return nil, damaged(path, size,
			fmt.Errorf("the file ends, the header says that it has %d bytes", end))
	}
	if size > end {
		return nil, damaged(path, end, fmt.Errorf("%d bytes follow the last tensor", size-end))
	}
	file := &File{Path: path, Meta: meta, tensors: make(map[string]Tensor, len(entries))}
	chunk := make([]byte, min(chunkBytes, end-start))
	for _, e := range entries {
		var data []float32
		var err error
		if e.skip {
			_, err = io.CopyN(io.Discard, r, e.end-e.begin)
		} else {
			data, err = readElements(r, chunk, int((e.end-e.begin)/elementBytes))
		}
		if err != nil {
			return nil, damaged(path, start+e.begin, fmt.Errorf("tensor %q: %w", e.name, err))
		}
		if e.skip {
			continue
		}
		file.tensors[e.name] = Tensor{Name: e.name, Shape: e.shape, Data: data}
	}
	return file, nil
}

// readHeader reads the length of the header, then the header.
func readHeader(path string, r io.Reader, size int64) ([]byte, error) {
	if size < lengthBytes {
		return nil, damaged(path, size,
			fmt.Errorf("the file ends before the %d bytes of the header's length", lengthBytes))
	}
	var length [lengthBytes]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, damaged(path, 0, err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		return nil, damaged(path, 0, fmt.Errorf("header length %d exceeds %d", n, maxHeader))
	}
	if int64(n) > size-lengthBytes {
		return nil, damaged(path, size,
			fmt.Errorf("the file ends before the %d bytes of the header", n))
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, damaged(path, lengthBytes, err)
	}
	return header, nil
}

// readElements reads count little-endian values by way of chunk.
func readElements(r io.Reader, chunk []byte, count int) ([]float32, error) {
	data := make([]float32, count)
	for rest := data; len(rest) > 0; {
		n := min(len(rest), len(chunk)/elementBytes)
		part := chunk[:n*elementBytes]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, err
		}
		for i := range rest[:n] {
			rest[i] = math.Float32frombits(binary.LittleEndian.Uint32(part[i*elementBytes:]))
		}
		rest = rest[n:]
	}
	return data, nil
}

// damaged is the error of a file that is not a sound checkpoint.
func damaged(path string, offset int64, cause error) error {
	return fmt.Errorf("checkpoint: %s: byte %d: %w; the file is damaged or not a safetensors "+
		"file of F32 tensors, replace it", path, offset, cause)
}

// SHA256 returns the SHA-256 of a file's bytes, in lower-case hexadecimal.
func SHA256(path string) (string, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
