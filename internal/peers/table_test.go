package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	c := comparison{Net: "mnist-cnn", Ours: measurement{128, 750.4, 300 << 20, 200 << 20},
		Peer: measurement{128, 250, 1200 << 20, 0}, Setting: "channels_last", Speed: 3.0016,
		Memory: 0.25, Planned: 1.5}
	rows := [][]string{comparisonHead(), c.row()}
	if len(rows[0]) != len(rows[1]) {
		t.Fatalf("%d columns, %d in the head", len(rows[1]), len(rows[0]))
	}
	want := "| network   | images/s | PyTorch | ratio |\n" +
		"| --------- | -------- | ------- | ----- |\n" +
		"| mnist-cnn | 750      | 250     | 3.00  |\n"
	if diff := cmp.Diff(want, table([][]string{rows[0][:4], rows[1][:4]})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	o := options{threads: 2}
	wide := scaling{Net: "mnist-cnn", One: 400, All: 760, Speedup: 1.9, AVX2: 608, Narrower: 0.8}
	narrow := scaling{Net: "digits", One: 400, All: 760, Speedup: 1.9}
	want = "| network   | 1 thread | 2 threads | ratio | AVX2 | AVX2/AVX-512 |\n" +
		"| --------- | -------- | --------- | ----- | ---- | ------------ |\n" +
		"| mnist-cnn | 400      | 760       | 1.90  | 608  | 0.80         |\n" +
		"| digits    | 400      | 760       | 1.90  | –    | –            |\n"
	got := table([][]string{o.scalingHead(), wide.row(), narrow.row()})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
