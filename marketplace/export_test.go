package marketplace

// JobKinds are the kinds of jobs that somebody does here.
func (m *Marketplace) JobKinds() []string {
	var kinds []string
	for kind := range m.handlers() {
		kinds = append(kinds, kind)
	}
	return kinds
}
