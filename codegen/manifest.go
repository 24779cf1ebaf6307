package codegen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gradc/gradc/compiler/ir"
)

// ManifestName is the file that lists what gradc wrote into a folder, so that it touches nothing
// else there.
const ManifestName = "manifest.json"

// Manifest is the content of the file ManifestName.
type Manifest struct {
	Gradc   string   `json:"gradc"`   // version
	Network string   `json:"network"` // name
	Package string   `json:"package"` // import path of the package that describes the network
	Source  string   `json:"source"`  // file:line of the description, from the module's root
	Graph   string   `json:"graph"`   // SHA-256 of the model's text form
	Files   []string `json:"files"`   // all but the manifest, sorted
}

// ReadManifest returns the manifest of a folder, an empty one if it has none.
func ReadManifest(dir string) (Manifest, error) {
	var m Manifest
	path := filepath.Join(dir, ManifestName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%s: %w; remove the folder and generate again", path, err)
	}
	for _, name := range m.Files {
		if name != filepath.Base(name) {
			return m, fmt.Errorf("%s: %q is not a file of this folder; "+
				"remove the folder and generate again", path, name)
		}
	}
	return m, nil
}

// owns reports whether gradc wrote the file of this name.
func (m *Manifest) owns(name string) bool {
	return m.Gradc != "" && (name == ManifestName || slices.Contains(m.Files, name))
}

func manifestFile(model *ir.Graph, o Options, files []File) (File, error) {
	graph := sha256.Sum256([]byte(ir.Format(model)))
	m := Manifest{Gradc: o.Version, Network: model.Name, Package: o.Package, Source: model.Pos,
		Graph: hex.EncodeToString(graph[:])}
	for _, f := range files {
		m.Files = append(m.Files, f.Name)
	}
	data, err := m.text()
	return File{ManifestName, data}, err
}

// text returns the content of the manifest's file.
func (m *Manifest) text() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "\t")
	return append(data, '\n'), err
}
