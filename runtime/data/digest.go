package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Digest identifies the images and labels of the set in their order, whatever the set and its
// classes are called: a SHA-256 in hexadecimal.
func (s *Set) Digest() string {
	sum := sha256.New()
	fmt.Fprintln(sum, s.Len(), s.Channels, s.Height, s.Width, s.Classes)
	sum.Write(s.Images)
	var buffer [4 * 1024]byte
	for rest := s.Labels; len(rest) > 0; {
		part := rest[:min(len(rest), len(buffer)/4)]
		for i, label := range part {
			binary.LittleEndian.PutUint32(buffer[4*i:], uint32(label))
		}
		sum.Write(buffer[:4*len(part)])
		rest = rest[len(part):]
	}
	return hex.EncodeToString(sum.Sum(nil))
}
