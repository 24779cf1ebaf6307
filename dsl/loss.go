package dsl

import (
	"slices"

	"github.com/gradc/gradc/compiler/ir"
	"github.com/gradc/gradc/compiler/op"
)

// Loss is what training makes small: a number per image, of which the mean over the batch counts.
// It takes the logits, one number per class.
type Loss struct {
	call  *call
	op    string
	attrs ir.Attrs
}

// CrossEntropy is -log softmax(logits/temperature)[label]. With [LabelSmoothing] s, the label has
// the weight 1-s and all classes of n share s. Options: [LabelSmoothing] and [Temperature].
func CrossEntropy(options ...Option) Loss {
	c := newCall("CrossEntropy", "")
	s := c.settings(settings{temperature: 1}, options, "LabelSmoothing", "Temperature")
	c.belowOne("label smoothing", s.labelSmoothing)
	c.positive("temperature", s.temperature)
	return Loss{c, "cross_entropy",
		ir.Attrs{"label_smoothing": s.labelSmoothing, "temperature": s.temperature}}
}

// FocalLoss is -alpha·(1-p)^gamma·log p with p = softmax(logits)[label]: images that are already
// right count less, the more so the larger gamma is. With gamma 0 and alpha 1 it is CrossEntropy;
// usual are 2 and 0.25.
//
// Source: Lin et al., "Focal loss for dense object detection" (2017).
func FocalLoss(gamma, alpha float64) Loss {
	c := newCall("FocalLoss", "")
	c.notNegative("gamma", gamma)
	c.positive("alpha", alpha)
	return Loss{c, "focal_loss", ir.Attrs{"gamma": gamma, "alpha": alpha}}
}

// append adds the loss of logits to the network: losses per image, and loss, their mean.
func (l Loss) append(n *network, logits, labels *ir.Value) {
	u := &use{network: n, call: l.call, site: &site{}}
	u.Origin = ir.Origin{Layer: "loss", Pos: l.call.pos.String()}
	shape := logits.Type.Shape
	if len(shape) != 2 || shape[1] < 2 {
		u.fail("the layers yield %s, but it needs one number per class, of at least 2 classes",
			describe(shape))
		return
	}
	if softmax := n.finalSoftmax(logits); softmax != nil {
		softmax.fail("%s takes logits and has a softmax of its own; leave this one out",
			l.call.kind)
		return
	}
	losses := u.add("losses", l.op, l.attrs, []*ir.Value{logits, labels})
	if u.failed {
		return
	}
	loss := op.BatchMean(n.Builder, "loss", losses)
	n.Graph.Outputs = []ir.Output{{Name: "logits", Value: logits},
		{Name: "losses", Value: losses}, {Name: "loss", Value: loss}}
}

// finalSoftmax returns the use of Softmax whose probabilities are what a network yields, as they
// are or after layers that keep them probabilities of the same classes; nil if there is none.
func (n *network) finalSoftmax(y *ir.Value) *use {
	keep := []string{"flatten", "dropout", "global_avg_pool", "global_max_pool"}
	for slices.Contains(keep, y.Op.Name) {
		y = y.Args[0]
	}
	at := slices.IndexFunc(n.results, func(r result) bool { return r.value == y })
	if at < 0 || y.Op.Name != "softmax" {
		return nil
	}
	return n.results[at].use
}
