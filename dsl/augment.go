package dsl

import "github.com/gradc/gradc/compiler/ir"

// Augmentation changes training images at random, so that a network does not learn them by heart.
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
