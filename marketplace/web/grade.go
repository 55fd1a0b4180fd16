package web

import "commonfield/marketplace/tongue"

// grades are those that people write alike, so that they can be said in both
// languages; what somebody calls otherwise stands as it was written.
var grades = []string{"extra", "first", "second", "third", "unsorted"}

func grade(r tongue.Reader, written string) string {
	for _, g := range grades {
		key := "grade." + g
		if written == tongue.For(tongue.Chinese).T(key) || written == tongue.For(tongue.English).T(key) {
			return r.T(key)
		}
	}
	return written
}
