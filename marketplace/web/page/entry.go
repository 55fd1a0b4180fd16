package page

import "commonfield/marketplace/web/part"

// Commission explains one entry, and shows its root and reversals beside it.
type Commission struct {
	Frame    part.Frame
	Entry    Entry
	Others   []Entry // of the same line: what was earned and taken back
	Net      int64
	Currency string
}

func (v Commission) facts(e Entry) []part.Fact {
	return reckoned(v.Frame, e, v.Currency)
}
