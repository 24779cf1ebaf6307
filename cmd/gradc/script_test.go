package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	_ "github.com/gradc/gradc/dsl"             // scripts compile it, and go test shall know:
	_ "github.com/gradc/gradc/runtime/trainer" // a result of this package depends on these
)

// TestMain makes the test binary gradc itself where a test calls it by that name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gradc": main})
}

// TestScripts runs testdata/script. Each script begins in the root of a user's module that
// requires this one.
func TestScripts(t *testing.T) {
	env := moduleEnv(t)
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		WorkdirRoot:        t.TempDir(), // which goes when all scripts are done
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			e.Setenv("HOME", filepath.Join(e.WorkDir, ".home"))
			e.Setenv("GRADC_CACHE", filepath.Join(e.WorkDir, ".cache"))
			gradc, err := exec.LookPath("gradc")
			if err != nil {
				return err
			}
			e.Setenv("GRADC_BIN", filepath.Dir(gradc))
			return writeModule(e.WorkDir)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status, "fails": fails, "tidy": tidy,
			"tree": tree, "age": age, "changed": changed, "publish": publish, "crlf": crlf,
		},
	})
}

// moduleEnv is the environment of the go command in a user's module: the caches of this machine,
// and no network.
func moduleEnv(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE", "CGO_ENABLED").Output()
	if err != nil {
		t.Fatal(err)
	}
	var vars map[string]string
	if err := json.Unmarshal(out, &vars); err != nil {
		t.Fatal(err)
	}
	// Without debug information, which nobody reads here, programs are linked sooner.
	env := []string{"GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=-ldflags=-w", "REPO=" + repository(t)}
	for name, value := range vars {
		env = append(env, name+"="+value)
	}
	download := filepath.ToSlash(filepath.Join(vars["GOMODCACHE"], "cache", "download"))
	env = append(env, "DOWNLOADED=file:///"+strings.TrimPrefix(download, "/"))
	return env
}

func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeModule makes dir a user's module, which requires this one as it stands on the disk and
// everything in the versions that this one requires, so that nothing has to be downloaded.
func writeModule(dir string) error {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		return err
	}
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		return err
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	err = f.AddModuleStmt("example.com/me")
	for _, t := range slices.Clone(f.Tool) {
		err = errors.Join(err, f.DropTool(t.Path))
	}
	err = errors.Join(err, f.AddTool(modulePath+"/cmd/gradc"),
		f.AddRequire(modulePath, "v0.0.0"), f.AddReplace(modulePath, "", repo, ""))
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "go.mod"), modfile.Format(f.Syntax), 0o666),
		os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o666))
}

// status is the script's command "status N COMMAND...": the command ends with exit status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// fails is the script's command "fails ARGS...": gradc with these arguments ends with exit status
// 2, one line on standard error, and nothing on standard output.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	status(ts, neg, append([]string{"2", "gradc"}, args...))
	line := ts.ReadFile("stderr")
	if !strings.HasPrefix(line, "gradc: ") || strings.Count(line, "\n") != 1 ||
		!strings.HasSuffix(line, "\n") {
		ts.Fatalf("standard error is not one line that begins with gradc: %q", line)
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("there is standard output: %q", out)
	}
}

// tidy is the script's command "tidy": no command has left a temporary file behind.
func tidy(ts *testscript.TestScript, _ bool, _ []string) {
	for _, path := range files(ts, ts.Getenv("TMPDIR")) {
		ts.Fatalf("%s is left behind in the folder of temporary files", path)
	}
}

// tree is the script's command "tree FOLDER": it lists all files on standard output.
func tree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tree FOLDER")
	}
	for _, path := range files(ts, ts.MkAbs(args[0])) {
		fmt.Fprintln(ts.Stdout(), path)
	}
}

// publish is the script's command "publish FOLDER": it makes the folder a proxy for the go command
// that has this module as v0.1.0, and stubs of those modules that this machine does not need and
// has not downloaded.
func publish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: publish FOLDER")
	}
	repo, proxy := ts.Getenv("REPO"), ts.MkAbs(args[0])
	text, err := os.ReadFile(filepath.Join(repo, "go.mod"))
	ts.Check(err)
	ours := module.Version{Path: modulePath, Version: "v0.1.0"}
	ts.Check(publishModule(proxy, ours, text, repo))
	mod, err := modfile.Parse("go.mod", text, nil)
	ts.Check(err)
	for _, require := range mod.Require {
		path, err := module.EscapePath(require.Mod.Path)
		ts.Check(err)
		archive := filepath.Join(ts.Getenv("GOMODCACHE"), "cache", "download", path, "@v",
			require.Mod.Version+".zip")
		if _, err := os.Stat(archive); err == nil {
			continue
		}
		stub := filepath.Join(ts.Getenv("WORK"), ".stub")
		ts.Check(os.MkdirAll(stub, 0o777))
		ts.Check(os.WriteFile(filepath.Join(stub, "stub.go"), []byte("package stub\n"), 0o666))
		text := []byte("module " + require.Mod.Path + "\n\ngo 1.26\n")
		ts.Check(publishModule(proxy, require.Mod, text, stub))
	}
}

// publishModule writes a module whose source lies in a folder into a proxy.
func publishModule(proxy string, m module.Version, mod []byte, source string) error {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	folder := filepath.Join(proxy, path, "@v")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := zip.CreateFromDir(&archive, m, source); err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"list": []byte(m.Version), m.Version + ".info": []byte(`{"Version":"` + m.Version + `"}`),
		m.Version + ".mod": mod, m.Version + ".zip": archive.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// crlf is the script's command "crlf FOLDER": it gives all lines of its files the ends that a
// checkout on Windows has.
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crlf FOLDER")
	}
	for _, path := range files(ts, ts.MkAbs(args[0])) {
		path = filepath.Join(ts.MkAbs(args[0]), path)
		text, err := os.ReadFile(path)
		ts.Check(err)
		ts.Check(os.WriteFile(path, bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), 0o666))
	}
}

// longAgo is what age makes of times.
var longAgo = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

// age is the script's command "age FOLDER": it makes all files old.
func age(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: age FOLDER")
	}
	for _, path := range files(ts, ts.MkAbs(args[0])) {
		ts.Check(os.Chtimes(filepath.Join(ts.MkAbs(args[0]), path), longAgo, longAgo))
	}
}

// changed is the script's command "changed FOLDER NAMES...": these files were written since age,
// and no others.
func changed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: changed FOLDER [NAMES...]")
	}
	var got []string
	for _, path := range files(ts, ts.MkAbs(args[0])) {
		info, err := os.Stat(filepath.Join(ts.MkAbs(args[0]), path))
		ts.Check(err)
		if !info.ModTime().Equal(longAgo) {
			got = append(got, path)
		}
	}
	want := slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(got, want) {
		ts.Fatalf("written: %q, want %q", got, want)
	}
}

// files lists the files below a folder, sorted, and folders that hold nothing.
func files(ts *testscript.TestScript, folder string) []string {
	var list []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if !d.IsDir() {
			list = append(list, filepath.ToSlash(name))
		} else if entries, err := os.ReadDir(path); err == nil && len(entries) == 0 && name != "." {
			list = append(list, filepath.ToSlash(name)+"/")
		}
		return nil
	})
	ts.Check(err)
	return list
}
