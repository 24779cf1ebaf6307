package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/dsl"
	cifarcnn "github.com/gradc/gradc/examples/cifar-cnn"
	cifarnet "github.com/gradc/gradc/examples/cifar-net"
	cifarresnet "github.com/gradc/gradc/examples/cifar-resnet"
	"github.com/gradc/gradc/examples/digits"
	mnistcnn "github.com/gradc/gradc/examples/mnist-cnn"
	"github.com/gradc/gradc/internal/golden"
)

// networks are the examples by the names of their folders.
var networks = map[string]func() *dsl.Model{
	"cifar-cnn":    cifarcnn.Net,
	"cifar-net":    cifarnet.Net,
	"cifar-resnet": cifarresnet.Net,
	"digits":       digits.Net,
	"mnist-cnn":    mnistcnn.Net,
}

// TestGraphs compares the graph of each example with testdata/<example>.ir.
func TestGraphs(t *testing.T) {
	for name, net := range networks {
		t.Run(name, func(t *testing.T) {
			g, err := net().Graph()
			if err != nil {
				t.Fatal(err)
			}
			if g.Name != name {
				t.Errorf("the network is named %q", g.Name)
			}
			text := ir.Format(g)
			again, err := ir.Parse(text, g.Ops)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, ir.Format(again)); diff != "" {
				t.Errorf("the graph reads back differently:\n%s", diff)
			}
			golden.Text(t, filepath.Join("testdata", name+".ir"), text)
		})
	}
}

// TestParameters counts what is trained: weights, biases, and two numbers per channel of a batch
// norm.
func TestParameters(t *testing.T) {
	want := map[string]int{
		"cifar-cnn": (9*3+1)*32 + (9*32+1)*64 + (9*64+1)*128 + (8192+1)*512 + (512+1)*10,
		"cifar-net": 9*(3*128+128*256+256*512) + 512*256 + 2*(128+256+512+256) + (256+1)*10,
		"cifar-resnet": 9*(3*64+64*128+2*128*128+128*256+256*512+2*512*512) +
			2*(64+3*128+256+3*512) + (512+1)*10,
		"digits":    9*(16+16*32) + 2*(16+32) + (800+1)*10,
		"mnist-cnn": 9*(32+32*64+64*128) + 2*(32+64+128) + (61952+1)*128 + (128+1)*10,
	}
	got := map[string]int{}
	for name, net := range networks {
		g, err := net().Graph()
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range g.Sources("param") {
			got[name] += v.Type.Shape.Elements()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestFolders looks at what each folder of examples has: a network in this file's table, the
// line for go generate, and a README that begins with its name.
func TestFolders(t *testing.T) {
	paths, err := filepath.Glob("*/net.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Dir(path)
		if networks[name] == nil {
			t.Errorf("%s is not in the table of networks", name)
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(source), "\n")
		if !slices.Contains(lines, "//go:generate go tool gradc generate .") {
			t.Errorf("%s has no line for go generate", path)
		}
		readme, err := os.ReadFile(filepath.Join(name, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(readme), "# "+name+"\n") {
			t.Errorf("%s/README.md does not begin with the title %s", name, name)
		}
	}
	if len(paths) != len(networks) {
		t.Errorf("there are %d folders with a net.go, but %d networks", len(paths), len(networks))
	}
}
