package host

import (
	"go/token"
	"testing"
)

func TestIdentifier(t *testing.T) {
	tests := []struct{ reason, name, want string }{
		{"a plain name", "conv1", "conv1"},
		{"parts of a name", "bn1.weight", "bn1Weight"},
		{"a gradient", "d.conv1.weight", "dConv1Weight"},
		{"words with underscores", "bn1.running_mean", "bn1RunningMean"},
		{"a capital letter at first", "Conv", "conv"},
		{"capital letters within", "fooBAR.x", "fooBARX"},
		{"a digit at first", "1x1", "v1x1"},
		{"a digit behind a dot", "part.2", "part2"},
		{"a number behind a number", "d.pool3.2", "dPool3_2"},
		{"a number of two digits", "d.pool32", "dPool32"},
		{"numbers with underscores", "conv2_2", "conv2_2"},
		{"numbers far apart", "conv2.x.3", "conv2X3"},
		{"quotes and line breaks", "a\"b\n//c", "aBC"},
		{"other letters", "größe", "grE"},
		{"nothing that is left", "\n…", "value"},
		{"nothing at all", "", "value"},
	}
	for _, test := range tests {
		got := Identifier(test.name)
		if got != test.want || !token.IsIdentifier(got) {
			t.Errorf("%s: %q becomes %s, want %s", test.reason, test.name, got, test.want)
		}
	}
}

func TestLocalName(t *testing.T) {
	tests := []struct{ reason, name, layer, want string }{
		{"a value of the layer", "bn1.mean", "bn1", "mean"},
		{"a gradient in the layer", "d.bn1.weight", "bn1", "dWeight"},
		{"the layer's result", "bn1", "bn1", "bn1"},
		{"another layer's value", "bn2.mean", "bn1", "bn2Mean"},
		{"a name that begins alike", "bn12.mean", "bn1", "bn12Mean"},
		{"no layer", "x.mean", "", "xMean"},
		{"a keyword", "bn1.var", "bn1", "variance"},
	}
	for _, test := range tests {
		if got := LocalName(test.name, test.layer); got != test.want {
			t.Errorf("%s: %s in %q is %s, want %s", test.reason, test.name, test.layer, got, test.want)
		}
	}
}

func TestFreshNames(t *testing.T) {
	outer := NewNames(nil, "task")
	inner := NewNames(outer)
	tests := []struct {
		reason string
		scope  *Names
		name   string
		want   string
	}{
		{"a free name", outer, "conv", "conv"},
		{"a name that is taken", outer, "conv", "conv2"},
		{"a third one", outer, "conv", "conv3"},
		{"a reserved name", outer, "task", "task2"},
		{"a name of the scope around", inner, "conv", "conv4"},
		{"a keyword", outer, "func", "func2"},
		{"a predeclared name", outer, "len", "len2"},
		{"an imported package", outer, "math", "math2"},
		{"a name that ends in a digit", outer, "conv2", "conv2_2"},
		{"a name that was given out for another", outer, "conv2_2", "conv2_2_2"},
	}
	for _, test := range tests {
		if got := test.scope.Fresh(test.name); got != test.want {
			t.Errorf("%s: %s becomes %s, want %s", test.reason, test.name, got, test.want)
		}
	}
}
