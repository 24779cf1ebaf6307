package gosrc

import "fmt"

// shared makes the loop's function one that does the same, and reports whether there is one.
func (l *loop) shared() bool {
	f, ok := l.steps.Function()
	if !ok {
		return false
	}
	inPlace := make([]bool, len(l.args)) // read before results are stored
	for i := range l.args {
		inPlace[i] = l.overwritten(i)
	}
	key := fmt.Sprint(f.Key(), inPlace)
	if known, ok := l.loops[key]; ok {
		l.leaf = known
		return true
	}
	l.loops[key] = l.leaf
	return false
}

// choice returns what the method calls: the function itself, or the choice among its twins.
func (l *loop) choice() string {
	if l.Assembly == nil {
		return l.leaf
	}
	for _, t := range l.twins {
		if t.name == l.leaf {
			return "n.kernels." + l.leaf
		}
	}
	f, ok := l.steps.Function()
	if !ok {
		return l.leaf
	}
	f.Work = l.work
	twins, ok := l.Assembly.Loop(l.leaf, f, l.parameters().names)
	if !ok {
		return l.leaf
	}
	l.twins = append(l.twins, twin{l.leaf, l.leaf, l.params(), twins})
	return "n.kernels." + l.leaf
}
