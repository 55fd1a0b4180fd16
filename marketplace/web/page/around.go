package page

import "commonfield/marketplace/web/part"

// Around stands before the page of a desk: in which market one works, for whom,
// and the desk's other pages.
type Around struct {
	Frame   part.Frame
	Markets []part.Chip // empty when there is only one
	Pages   []part.Chip
	Acting  string // the producer for whom an operator acts
	Leave   string // address that ends it
}

// Empty says whether there is nothing to show.
func (v Around) Empty() bool { return len(v.Markets) == 0 && len(v.Pages) == 0 && v.Acting == "" }
