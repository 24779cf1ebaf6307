package gosrc

import (
	"fmt"

	"github.com/gradc/gradc/codegen/goasm"
	"github.com/gradc/gradc/codegen/host"
	"github.com/gradc/gradc/compiler/winograd"
)

// winogradWeights emits the transform of kernels, which may be turned around.
func winogradWeights(k *kernel) error {
	w, u := k.Args[0].Type, k.out.typ
	const taps = winograd.Kernel * winograd.Kernel
	order, first, next := goasm.OIHW16o, 0, goasm.Lanes
	if k.Attrs.Bool("turned") {
		order, first, next = goasm.IOHW16i, (taps-1)*goasm.Lanes, -goasm.Lanes
	}
	if err := k.wants(0, order, [2]int{}); err != nil {
		return err
	}
	if err := wantBlocks(u.Shape[:2]...); err != nil {
		return err
	}
	name := k.shared("winogradWeights")
	home, at := k.arg(0)
	place := u.Place()
	f := k.frame
	f.inner = 1
	channel, channels := f.span(1)
	f.allAround(k.method, func(c *host.Code) {
		block := f.variable(0)
		to := sum(k.out.at, times(block, place.Stride[0]), scaled(channel, place.Stride[1]))
		from := sum(at, times(block, u.Shape[1]*taps*goasm.Lanes), scaled(channel, taps*goasm.Lanes))
		c.Line("%s", call(name,
			[2]string{slice(k.out.home, to, 0, false), u.String()},
			[2]string{slice(home, from, 0, false), w.String()},
			[2]string{fmt.Sprint(first), "the first element of a kernel"},
			[2]string{fmt.Sprint(next), "from one to the next"},
			[2]string{channels, "channels"},
			[2]string{fmt.Sprint(place.Stride[3]), "from a number to the next"}))
	})
	return nil
}
