package ir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads the text form of a graph and checks it. Its errors name the line. Empty lines and
// lines that begin with // are passed over.
func Parse(text string, ops Table) (*Graph, error) {
	g := &Graph{Ops: ops}
	p := &graphParser{graph: g, values: map[string]*Value{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if err := Check(g); err != nil {
		return nil, err
	}
	return g, nil
}

type graphParser struct {
	graph  *Graph
	values map[string]*Value
}

func (p *graphParser) line(line string) error {
	g := p.graph
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "graph":
		return p.head(rest)
	case "recipe":
		return p.recipe(rest)
	case "optimizer", "schedule", "augment":
		c, err := parseChoice(rest)
		switch {
		case word == "optimizer":
			g.Recipe.Optimizer = c
		case word == "schedule":
			g.Recipe.Schedule = c
		default:
			g.Recipe.Augment = append(g.Recipe.Augment, c)
		}
		return err
	case "normalize":
		return p.normalize(rest)
	case "output":
		name, v, err := p.assign(rest)
		g.Outputs = append(g.Outputs, Output{name, v})
		return err
	case "gradient", "update":
		name, v, err := p.assign(rest)
		if err != nil {
			return err
		}
		target := p.values[name]
		if target == nil {
			return fmt.Errorf("no value is named %s", name)
		}
		if word == "gradient" {
			g.Gradients = append(g.Gradients, Assign{target, v})
		} else {
			g.Updates = append(g.Updates, Assign{target, v})
		}
		return nil
	}
	return p.value(line)
}

// head reads "name" "file:line".
func (p *graphParser) head(text string) error {
	fields, err := splitFields(text)
	if err != nil {
		return err
	}
	if len(fields) == 2 {
		name, err1 := strconv.Unquote(fields[0])
		pos, err2 := strconv.Unquote(fields[1])
		if err1 == nil && err2 == nil {
			p.graph.Name, p.graph.Pos = name, pos
			return nil
		}
	}
	return fmt.Errorf("graph: want \"name\" \"file:line\"")
}

func (p *graphParser) recipe(text string) error {
	fields, err := splitFields(text)
	if err != nil {
		return err
	}
	r := &p.graph.Recipe
	for _, field := range fields {
		name, val, _ := strings.Cut(field, "=")
		var err error
		switch name {
		case "batch":
			r.Batch, err = strconv.Atoi(val)
		case "epochs":
			r.Epochs, err = strconv.Atoi(val)
		case "seed":
			r.Seed, err = strconv.ParseUint(val, 10, 64)
		case "lr":
			r.LearningRate, err = strconv.ParseFloat(val, 64)
		case "data":
			r.Data, err = strconv.Unquote(val)
		case "direct":
			r.Direct, err = strconv.ParseBool(val)
		default:
			err = fmt.Errorf("unknown field")
		}
		if err != nil {
			return fmt.Errorf("recipe %s: %w", field, err)
		}
	}
	return nil
}

func parseChoice(text string) (Choice, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return Choice{}, fmt.Errorf("a name is missing")
	}
	c := Choice{Name: fields[0]}
	for _, field := range fields[1:] {
		name, val, _ := strings.Cut(field, "=")
		v, err := strconv.ParseFloat(val, 64)
		if err != nil {
			return c, fmt.Errorf("%s %s: %w", c.Name, field, err)
		}
		c.Args = append(c.Args, Arg{name, v})
	}
	return c, nil
}

func (p *graphParser) normalize(text string) error {
	for _, field := range strings.Fields(text) {
		name, val, _ := strings.Cut(field, "=")
		var list []float64
		for _, part := range strings.Split(strings.Trim(val, "[]"), ",") {
			v, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return fmt.Errorf("normalize %s: %w", name, err)
			}
			list = append(list, v)
		}
		switch name {
		case "mean":
			p.graph.Recipe.Mean = list
		case "std":
			p.graph.Recipe.Std = list
		default:
			return fmt.Errorf("normalize: unknown field %s", name)
		}
	}
	if r := p.graph.Recipe; len(r.Mean) != len(r.Std) {
		return fmt.Errorf("normalize: %d means, but %d standard deviations", len(r.Mean), len(r.Std))
	}
	return nil
}

func (p *graphParser) assign(text string) (string, *Value, error) {
	name, from, ok := strings.Cut(text, " = ")
	if !ok {
		return "", nil, fmt.Errorf("want name = value, have %q", text)
	}
	v := p.values[from]
	if v == nil {
		return "", nil, fmt.Errorf("no value is named %s", from)
	}
	return name, v, nil
}

// value reads name: type = op(args) attribute=value … @layer pass "file:line".
func (p *graphParser) value(line string) error {
	name, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return fmt.Errorf("want name: type = op(args), have %q", line)
	}
	typeText, rest, ok := strings.Cut(rest, " = ")
	if !ok {
		return fmt.Errorf("%s: no operation", name)
	}
	op, rest, ok := strings.Cut(rest, "(")
	argText, rest, ok2 := strings.Cut(rest, ")")
	if !ok || !ok2 {
		return fmt.Errorf("%s: want op(args)", name)
	}
	v := &Value{Name: name, Op: p.graph.Ops[op], Attrs: Attrs{}}
	if v.Op == nil {
		return fmt.Errorf("%s: no operation is named %q", name, op)
	}
	if p.values[name] != nil {
		return fmt.Errorf("%s is defined twice", name)
	}
	var err error
	if v.Type, err = ParseType(typeText); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if argText != "" {
		for _, arg := range strings.Split(argText, ", ") {
			a := p.values[arg]
			if a == nil {
				return fmt.Errorf("%s: no value is named %s", name, arg)
			}
			v.Args = append(v.Args, a)
		}
	}
	if err := v.parseTail(rest); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.values[name] = v
	p.graph.Values = append(p.graph.Values, v)
	return nil
}

func (v *Value) parseTail(text string) error {
	fields, err := splitFields(text)
	if err != nil {
		return err
	}
	for i, field := range fields {
		if layer, ok := strings.CutPrefix(field, "@"); ok {
			return v.parseOrigin(layer, fields[i+1:])
		}
		name, val, _ := strings.Cut(field, "=")
		if _, twice := v.Attrs[name]; twice {
			return fmt.Errorf("attribute %s is given twice", name)
		}
		at := slices.IndexFunc(v.Op.Attrs, func(s AttrSpec) bool { return s.Name == name })
		if at < 0 {
			return fmt.Errorf("unknown attribute %s", name)
		}
		if v.Attrs[name], err = v.Op.Attrs[at].Kind.parse(val); err != nil {
			return fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	return nil
}

func (v *Value) parseOrigin(layer string, fields []string) error {
	if layer != "-" {
		v.Layer = layer
	}
	if len(fields) != 2 {
		return fmt.Errorf("want @layer pass \"file:line\"")
	}
	for p, name := range passNames {
		if name == fields[0] {
			v.Pass = Pass(p)
			pos, err := strconv.Unquote(fields[1])
			v.Pos = pos
			return err
		}
	}
	return fmt.Errorf("unknown pass %q", fields[0])
}

// splitFields cuts text at spaces outside of quoted strings.
func splitFields(text string) ([]string, error) {
	var fields []string
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		end := 0
		for end < len(text) && text[end] != ' ' {
			if text[end] != '"' {
				end++
				continue
			}
			quoted, err := strconv.QuotedPrefix(text[end:])
			if err != nil {
				return nil, fmt.Errorf("unfinished string in %q", text)
			}
			end += len(quoted)
		}
		fields = append(fields, text[:end])
		text = text[end:]
	}
	return fields, nil
}
