package schedule

import (
	"math"
	"testing"
)

func TestRate(t *testing.T) {
	half := (1 + math.Cos(math.Pi/4)) / 2
	for _, c := range []struct {
		name        string
		schedule    Schedule
		step, total int64
		want        float64
	}{
		{"constant", Constant{}, 5, 10, 1},
		{"step, first", Step{Every: 10, Gamma: 0.1}, 9, 100, 1},
		{"step, second", Step{Every: 10, Gamma: 0.1}, 10, 100, 0.1},
		{"step, fourth", Step{Every: 10, Gamma: 0.5}, 39, 100, 0.125},
		{"step, no period", Step{Gamma: 0.5}, 2, 100, 0.25},
		{"cosine, start", Cosine{}, 0, 100, 1},
		{"cosine, quarter", Cosine{}, 25, 100, half},
		{"cosine, middle", Cosine{Min: 0.2}, 50, 100, 0.6},
		{"cosine, end", Cosine{Min: 0.2}, 100, 100, 0.2},
		{"cosine, beyond", Cosine{Min: 0.2}, 150, 100, 0.2},
		{"warmup, first", Warmup{Steps: 4, Then: Constant{}}, 0, 10, 0.25},
		{"warmup, last", Warmup{Steps: 4, Then: Constant{}}, 3, 10, 1},
		{"warmup, after", Warmup{Steps: 4, Then: Cosine{}}, 4, 14, 1},
		{"warmup, middle of the rest", Warmup{Steps: 4, Then: Cosine{}}, 9, 14, 0.5},
		{"warmup, end", Warmup{Steps: 4, Then: Cosine{Min: 0.1}}, 14, 14, 0.1},
		{"warmup to less than 1", Warmup{Steps: 2, Then: OneCycle{Start: 0.5, Rise: 1}}, 0, 10, 0.25},
		{"warmup, then nothing", Warmup{Steps: 4}, 7, 10, 1},
		{"warmup, no steps", Warmup{Then: Cosine{}}, 5, 10, 0.5},
		{"warmup longer than all", Warmup{Steps: 20, Then: Cosine{}}, 9, 10, 0.5},
		{"one cycle, start", OneCycle{Rise: 0.3, Start: 0.04, End: 0.001}, 0, 100, 0.04},
		{"one cycle, rising", OneCycle{Rise: 0.3, Start: 0.04, End: 0.001}, 15, 100, 0.52},
		{"one cycle, top", OneCycle{Rise: 0.3, Start: 0.04, End: 0.001}, 30, 100, 1},
		{"one cycle, falling", OneCycle{Rise: 0.3, Start: 0.04, End: 0.001}, 65, 100, 0.5005},
		{"one cycle, end", OneCycle{Rise: 0.3, Start: 0.04, End: 0.001}, 100, 100, 0.001},
		{"one cycle, all rise", OneCycle{Rise: 1, Start: 0.04, End: 0.001}, 100, 100, 1},
		{"one cycle, no rise", OneCycle{Start: 0.04, End: 0.5}, 0, 100, 1},
		{"no steps at all", Cosine{Min: 0.3}, 0, 0, 0.3},
	} {
		if got := c.schedule.Rate(c.step, c.total); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %+v.Rate(%d, %d) = %v, not %v",
				c.name, c.schedule, c.step, c.total, got, c.want)
		}
	}
}

func TestRateStaysWithinBounds(t *testing.T) {
	for _, s := range []Schedule{
		Constant{}, Step{Every: 7, Gamma: 0.3}, Cosine{}, Cosine{Min: 0.1},
		OneCycle{Rise: 0.3, Start: 0.04, End: 4e-6}, Warmup{Steps: 13, Then: Cosine{}},
	} {
		for step := range int64(120) {
			if got := s.Rate(step, 100); !(got >= 0 && got <= 1) {
				t.Errorf("%+v.Rate(%d, 100) = %v", s, step, got)
			}
		}
	}
}
