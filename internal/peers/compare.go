package main

import "fmt"

// comparison is a trainer beside PyTorch in its best setting.
type comparison struct {
	Net     string      `json:"net"`
	Threads int         `json:"threads"`
	Ours    measurement `json:"gradc"`
	Peer    measurement `json:"pytorch"`
	Setting string      `json:"setting"`
	Speed   float64     `json:"speed_ratio"`      // ours over PyTorch's
	Memory  float64     `json:"memory_ratio"`     // likewise
	Planned float64     `json:"memory_over_plan"` // the process over its plan
	Tried   []trial     `json:"pytorch_tried"`    // once each
	Rounds  int         `json:"rounds"`           // of which all else is the median
}

// compare tries PyTorch's settings, then runs the trainer and the best of them in turn.
func (o *options) compare(net, trainer string) (result, error) {
	c := &comparison{Net: net, Threads: o.threads, Rounds: o.rounds}
	ours := o.ours("gradc", trainer, o.threads)
	var err error
	if c.Tried, err = o.try(ours, o.settings(net)); err != nil {
		return nil, err
	}
	peers, err := worthy(c.Tried)
	if err != nil {
		return nil, err
	}
	list, err := interleave(o.log, o.rounds, append([]command{ours}, peers...))
	if err != nil {
		return nil, err
	}
	c.Ours = list[0]
	for i, m := range list[1:] {
		if m.Speed > c.Peer.Speed {
			c.Peer, c.Setting = m, peers[i].name
		}
	}
	if c.Ours.Batch != c.Peer.Batch {
		return nil, fmt.Errorf("batches of %d and of %d images", c.Ours.Batch, c.Peer.Batch)
	}
	c.Speed = c.Ours.Speed / c.Peer.Speed
	c.Memory = float64(c.Ours.Peak) / float64(c.Peer.Peak)
	c.Planned = float64(c.Ours.Peak) / float64(c.Ours.Plan)
	return c, nil
}

func comparisonHead() []string {
	return []string{"network", "images/s", "PyTorch", "ratio", "its setting", "MiB", "planned",
		"MiB/planned", "PyTorch's MiB", "MiB/PyTorch's"}
}

func (c *comparison) row() []string {
	return []string{c.Net, fmt.Sprintf("%.0f", c.Ours.Speed), fmt.Sprintf("%.0f", c.Peer.Speed),
		fmt.Sprintf("%.2f", c.Speed), c.Setting, fmt.Sprintf("%.0f", mebibytes(c.Ours.Peak)),
		fmt.Sprintf("%.0f", mebibytes(c.Ours.Plan)), fmt.Sprintf("%.2f", c.Planned),
		fmt.Sprintf("%.0f", mebibytes(c.Peer.Peak)), fmt.Sprintf("%.2f", c.Memory)}
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
