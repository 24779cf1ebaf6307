package ir_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradc/gradc/compiler/ir"
)

func TestDescriptions(t *testing.T) {
	want := []ir.Description{
		{Func: "Net", Pos: "net.go:3", Name: "net", Graph: "graph \"net\" \"net.go:3\"\n"},
		{Func: "Wide", Pos: "wide.go:9", Errors: []string{"wide.go:9: a < b", "wide.go:10: ü"}},
	}
	var b bytes.Buffer
	if err := ir.WriteDescriptions(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := ir.ReadDescriptions(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReadDescriptionsErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "reading the description of a network: EOF"},
		{"Net is ready\n", "reading the description of a network: invalid character 'N' looking " +
			"for beginning of value"},
		{`{"format":"gradc descriptions 0"}`, "the network uses another version of gradc's dsl: " +
			`its format is "gradc descriptions 0", this gradc reads "gradc descriptions 1"`},
		{`{"format":"gradc descriptions 1","funcs":[{`,
			"reading the description of a network: unexpected EOF"},
	}
	for _, test := range tests {
		_, err := ir.ReadDescriptions(strings.NewReader(test.text))
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: the error is\n%v, want\n%s", test.text, err, test.want)
		}
	}
}
