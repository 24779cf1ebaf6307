// Package cli is what the commands of gradc and of the emitted trainers have in common.
package cli

import "regexp"

// singleDash matches a flag of more than one letter behind a single dash: -data, -lr=0.1.
var singleDash = regexp.MustCompile(`^-[a-z][a-z-]+(=|$)`)

// DoubleDashes spells flags the way the flag parser wants them: -data becomes --data. Short flags
// (-h), numbers (-1) and all that follows a -- stay as they are.
func DoubleDashes(args []string) []string {
	out := make([]string, len(args))
	copy(out, args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		if singleDash.MatchString(arg) {
			out[i] = "-" + arg
		}
	}
	return out
}
