package trainer

import (
	"fmt"
	"strings"
)

// Digests tell a network and its recipe from others, whatever they are called. A checkpoint holds
// those of the trainer that wrote it.
type Digests struct {
	// Inference and Training are SHA-256 of what the network computes from images to logits, in
	// evaluation and in training.
	Inference string `json:"inference"`
	Training  string `json:"training"`

	// The others say it in words: "mean=[0.13] std=[0.23]"; empty where there is nothing.
	Normalize string `json:"normalize"`
	Augment   string `json:"augment"`
	Loss      string `json:"loss"`
	Optimizer string `json:"optimizer"`
	Schedule  string `json:"schedule"`
}

// evaluation lists how a network of other digests evaluates otherwise. Files of other programs have
// no digests, and nothing to compare.
func (d *Digests) evaluation(now *Digests) []string {
	if d.Inference == "" || now.Inference == "" {
		return nil
	}
	var list []string
	if d.Inference != now.Inference {
		list = append(list, "the inference graph was another")
	}
	return differ(list, "the normalisation", d.Normalize, now.Normalize)
}

// training lists how a network of other digests evaluates or trains otherwise.
func (d *Digests) training(now *Digests) []string {
	if d.Inference == "" || now.Inference == "" {
		return nil
	}
	list := d.evaluation(now)
	if d.Inference == now.Inference && d.Training != now.Training {
		list = append(list, "the training graph was another")
	}
	list = differ(list, "the augmentation", d.Augment, now.Augment)
	list = differ(list, "the loss", d.Loss, now.Loss)
	list = differ(list, "the optimizer", d.Optimizer, now.Optimizer)
	return differ(list, "the schedule", d.Schedule, now.Schedule)
}

// differ adds to a list what was once and is now, if these are two.
func differ(list []string, what, was, is string) []string {
	if was == is {
		return list
	}
	if was == "" {
		was = "none"
	}
	if is == "" {
		is = "none"
	}
	return append(list, fmt.Sprintf("%s was %s, is %s", what, was, is))
}

// classesDiffer lists how the names of classes have changed, of which there are count now. Where
// there are no names, there is nothing to compare.
func classesDiffer(was, are []string, count int) []string {
	switch {
	case len(was) == 0:
		return nil
	case len(was) != count:
		return []string{fmt.Sprintf("there were %d classes, are %d", len(was), count)}
	case len(are) == 0:
		return nil
	}
	var changes []string
	for i := range was {
		if was[i] != are[i] {
			changes = append(changes, fmt.Sprintf("class %d was %q, is %q", i, was[i], are[i]))
		}
	}
	if len(changes) > maxChanges {
		more := fmt.Sprintf("%d more classes changed", len(changes)-maxChanges)
		changes = append(changes[:maxChanges], more)
	}
	return changes
}

// maxChanges is how many classes a message names.
const maxChanges = 3

// otherwise is the error of a checkpoint that differs from what is to go on with it; nil if the
// list is empty or the user insists.
func otherwise(path string, differences []string, force bool) error {
	if len(differences) == 0 || force {
		return nil
	}
	return fmt.Errorf("%s: the weights are of something else: %s; -force goes on all the same", path,
		strings.Join(differences, "; "))
}
