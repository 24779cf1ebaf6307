package dsl_test

import "github.com/gradc/gradc/dsl"

func wrongRecipe() *dsl.Model {
	r := recipe()
	r.Data, r.Batch, r.Epochs = "imagenet", -1, 0
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Linear(10), r)
	// want: New: Data is "imagenet", must be one of digits, mnist, cifar10, cifar100, folder and
	// npy
	// want: New: Batch is -1, must be from 1 to 1048576
	// want: New: Epochs is 0, must be from 1 to 1048576
}

func wrongNormalize() *dsl.Model {
	r := recipe()
	r.Normalize = dsl.Normalize{Mean: []float64{nan()}, Std: []float64{0, 1}}
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), r)
	// want: New: Normalize needs one number per channel, 3, in Mean and in Std; it has 1 and 2
	// want: New: a Mean of Normalize is NaN, must be a number
	// want: New: a Std of Normalize is 0, must be above 0
}

func wrongAugment() *dsl.Model {
	r := recipe()
	r.Augment = []dsl.Augmentation{
		dsl.RandomCrop(8),
		// want: RandomCrop: padding is 8, but images have only 8 pixels
		{},
		dsl.HorizontalFlip(),
		dsl.RandomCrop(0),
		// want: RandomCrop: padding is 0, must be from 1 to 1048576
	}
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), r)
	// want: New: Augment[1] is empty
}

func wrongLoss() *dsl.Model {
	r := recipe()
	r.Loss = dsl.CrossEntropy(dsl.LabelSmoothing(1), dsl.Temperature(0), dsl.Name("loss"))
	// want: CrossEntropy: does not take Name; it takes LabelSmoothing and Temperature
	// want: CrossEntropy: label smoothing is 1, must be at least 0 and below 1
	// want: CrossEntropy: temperature is 0, must be above 0
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), r)
}

func notLogits() *dsl.Model {
	r := recipe()
	r.Loss = dsl.FocalLoss(2, 0.25)
	// want: FocalLoss: the layers yield 10 channels of 1x1, but it needs one number per class, of
	// at least 2 classes
	layers := dsl.Sequential(dsl.Conv2D(10, 3), dsl.GlobalAvgPool())
	return dsl.New("test", dsl.Image(3, 8, 8), layers, r)
}

func probabilities() *dsl.Model {
	r := recipe()
	layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(10),
		dsl.Softmax())
	// want: Softmax "softmax1": CrossEntropy takes logits and has a softmax of its own; leave this
	// one out
	return dsl.New("test", dsl.Image(3, 8, 8), layers, r)
}

func laterProbabilities() *dsl.Model {
	r := recipe()
	r.Loss = dsl.FocalLoss(2, 0.25)
	layers := dsl.Sequential(dsl.Softmax(), dsl.Conv2D(10, 3),
		dsl.Softmax(dsl.Name("classes")),
		// want: Softmax "classes": FocalLoss takes logits and has a softmax of its own; leave this
		// one out
		dsl.GlobalMaxPool(), dsl.Dropout(0.5), dsl.Flatten())
	return dsl.New("test", dsl.Image(3, 8, 8), layers, r)
}

func oneClass() *dsl.Model {
	r := recipe()
	r.Loss = dsl.CrossEntropy()
	// want: CrossEntropy: the layers yield 1 feature, but it needs one number per class, of at
	// least 2 classes
	layers := dsl.Sequential(dsl.Flatten(), dsl.Linear(1))
	return dsl.New("test", dsl.Image(3, 8, 8), layers, r)
}

func wrongOptimizer() *dsl.Model {
	r := recipe()
	r.Optimizer = dsl.SGD(0, dsl.Momentum(1), dsl.WeightDecay(-1))
	// want: SGD: momentum is 1, must be at least 0 and below 1
	// want: SGD: weight decay is -1, must not be below 0
	// want: SGD: rate is 0, must be above 0
	r.Loss = dsl.FocalLoss(-1, 0)
	// want: FocalLoss: gamma is -1, must not be below 0
	// want: FocalLoss: alpha is 0, must be above 0
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), r)
}

func wrongSchedule() *dsl.Model {
	r := recipe()
	r.Schedule = dsl.Warmup(0,
		// want: Warmup: steps is 0, must be from 1 to 1048576
		// want: Warmup: cannot be followed by another Warmup
		dsl.Warmup(10,
			dsl.StepDecay(0, 2)))
	// want: StepDecay: steps is 0, must be from 1 to 1048576
	// want: StepDecay: gamma is 2, must be from 0 to 1
	return dsl.New("test", dsl.Image(3, 8, 8), dsl.Flatten(), r)
}
