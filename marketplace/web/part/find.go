package part

// Finder is the box that one searches with. Keep goes along unseen, Words are
// offered below.
type Finder struct {
	Query string
	Keep  []Pair
	Words []Chip
}

// Pair is a name and its value, as a form sends them.
type Pair struct{ Name, Value string }

// Piece is a part of a text; Found ones are marked.
type Piece struct {
	Text  string
	Found bool
}

// Facet is one thing that goods differ in. At most one of its options is on;
// the first, with an empty value, is for all of them.
type Facet struct {
	Name, Label string
	Options     []FacetOption
}

// FacetOption is one value and how many goods have it; below zero nobody knows.
type FacetOption struct {
	Value, Label string
	Count        int64
	On           bool
}

func (o FacetOption) id(facet Facet) string { return facet.Name + "-" + o.Value }

// Grower is somebody who grows, on a card.
type Grower struct{ Href, Name, Place, Note string }
