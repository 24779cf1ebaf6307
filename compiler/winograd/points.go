package winograd

import (
	_ "embed"
	"strings"
)

// The points at which polynomials are multiplied are 0, ±Point1, ±Point2 and ∞. These two keep the
// rounding errors of float32 at less than half of those of the usual 1 and 2, and are short in
// binary, so that most elements of the matrices are exact. Each weight is 1/Π(point - other finite
// point).
const (
	Point1, Point1Square, Point1Cube = 0.625, Point1 * Point1, Point1 * Point1 * Point1
	Point2, Point2Square, Point2Cube = 1.5, Point2 * Point2, Point2 * Point2 * Point2

	Weight0 = 1 / (Point1Square * Point2Square)
	Weight1 = 1 / (2 * Point1Square * (Point1Square - Point2Square))
	Weight2 = 1 / (2 * Point2Square * (Point2Square - Point1Square))
)

//go:embed points.go
var points string

// Constants returns the declaration of the points and weights, with names that are not exported.
func Constants() string {
	_, text, _ := strings.Cut(points, "\nconst (")
	text, _, _ = strings.Cut(text, "\n)")
	names := strings.NewReplacer("Point", "point", "Weight", "weight")
	return "const (" + names.Replace(text) + "\n)"
}
