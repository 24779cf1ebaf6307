package checkpoint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	elementBytes = 4
	lengthBytes  = 8
	alignment    = 8 // of the data in the file
	metaKey      = "__metadata__"

	// maxHeader bounds what a lying length can make a reader allocate.
	maxHeader = 16 << 20
)

// entry is what the header says of one tensor.
type entry struct {
	name       string
	shape      []int
	begin, end int64 // bytes, counted from the start of the data
	at         int64 // where in the header it is
	skip       bool  // it is nothing that networks take
}

// batchCounter ends the names of what PyTorch's batch norm counts its batches in, an I64. Nothing
// is computed from it.
const batchCounter = "num_batches_tracked"

// formatHeader writes the header of tensors in the order given, blank-padded to alignment.
func formatHeader(tensors []Tensor, meta map[string]string) ([]byte, error) {
	var header bytes.Buffer
	header.WriteByte('{')
	field := func(key string, value any) error {
		name, err := json.Marshal(key)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value) // a map's keys come out sorted
		if header.Len() > 1 {
			header.WriteByte(',')
		}
		fmt.Fprintf(&header, "%s:%s", name, text)
		return err
	}
	if len(meta) > 0 {
		if err := field(metaKey, meta); err != nil {
			return nil, err
		}
	}
	end := int64(0)
	for _, t := range tensors {
		begin := end
		end += int64(len(t.Data)) * elementBytes
		err := field(t.Name, struct {
			Type    string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{"F32", append([]int{}, t.Shape...), [2]int64{begin, end}})
		if err != nil {
			return nil, err
		}
	}
	header.WriteByte('}')
	for (lengthBytes+header.Len())%alignment != 0 {
		header.WriteByte(' ')
	}
	if header.Len() > maxHeader {
		return nil, fmt.Errorf("header of %d bytes exceeds %d", header.Len(), maxHeader)
	}
	return header.Bytes(), nil
}

// headerError is what is wrong at an offset of the header.
type headerError struct {
	offset int64
	cause  error
}

func (e *headerError) Error() string { return e.cause.Error() }
func (e *headerError) Unwrap() error { return e.cause }

// parseHeader reads the tensors that a header describes, in the order of their data, and the
// metadata. Its errors are of type *headerError.
func parseHeader(header []byte) ([]entry, map[string]string, error) {
	if err := checkJSON(header); err != nil {
		return nil, nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(header))
	if _, err := decoder.Token(); err != nil { // the opening brace
		return nil, nil, &headerError{0, err}
	}
	var entries []entry
	meta, seen := map[string]string{}, map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		at := decoder.InputOffset() // the end of the name
		name, _ := token.(string)
		switch {
		case err != nil:
		case seen[name]:
			err = errors.New("the name occurs twice")
		case name == metaKey:
			err = decoder.Decode(&meta)
		default:
			var e entry
			e, err = decodeEntry(decoder, name)
			e.at = at
			entries = append(entries, e)
		}
		if err != nil {
			return nil, nil, &headerError{at, fmt.Errorf("%q: %w", name, err)}
		}
		seen[name] = true
	}
	if meta == nil { // from a JSON null
		meta = map[string]string{}
	}
	err := checkOrder(entries)
	return entries, meta, err
}

// checkJSON finds where a header is not a JSON object in UTF-8.
func checkJSON(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return &headerError{0, errors.New("the header does not begin with {")}
	}
	for at := 0; at < len(header); {
		r, size := utf8.DecodeRune(header[at:])
		if r == utf8.RuneError && size == 1 {
			return &headerError{int64(at), errors.New("the header is not UTF-8")}
		}
		at += size
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal(header, &json.RawMessage{})
	if errors.As(err, &syntax) {
		return &headerError{max(syntax.Offset-1, 0), err}
	}
	return nil
}

// decodeEntry reads the JSON object of one tensor.
func decodeEntry(decoder *json.Decoder, name string) (entry, error) {
	var fields map[string]json.RawMessage
	if err := decoder.Decode(&fields); err != nil {
		return entry{}, err
	}
	for key := range fields {
		if key != "dtype" && key != "shape" && key != "data_offsets" {
			return entry{}, errors.New("an unknown field beside dtype, shape and data_offsets")
		}
	}
	var dtype string
	var shape []int
	var offsets []int64
	for _, field := range []struct {
		key    string
		target any
	}{{"dtype", &dtype}, {"shape", &shape}, {"data_offsets", &offsets}} {
		if err := decodeField(fields, field.key, field.target); err != nil {
			return entry{}, err
		}
	}
	size, skip := int64(elementBytes), false
	if dtype == "I64" && strings.HasSuffix("."+name, "."+batchCounter) {
		size, skip = 8, true
	}
	switch {
	case dtype != "F32" && !skip:
		return entry{}, fmt.Errorf("dtype %q is not supported, only F32 is", dtype)
	case len(offsets) != 2 || offsets[0] < 0 || offsets[1] < offsets[0]:
		return entry{}, fmt.Errorf("data_offsets %v are not a range", offsets)
	}
	count, err := elements(shape)
	if err != nil {
		return entry{}, err
	}
	if taken := offsets[1] - offsets[0]; int64(count)*size != taken {
		return entry{}, fmt.Errorf("shape %v takes %d bytes, data_offsets %v are %d",
			shape, int64(count)*size, offsets, taken)
	}
	return entry{name: name, shape: shape, begin: offsets[0], end: offsets[1], skip: skip}, nil
}

// decodeField reads one field into the value that target points to.
func decodeField(fields map[string]json.RawMessage, key string, target any) error {
	text, ok := fields[key]
	if !ok || string(text) == "null" {
		return fmt.Errorf("there is no %s", key)
	}
	if err := json.Unmarshal(text, target); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// checkOrder sorts entries by their data, which must follow each other without gap or overlap.
func checkOrder(entries []entry) error {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	end := int64(0)
	for _, e := range entries {
		if e.begin != end {
			return &headerError{e.at, fmt.Errorf("%q: its data begin at %d, where those before "+
				"end at %d", e.name, e.begin, end)}
		}
		end = e.end
	}
	return nil
}
