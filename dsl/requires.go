//go:build gradc_requires

package dsl

// Emitted trainers import these packages. Nothing is built under this tag, but go get, go mod tidy
// and go mod vendor look at all tags: a module that requires dsl has what the trainers need before
// there are any.
import (
	_ "github.com/gradc/gradc/runtime/augment"
	_ "github.com/gradc/gradc/runtime/cpu"
	_ "github.com/gradc/gradc/runtime/f32"
	_ "github.com/gradc/gradc/runtime/gradcheck"
	_ "github.com/gradc/gradc/runtime/initial"
	_ "github.com/gradc/gradc/runtime/optim"
	_ "github.com/gradc/gradc/runtime/parallel"
	_ "github.com/gradc/gradc/runtime/philox"
	_ "github.com/gradc/gradc/runtime/schedule"
	_ "github.com/gradc/gradc/runtime/trainer"
)
