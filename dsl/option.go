package dsl

import (
	"slices"
	"strings"
)

// Option changes a default of a layer, a loss or an optimizer. Each of these lists the options
// that it takes; others are reported as mistakes.
type Option struct {
	name string
	set  func(*settings)
}

// settings are what options set. A func that takes options fills in its defaults first.
type settings struct {
	name                      *string
	width                     int // of the kernel; 0 means as high as wide
	stride, padding, dilation []int
	same, noBias, plain       bool
	init                      Initializer
	momentum, eps             float64
	beta1, beta2, weightDecay float64
	nesterov                  bool
	labelSmoothing            float64
	temperature               float64
}

// settings applies options to defaults. Those that are not allowed are faults.
func (c *call) settings(defaults settings, options []Option, allowed ...string) settings {
	s := defaults
	for _, o := range options {
		switch {
		case slices.Contains(allowed, o.name):
			o.set(&s)
		case o.set == nil:
			c.want(false, "an option is empty")
		default:
			c.want(false, "does not take %s; it takes %s", o.name, enumerate(allowed))
		}
	}
	c.name = s.name
	return s
}

// enumerate returns a, b and c.
func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Name names a layer: letters, digits, _ and -, beginning with a letter. Every layer takes it.
// Without it, layers are numbered by kind: conv1, conv2, …
func Name(name string) Option {
	return Option{"Name", func(s *settings) { s.name = &name }}
}

// Stride moves the window by so many pixels from one output to the next: one number, or height
// and width. Without it, Conv2D moves by 1 and pooling by the size of its window.
func Stride(size ...int) Option {
	return Option{"Stride", func(s *settings) { s.stride = append([]int{}, size...) }}
}

// Padding puts so many rows and columns of zeros around the input on every side: one number, or
// height and width. Pooling pads with what cannot win: -∞ for a maximum.
func Padding(size ...int) Option {
	return Option{"Padding", func(s *settings) { s.padding = append([]int{}, size...) }}
}

// Same pads so that the output is as large as the input, or 1/stride of it: by
// dilation·(kernel-1)/2, which must be a whole number.
func Same() Option {
	return Option{"Same", func(s *settings) { s.same = true }}
}

// Dilation is the distance between the pixels that neighbours in the kernel of a Conv2D look at:
// one number, or height and width. Without it, 1.
//
// Source: Yu and Koltun, "Multi-scale context aggregation by dilated convolutions" (2016).
func Dilation(size ...int) Option {
	return Option{"Dilation", func(s *settings) { s.dilation = append([]int{}, size...) }}
}

// KernelWidth makes a kernel that is not square: Conv2D(64, 1, KernelWidth(7)) is 1 high and 7
// wide.
func KernelWidth(width int) Option {
	return Option{"KernelWidth", func(s *settings) { s.width = width }}
}

// NoBias leaves the bias out, of a Conv2D before a BatchNorm for example, which would undo it.
func NoBias() Option {
	return Option{"NoBias", func(s *settings) { s.noBias = true }}
}

// Init says how the weight begins.
func Init(with Initializer) Option {
	return Option{"Init", func(s *settings) { s.init = with }}
}

// Affine says whether a BatchNorm scales and shifts what it has normalised, as it does by default.
func Affine(on bool) Option {
	return Option{"Affine", func(s *settings) { s.plain = !on }}
}

// Momentum is, for BatchNorm, the part of a batch in the running statistics:
//
//	running = (1-momentum)·running + momentum·batch
//
// and for SGD the part of the last step in the next one.
func Momentum(momentum float64) Option {
	return Option{"Momentum", func(s *settings) { s.momentum = momentum }}
}

// Eps is the number that keeps a BatchNorm, Adam or AdamW from dividing by zero.
func Eps(eps float64) Option {
	return Option{"Eps", func(s *settings) { s.eps = eps }}
}

// LabelSmoothing gives the part smoothing of the probability to all classes alike.
//
// Source: Szegedy et al., "Rethinking the Inception architecture" (2015).
func LabelSmoothing(smoothing float64) Option {
	return Option{"LabelSmoothing", func(s *settings) { s.labelSmoothing = smoothing }}
}

// Temperature divides the logits before the softmax of the loss.
func Temperature(temperature float64) Option {
	return Option{"Temperature", func(s *settings) { s.temperature = temperature }}
}

// Nesterov makes SGD look ahead: the gradient counts as if the momentum's step were already done.
// It needs a Momentum.
func Nesterov() Option {
	return Option{"Nesterov", func(s *settings) { s.nesterov = true }}
}

// WeightDecay pulls parameters towards zero: SGD adds decay·w to the gradient, AdamW subtracts
// rate·decay·w from w.
func WeightDecay(decay float64) Option {
	return Option{"WeightDecay", func(s *settings) { s.weightDecay = decay }}
}

// Betas are the parts of the old averages that Adam and AdamW keep in each step: of the gradient,
// and of its square. By default 0.9 and 0.999.
func Betas(gradient, square float64) Option {
	return Option{"Betas", func(s *settings) { s.beta1, s.beta2 = gradient, square }}
}
