package dsl_test

import (
	"fmt"

	"github.com/gradc/gradc/dsl"
)

// Mistakes are reported together, each with its line.
func ExampleModel_Graph() {
	model := small(
		dsl.Conv2D(0, 3),
		dsl.Dropout(1.5),
		dsl.Flatten(), dsl.Linear(2, dsl.Same()))
	_, err := model.Graph()
	fmt.Println(err)
	// Output:
	// report_test.go:12: Conv2D "conv1": channels is 0, must be from 1 to 1048576
	// report_test.go:13: Dropout "drop1": p is 1.5, must be at least 0 and below 1
	// report_test.go:14: Linear "fc1": does not take Same; it takes NoBias, Init and Name
}
