package main

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const (
	modulePath = "github.com/gradc/gradc"
	dslPath    = modulePath + "/dsl"
)

// source is a package of the user that describes networks.
type source struct {
	path      string   // import path
	dir       string   // absolute
	module    string   // path of the module it belongs to
	moduleDir string   // absolute
	funcs     []string // exported funcs that return *dsl.Model, in order of their names
}

// load finds the packages that match patterns and describe at least one network. A package named
// outright must describe one; a pattern with ... passes over those that do not.
func load(ctx context.Context, patterns []string) ([]source, error) {
	config := &packages.Config{Context: ctx, Mode: packages.NeedName | packages.NeedFiles |
		packages.NeedImports | packages.NeedTypes | packages.NeedModule,
		Env: append(os.Environ(), here().env()...), BuildFlags: []string{"-buildvcs=false"}}
	found, err := packages.Load(config, patterns...)
	if err != nil {
		if _, missing := checkGo(); missing != nil {
			return nil, missing
		}
		return nil, fmt.Errorf("loading %s: %s", strings.Join(patterns, " "), withRemedy(err.Error()))
	}
	if len(found) == 0 {
		return nil, nothingFound(ctx, patterns)
	}
	wide := slices.ContainsFunc(patterns, func(p string) bool { return strings.Contains(p, "...") })
	var sources []source
	for _, p := range found {
		if wide && !concerns(p) {
			continue
		}
		s, err := inspect(p)
		switch {
		case err != nil:
			return nil, err
		case len(s.funcs) > 0:
			sources = append(sources, s)
		case !wide:
			return nil, fmt.Errorf("%s: no exported func returns *dsl.Model; "+
				"write one such as func Net() *dsl.Model", p.PkgPath)
		}
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("no package of %s describes a network: "+
			"no exported func returns *dsl.Model", strings.Join(patterns, " "))
	}
	return sources, nil
}

// nothingFound says why no package was found: what the go command says of the patterns, if anything.
func nothingFound(ctx context.Context, patterns []string) error {
	command := exec.CommandContext(ctx, "go", append([]string{"list", "--"}, patterns...)...)
	text, err := command.CombinedOutput()
	if said := strings.TrimPrefix(strings.TrimSpace(string(text)), "go: "); err != nil && said != "" {
		message := withRemedy(said)
		if message == said {
			message += "; gradc doctor tells more"
		}
		return fmt.Errorf("loading %s: %s", strings.Join(patterns, " "), message)
	}
	return fmt.Errorf("there is no package %s in this folder's module; gradc doctor tells more",
		strings.Join(patterns, " "))
}

// concerns reports whether a package may describe networks: it imports dsl, or its imports cannot
// be read. Others may be broken, such as trainers that are to be generated again.
func concerns(p *packages.Package) bool {
	return p.Imports[dslPath] != nil || len(p.Imports) == 0 && len(p.Errors) > 0
}

// inspect lists the networks of one package.
func inspect(p *packages.Package) (source, error) {
	if len(p.Errors) > 0 {
		if _, missing := checkModule(); missing != nil && p.Imports[dslPath] != nil {
			return source{}, fmt.Errorf("%s: %w", p.PkgPath, missing)
		}
		return source{}, compileError(p.Errors)
	}
	if p.Module == nil || p.Module.Dir == "" {
		return source{}, fmt.Errorf("%s is in no module: run go mod init there", p.PkgPath)
	}
	s := source{path: p.PkgPath, dir: p.Dir, module: p.Module.Path, moduleDir: p.Module.Dir}
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		f, ok := scope.Lookup(name).(*types.Func)
		if ok && f.Exported() && returnsModel(f.Signature()) {
			s.funcs = append(s.funcs, name)
		}
	}
	if p.Name == "main" && len(s.funcs) > 0 {
		return source{}, fmt.Errorf("%s: package main cannot be imported; "+
			"give the package that describes a network another name", p.PkgPath)
	}
	return s, nil
}

// compileError keeps the first message about a package that does not compile and counts the
// others. The first error is all that the compiler says; the errors behind it say it again.
func compileError(list []packages.Error) error {
	messages := goMessages(list[0].Msg)
	if list[0].Pos != "" && list[0].Pos != "-" {
		messages = goMessages(list[0].Error())
	}
	if len(messages) == 0 {
		return list[0]
	}
	first := messages[0]
	if file, rest, ok := strings.Cut(first, ":"); ok && filepath.IsAbs(file) {
		first = relative(file) + ":" + rest
	}
	if more := len(messages) - 1; more > 0 {
		first += fmt.Sprintf(" (and %d more: see go vet)", more)
	}
	return errors.New(withRemedy(first))
}

func returnsModel(sig *types.Signature) bool {
	if sig.Params().Len() != 0 || sig.Results().Len() != 1 || sig.TypeParams().Len() != 0 {
		return false
	}
	pointer, ok := types.Unalias(sig.Results().At(0).Type()).(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := types.Unalias(pointer.Elem()).(*types.Named)
	return ok && named.Obj().Name() == "Model" && named.Obj().Pkg() != nil &&
		named.Obj().Pkg().Path() == dslPath
}
