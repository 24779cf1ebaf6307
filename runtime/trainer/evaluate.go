package trainer

import (
	"context"
	"fmt"

	"github.com/gradc/gradc/runtime/data"
	"github.com/gradc/gradc/runtime/report"
)

// evaluation is how well a network does on a set of images.
type evaluation struct {
	accuracy float64 // 0 to 1
	loss     float64 // mean
	images   int
}

// evaluate runs the network over a set, batch by batch. Of the padding of the last batch nothing
// counts.
func evaluate(ctx context.Context, n Network, loader *data.Loader, bar *report.Bar) (
	evaluation, error) {
	if err := loader.Start(0, 0); err != nil {
		return evaluation{}, err
	}
	var result evaluation
	correct, sum := 0, 0.0
	for batch := loader.Next(); batch != nil; batch = loader.Next() {
		if ctx.Err() != nil {
			return evaluation{}, interruption{"interrupted while evaluating"}
		}
		n.Infer(batch.Images, batch.Labels)
		correct += countCorrect(n.Logits(), batch.Labels[:batch.N], n.Spec().Classes)
		for _, loss := range n.Losses()[:batch.N] {
			sum += float64(loss)
		}
		result.images += batch.N
		bar.Add()
	}
	result.accuracy = float64(correct) / float64(result.images)
	result.loss = sum / float64(result.images)
	if !finite(result.loss) {
		return evaluation{}, fmt.Errorf("the mean loss over %d images is %v; "+
			"the weights are of a training that diverged", result.images, result.loss)
	}
	return result, nil
}
