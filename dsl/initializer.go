package dsl

import "slices"

// Initializer is a rule for the first values of a weight.
type Initializer string

// The rules. Random values have mean 0 and a spread that depends on i and o, the inputs and outputs
// of one unit; of a convolution, these are channels times the kernel's pixels. Weights of Conv2D
// and Linear begin with HeNormal, which suits ReLU and its kin, and biases with zeros.
//
// Sources: He et al., "Delving deep into rectifiers" (2015), which PyTorch calls Kaiming; Glorot
// and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
const (
	HeNormal      Initializer = "he_normal"      // deviation √(2/i)
	HeUniform     Initializer = "he_uniform"     // between ±√(6/i)
	XavierNormal  Initializer = "xavier_normal"  // deviation √(2/(i+o))
	XavierUniform Initializer = "xavier_uniform" // between ±√(6/(i+o))
	Zeros         Initializer = "zeros"
	Ones          Initializer = "ones"
)

// oneOf wants an initialiser of the list.
func (c *call) oneOf(init Initializer, list ...Initializer) {
	c.want(slices.Contains(list, init), "does not take Init(%q)", init)
}

// anyInit wants an initialiser that exists.
func (c *call) anyInit(init Initializer) {
	c.oneOf(init, HeNormal, HeUniform, XavierNormal, XavierUniform, Zeros, Ones)
}
