package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"
)

//go:embed init.go.tmpl
var initText string

var validName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// reservedNames have a meaning to the go command, as folders or as names of packages.
var reservedNames = []string{"internal", "main", "testdata", "vendor"}

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init NAME",
		Short: "Write a small network to start from into the folder NAME",
		Long: `Init writes NAME/net.go, a small convolutional network for the built-in digits, to be
changed to taste. It belongs into a Go module that requires ` + modulePath + `:

  go mod init example.com/me
  go get -tool ` + modulePath + `/cmd/gradc
  go tool gradc init mynet
  go tool gradc run ./mynet`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := initNetwork(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(),
				"wrote %s\ntrain it with: gradc run ./%s\n", file, args[0])
			return err
		},
	}
}

// initNetwork writes the starting point and returns the file's path.
func initNetwork(name string) (string, error) {
	if !validName.MatchString(name) {
		return "", fmt.Errorf("%q does not name a network: "+
			"use lower-case letters, digits and -, a letter first", name)
	}
	pkg := strings.ReplaceAll(name, "-", "")
	if token.IsKeyword(pkg) || slices.Contains(reservedNames, pkg) ||
		module.CheckImportPath(name) != nil || module.CheckImportPath(pkg) != nil {
		return "", fmt.Errorf("%q means something to Go or to Windows: use another name", name)
	}
	if out, err := exec.Command("go", "env", "GOMOD").Output(); err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	} else if mod := strings.TrimSpace(string(out)); mod == "" || mod == os.DevNull {
		return "", errors.New("this folder is in no Go module: run go mod init example.com/me first")
	}
	if err := os.MkdirAll(name, 0o777); err != nil {
		return "", err
	}
	path := filepath.Join(name, "net.go")
	var text bytes.Buffer
	t := template.Must(template.New("net.go").Parse(initText))
	err := t.Execute(&text, map[string]string{
		"Package": pkg, "Name": name, "DSL": dslPath})
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s exists already: choose another name or remove it", path)
	}
	if err != nil {
		return "", err
	}
	if _, err := text.WriteTo(f); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}
