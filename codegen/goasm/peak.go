package goasm

// peakChains multiply-adds are independent of each other: enough to hide the latency of one, and
// with two factors few enough for the registers of every machine.
const peakChains = 12

// PeakFiles prints, by file name, functions for package pkg that do nothing but multiply and add,
// one for each machine:
//
//	func chainsAVX2(rounds int, a, b float32)
//
// computes x = a·x + b in 12 chains of vectors, rounds times.
func PeakFiles(pkg string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, m := range Machines() {
		out, err := assemble(m, pkg, func(a *assembler) { a.chains("chains" + m.Suffix) })
		if err != nil {
			return nil, err
		}
		files["peak_"+m.Name+"_amd64.s"] = out.Text
		files["peak_"+m.Name+"_amd64.go"] = out.Stubs
	}
	return files, nil
}

func (a *assembler) chains(name string) {
	a.begin(name, "rounds int, a, b float32", "x = a·x + b, rounds times")
	rounds, factors := a.GP64(), a.vectors(2)
	a.Load(a.Param("rounds"), rounds)
	for i, name := range []string{"a", "b"} {
		param, err := a.Param(name).Resolve()
		if err != nil {
			panic(err) // the signature names it
		}
		a.VBROADCASTSS(param.Addr, factors[i])
	}
	sums := a.vectors(peakChains)
	for _, x := range sums {
		a.VMOVUPS(factors[1], x)
	}
	a.repeatTimes("round", rounds, func() {
		for _, x := range sums {
			a.VFMADD213PS(factors[1], factors[0], x)
		}
	})
	a.done()
}
