package goasm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestText wants a function with its formula, its registers, comments of loops, phases and
// constants, and no moves to where something is already.
func TestText(t *testing.T) {
	m := Machines()[1]
	out, err := assemble(m, "p", func(a *assembler) {
		a.begin("f"+m.Suffix, "y []float32", "y = 0.5")
		y := a.pointer("y")
		a.phase("halves")
		half := a.constant(0.5)
		a.holds("0.5", half)
		a.MOVQ(y, y)
		a.VMOVAPS(half, half)
		a.MOVQ(y, y)
		a.repeat("row", 3, func() {
			a.VMOVUPS(half, at(y, 0))
			a.advance(y, a.lanes)
		})
		a.done()
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `// func fAVX2(y []float32)
//
//	y = 0.5
//
// AX: y; CX: rounds of row; Y0: 0.5
TEXT ·fAVX2(SB), $0-24
	MOVQ	y_base+0(FP), AX

	// halves
	MOVL	$1056964608, CX // 0.5
	VMOVD	CX, X0
	VBROADCASTSS	X0, Y0
	MOVQ	$3, CX

row1: // a row of pixels
	VMOVUPS	Y0, (AX)
	ADDQ	$32, AX
	DECQ	CX
	JNZ	row1
	VZEROUPPER
	RET
`
	_, got, _ := strings.Cut(string(out.Text), "noasm\n\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestUnknownLabel wants an error for a label that nothing explains.
func TestUnknownLabel(t *testing.T) {
	_, err := assemble(Machines()[1], "p", func(a *assembler) {
		a.begin("f", "y []float32")
		a.repeat("mystery", 2, func() { a.VZEROUPPER() })
		a.done()
	})
	if err == nil || !strings.Contains(err.Error(), `label "mystery" has no comment`) {
		t.Errorf("error %v", err)
	}
}
