package api

// Generous lets tests ask as often as they like, until the restore it gives.
func Generous() {
	for name, p := range paces {
		p.most = 1_000_000
		paces[name] = p
	}
}

// Strict sets one pace.
func Strict(name string, most int) {
	p := paces[name]
	p.most = most
	paces[name] = p
}
