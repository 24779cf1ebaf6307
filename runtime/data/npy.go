package data

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/gradc/gradc/internal/quote"
)

// openNPY reads Dir/{train,test}_{images,labels}.npy. Images are of uint8, shape [n, channels,
// height, width], or [n, height, width] if there is one channel. Where the network does not take
// that, but does take them so, they are of shape [n, height, width, channels]; where it takes both,
// channels come first, and the log says so. Labels are integers from 0 on, shape [n]; the largest
// of the training split says how many classes there are.
func openNPY(o Options) (train, test *Set, err error) {
	if o.Dir == "" {
		return nil, nil, errors.New("no data directory is given; name the folder of " +
			"train_images.npy, train_labels.npy, test_images.npy and test_labels.npy")
	}
	var d damage
	train, test = &Set{Name: "npy"}, &Set{Name: "npy"}
	if err := o.readNPYSplit(&d, train, "train"); err != nil {
		return nil, nil, err
	}
	test.Classes = train.Classes
	if err := o.readNPYSplit(&d, test, "test"); err != nil {
		return nil, nil, err
	}
	names := make([]string, train.Classes)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	train.ClassNames, test.ClassNames = names, names
	return train, test, d.err()
}

// readNPYSplit fills a set from its two files.
func (o Options) readNPYSplit(d *damage, set *Set, split string) error {
	count := 0
	err := openNPYFile(filepath.Join(o.Dir, split+"_images.npy"), func(s *source) (err error) {
		count, err = o.readNPYImages(s, set)
		return err
	})
	if err := d.contents(err); err != nil {
		return err
	}
	err = openNPYFile(filepath.Join(o.Dir, split+"_labels.npy"), func(s *source) error {
		return o.readNPYLabels(s, set, count, split == "train")
	})
	return d.contents(err)
}

func openNPYFile(path string, read func(*source) error) error {
	found, err := firstOf(path)
	if err != nil {
		return err
	}
	if found == "" {
		return missing(path, "write it with numpy.save")
	}
	return openFile(path, read)
}

// readNPYImages sets the images and their shape, and returns their number.
func (o Options) readNPYImages(s *source, set *Set) (count int, err error) {
	array, err := readNPYHeader(s)
	if err != nil {
		return 0, err
	}
	if array.kind != 'u' || array.size != 1 {
		return 0, s.fault(array.at, "images are of type %q; save them as numpy.uint8, 0 to 255",
			array.descr)
	}
	last, err := o.npyLayout(array.dims, set)
	if err != nil {
		return 0, s.fault(array.at, "images are of shape %v; %v", array.dims, err)
	}
	if err := array.read(s); err != nil {
		return 0, err
	}
	set.Images = array.data
	if last {
		planes(set.Images, set.Channels, set.Height*set.Width)
	} else if o.bothLayouts(set) {
		o.log(fmt.Sprintf("%s: images of shape %v are taken as [n channels height width]; if "+
			"channels come last, save images.transpose(0, 3, 1, 2)", quote.Name(s.path), array.dims))
	}
	return array.dims[0], nil
}

// npyLayout sets the shape of images from that of their array. It tells whether channels come last,
// which they do only where the network cannot take them as channels that come first.
func (o Options) npyLayout(dims []int, set *Set) (last bool, err error) {
	switch {
	case len(dims) == 3:
		set.Channels, set.Height, set.Width = 1, dims[1], dims[2]
	case len(dims) == 4:
		set.Channels, set.Height, set.Width = dims[1], dims[2], dims[3]
		if o.Channels > 0 && o.takes(dims[1], dims[2], dims[3], 0) != nil &&
			o.takes(dims[3], dims[1], dims[2], 0) == nil {
			set.Height, set.Width, set.Channels = dims[1], dims[2], dims[3]
			return true, nil
		}
	case o.Channels == 0:
		return false, errors.New("make it [n channels height width]")
	}
	if len(dims) < 3 || len(dims) > 4 || o.takes(set.Channels, set.Height, set.Width, 0) != nil {
		return false, fmt.Errorf("the network takes [n %d %d %d] (n, channels, height, width) or "+
			"[n %[2]d %[3]d %[1]d] (n, height, width, channels)", o.Channels, o.Height, o.Width)
	}
	return false, nil
}

// bothLayouts tells whether the network takes images of a set's shape, channels first, with
// channels last as well, which would be other images.
func (o Options) bothLayouts(set *Set) bool {
	return o.Channels > 1 && o.takes(set.Width, set.Channels, set.Height, 0) == nil
}

// planes reorders images from interleaved channels to one plane after the other, in place.
func planes(images []byte, channels, area int) {
	if channels == 1 {
		return
	}
	pixels := make([]byte, channels*area)
	for start := 0; start < len(images); start += len(pixels) {
		image := images[start : start+len(pixels)]
		copy(pixels, image)
		for c := range channels {
			plane := image[c*area : (c+1)*area]
			for i := range plane {
				plane[i] = pixels[i*channels+c]
			}
		}
	}
}

// maxNPYClasses bounds the labels of npy files.
const maxNPYClasses = 1 << 16

// readNPYLabels fills the labels of a set of count images, 0 if that is not known. Those of the
// training split say how many classes there are.
func (o Options) readNPYLabels(s *source, set *Set, count int, training bool) error {
	array, err := readNPYHeader(s)
	if err != nil {
		return err
	}
	if len(array.dims) != 1 || count > 0 && array.dims[0] != count {
		return s.fault(array.at, "labels are of shape %v for %d images; make it [%d]",
			array.dims, count, count)
	}
	if array.kind != 'u' && array.kind != 'i' {
		return s.fault(array.at, "labels are of type %q; save them as integers", array.descr)
	}
	if err := array.read(s); err != nil {
		return err
	}
	classes := cmp.Or(set.Classes, o.Classes, maxNPYClasses)
	if bad := checkLabels(array.dims[0], array.integer, int64(classes)); bad != nil {
		hint := "; number the classes from 0 on, and let each occur in the training split"
		return s.fault(array.begin+int64(bad.index*array.size), "%s%s", bad.problem, hint)
	}
	set.Labels = make([]int32, array.dims[0])
	for i := range set.Labels {
		set.Labels[i] = int32(array.integer(i))
		if training {
			set.Classes = max(set.Classes, int(set.Labels[i])+1)
		}
	}
	return nil
}
