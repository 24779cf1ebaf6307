// Genpeak writes the assembly by which package cpu measures a processor's peak, into the present
// folder.
package main

import (
	"log"
	"os"

	"github.com/gradc/gradc/codegen/goasm"
)

func main() {
	files, err := goasm.PeakFiles("cpu")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
