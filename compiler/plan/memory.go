package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// FormatMemory returns the memory plan as text: how large each block is, what is alive when most
// of the arena is in use, and all buffers with their places and lifetimes.
func FormatMemory(p *Program) string {
	var b strings.Builder
	fmt.Fprintf(&b, "memory of %q\n\n", p.Name)
	table(&b, func(row func(...any)) {
		row("block", "bytes")
		total := 0
		for space, n := range p.Size {
			if n > 0 {
				row(Space(space), n)
				total += n
			}
		}
		row("total", total)
		if n := p.Scratch(); n > 0 {
			row("each thread", n)
		}
	})
	for _, infer := range []bool{false, true} {
		if len(p.Steps(infer)) > 0 {
			formatPeak(&b, p, infer)
		}
	}
	b.WriteString("\nbuffers, with offset and size in bytes\n")
	table(&b, func(row func(...any)) {
		row("offset", "size", "steps", "kind", "name")
		var space Space = Spaces
		for _, buffer := range p.Buffers {
			if buffer.Space != space {
				space = buffer.Space
				row(space)
			}
			row(buffer.Offset, buffer.Size, buffer.lifetime(), string(buffer.Kind), buffer.Name)
		}
	})
	return b.String()
}

// formatPeak tells when most of the arena is in use, and by what.
func formatPeak(b *strings.Builder, p *Program, infer bool) {
	name := "training"
	if infer {
		name = "evaluation"
	}
	at, alive := p.Peak(infer)
	if alive == 0 {
		return
	}
	size := p.ArenaSize(infer)
	fmt.Fprintf(b, "\n%s uses %d bytes of the arena; at most %d are alive at a time "+
		"(%.1f %% more), in step %d %s:\n", name, size, alive,
		100*float64(size-alive)/float64(alive), at, p.Steps(infer)[at].Name)
	live := p.Live(infer, at)
	slices.SortStableFunc(live, func(a, b *Buffer) int { return cmp.Compare(b.Size, a.Size) })
	table(b, func(row func(...any)) {
		row("bytes", "steps", "kind", "name")
		for _, l := range live {
			row(l.Size, l.lifetime(), string(l.Kind), l.Name)
		}
	})
	fmt.Fprintf(b, "\n%s by kind, in bytes\n", name)
	table(b, func(row func(...any)) {
		row("kind", "at the peak", "all together", "buffers")
		for _, kind := range kinds {
			all := slices.DeleteFunc(slices.Clone(p.Buffers), func(l *Buffer) bool {
				return l.Kind != kind || l.Space != Arena || l.Infer != infer
			})
			if len(all) > 0 {
				row(string(kind), bytesOf(live, kind), bytesOf(all, kind), len(all))
			}
		}
	})
}

// bytesOf adds up the sizes of the buffers of a kind.
func bytesOf(buffers []*Buffer, kind Kind) int {
	n := 0
	for _, b := range buffers {
		if b.Kind == kind {
			n += b.Size
		}
	}
	return n
}

// lifetime returns the first and last step as 3-17; empty for what is always there.
func (b *Buffer) lifetime() string {
	switch {
	case b.Space != Arena:
		return "always"
	case b.Infer:
		return fmt.Sprintf("evaluation %d-%d", b.First, b.Last)
	}
	return fmt.Sprintf("%d-%d", b.First, b.Last)
}

// table writes rows with aligned columns.
func table(b *strings.Builder, fill func(row func(...any))) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fill(func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, c)
		}
		fmt.Fprintln(w)
	})
	w.Flush()
}
