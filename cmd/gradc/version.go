package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print gradc's version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version := development
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				version = info.Main.Version
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "gradc %s %s %s/%s\n",
				version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

const development = "(devel)"

// release is the version that gradc was released as, for manifests: (devel) if it was built from
// a folder. The version that go build takes from a checkout changes with every commit, and
// manifests would with it.
func release() string {
	info, ok := debug.ReadBuildInfo()
	isCommit := func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" }
	if !ok || info.Main.Version == "" || info.Main.Replace != nil ||
		slices.ContainsFunc(info.Settings, isCommit) {
		return development
	}
	return info.Main.Version
}
