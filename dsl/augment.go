package dsl

import "github.com/gradc/gradc/compiler/ir"

// Augmentation changes training images at random, so that a network does not learn them by heart.
// Those of a [Recipe] are applied in its order, which may name one of them several times.
//
// Each draws its random numbers from a stream of its own, keyed by the training's seed, the epoch,
// the number of the image in the data set, the kind of the augmentation, and how many of that kind
// the recipe names before it. What one draws stays the same when others are added, removed or moved
// around it, as long as there are as many of its own kind before it.
type Augmentation struct {
	call   *call
	choice ir.Choice
}

// RandomCrop shifts an image by up to padding pixels either way; zeros come in at the border.
func RandomCrop(padding int) Augmentation {
	c := newCall("RandomCrop", "")
	c.size("padding", padding, 1)
	return Augmentation{c, ir.Choice{Name: "random_crop",
		Args: []ir.Arg{arg("padding", float64(padding))}}}
}

// HorizontalFlip mirrors every second image, left to right.
func HorizontalFlip() Augmentation {
	return Augmentation{newCall("HorizontalFlip", ""), ir.Choice{Name: "horizontal_flip"}}
}
