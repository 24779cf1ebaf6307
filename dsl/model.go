package dsl

import "github.com/gradc/gradc/compiler/ir"

// Model is a network with its recipe, or what is wrong with them.
type Model struct {
	graph *ir.Graph
	err   error
}

// Input is the size of an image that a network takes.
type Input struct {
	call                    *call
	channels, height, width int
}

// Image is an input of so many channels (1 for grey images, 3 for colours), rows and columns.
func Image(channels, height, width int) Input {
	c := newCall("Image", "")
	c.size("channels", channels, 1)
	c.size("height", height, 1)
	c.size("width", width, 1)
	return Input{c, channels, height, width}
}

// New returns the model of the given name: small letters, digits and -, beginning with a letter.
// It applies the layers to a batch of images. They must yield one number per class, the logits.
func New(name string, image Input, layers Layer, recipe Recipe) *Model {
	c := newCall("New", "")
	if err := checkModelName(name); err != nil {
		c.want(false, "%v", err)
	}
	c.want(image.call != nil, "the input is missing, for example Image(1, 28, 28)")
	c.want(layers != nil, "the layers are nil")
	n := newNetwork(name, c.pos)
	n.Graph.Recipe = recipe.check(n, c, image)
	if layers != nil {
		n.build(c, image, layers, recipe)
	}
	n.reportFaults(c, "")
	n.closed = true
	return &Model{n.Graph, n.err()}
}

// Graph returns the network as a graph with the outputs logits, losses and loss, or an error with
// one line per mistake, in the order of the source: net.go:23: Conv2D "conv2": …
func (m *Model) Graph() (*ir.Graph, error) {
	if m.err != nil {
		return nil, m.err
	}
	return m.graph.Clone(), nil
}

// build applies the layers and the loss.
func (n *network) build(c *call, image Input, layers Layer, recipe Recipe) {
	images, labels := n.inputs(c, image, recipe.Batch)
	y := layers(Tensor{n, images})
	switch {
	case y.net != n:
		c.want(false, "the layers yield a tensor that does not come from their input")
	case y.value == nil || recipe.Loss.call == nil || len(recipe.Loss.call.faults) > 0:
		return // reported where it happened
	default:
		recipe.Loss.append(n, y.value, labels)
	}
	if len(n.mistakes) > 0 || len(c.faults) > 0 {
		return
	}
	n.reportUnused(y.value)
	c.want(len(n.Graph.Sources("param")) > 0, "the layers have no parameters to train")
}

// inputs appends a batch of images and its labels, or returns nil if their sizes are wrong.
func (n *network) inputs(c *call, image Input, batch int) (images, labels *ir.Value) {
	if image.call == nil || !n.reportFaults(image.call, "") || batch < 1 || batch > maxSize {
		return nil, nil
	}
	shape := ir.Shape{batch, image.channels, image.height, image.width}
	if tooLarge(shape) {
		c.want(false, "a batch of images has the shape %s, more than 2147483647 elements", shape)
		return nil, nil
	}
	u := &use{network: n, call: image.call, site: &site{}}
	n.Origin = ir.Origin{Pos: image.call.pos.String()}
	images = u.add("images", "input", ir.Attrs{"shape": []int(shape)}, nil)
	labels = u.add("labels", "labels", ir.Attrs{"shape": []int{batch}}, nil)
	return images, labels
}
