// Package data reads the image classification sets that trainers know by name and feeds them to a
// network in shuffled, augmented batches.
//
// Pixels are kept as bytes, channel planes one after the other, just as the official archives hold
// them; they become numbers only when a batch is made. Nothing here depends on the number of
// goroutines: randomness is drawn from counters keyed by seed, epoch and sample.
package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Set is one split of an image classification set, in memory.
type Set struct {
	Name                    string
	Channels, Height, Width int
	Classes                 int
	Images                  []byte   // [len, channels, height, width]
	Labels                  []int32  // [len], each in [0, Classes)
	ClassNames              []string // [Classes]
}

// Len is the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// imageSize is the number of values of one image.
func (s *Set) imageSize() int { return s.Channels * s.Height * s.Width }

// Options says where Open looks.
type Options struct {
	// Dir is the folder that holds the user's data, as the official archives unpack. If it is
	// empty, mnist is taken from the cache and downloaded when it is not there; digits needs none.
	Dir string
	// CacheDir keeps downloads. If it is empty, it is $GRADC_CACHE, or else the folder gradc in the
	// user's cache directory.
	CacheDir string
	// Channels, Height and Width are what the network takes. Pictures of folder are converted to
	// it; if they are zero, all pictures must be of the first one's size. Other sets have a shape
	// of their own, which has to be this one.
	Channels, Height, Width int
	// Classes is the number of classes that the network tells apart, 0 if it is not known.
	Classes int
	// Log is told what takes long (downloads) and what is not as one might think (files that are
	// passed over); nil for nobody.
	Log func(line string)
}

func (o Options) log(line string) {
	if o.Log != nil {
		o.Log(line)
	}
}

// takes is the error of images that are not those of the network, or of another number of classes
// than it tells apart; classes is 0 where it is not known yet.
func (o Options) takes(channels, height, width, classes int) error {
	has, wants := [3]int{channels, height, width}, [3]int{o.Channels, o.Height, o.Width}
	shape := o.Channels == 0 || has == wants
	if shape && (o.Classes == 0 || classes == 0 || o.Classes == classes) {
		return nil
	}
	in := func(classes int) string {
		if classes == 0 {
			return ""
		}
		return fmt.Sprintf(" in %d classes", classes)
	}
	return fmt.Errorf("it has images of %dx%dx%d (channels, height, width)%s, but the network takes "+
		"%dx%dx%d%s", has[0], has[1], has[2], in(classes), wants[0], wants[1], wants[2], in(o.Classes))
}

// sources lists the data sets by name.
func sources() map[string]func(Options) (train, test *Set, err error) {
	return map[string]func(Options) (train, test *Set, err error){
		"cifar10":  openCIFAR10,
		"cifar100": openCIFAR100,
		"digits":   openDigits,
		"folder":   openFolder,
		"mnist":    openMNIST,
		"npy":      openNPY,
	}
}

// Names lists the data sets that Open knows, sorted.
func Names() []string {
	return slices.Sorted(maps.Keys(sources()))
}

// Open reads the training and the test split of the data set named, which the network takes.
func Open(name string, o Options) (train, test *Set, err error) {
	open, ok := sources()[name]
	if !ok {
		return nil, nil, fmt.Errorf("unknown data set %q; use one of %s",
			name, strings.Join(Names(), ", "))
	}
	if train, test, err = open(o); err != nil {
		return nil, nil, err
	}
	for _, set := range []*Set{train, test} {
		if err := o.takes(set.Channels, set.Height, set.Width, set.Classes); err != nil {
			return nil, nil, err
		}
	}
	return train, test, nil
}
