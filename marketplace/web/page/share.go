package page

import (
	"strings"

	"commonfield/marketplace/web/part"
)

// AgentShare is how an agent hands on their link: to their shelf, and to each of
// the goods on it.
type AgentShare struct {
	Frame      part.Frame
	Name, Code string
	State      string
	Link       string // whole address
	Greeting   string
	Goods      []ShareGoods
	Window     int64 // days that a link counts
	ShelfHref  string
	PosterHref string
	CodeHref   string // the square code as a picture
}

// ShareGoods are goods with the agent's link to them.
type ShareGoods struct {
	part.Goods
	Link, CodeHref string
}

// Poster is the same to be printed and hung up.
type Poster struct{ AgentShare }

// AgentShelf is an agent's shelf as they arrange it. The buttons send deed ("put",
// "take", "up", "down"), at (the market) and listing; the line above it greeting.
type AgentShelf struct {
	Frame      part.Frame
	State      string
	Link, Href string
	Greet      part.Form
	Most, Long int
	On         []OnShelf
	Offered    []OnShelf
	Query      string
	Next       string
	Action     string
	Key        string
	Trouble    string
	SearchHref string
	Market     string
}

// OnShelf is one of the goods on it, or to be put on it.
type OnShelf struct {
	part.Goods
	Market, ID  string
	First, Last bool
	Gone        bool // not for sale any more
}

// Shelf is an agent's shelf as everybody sees it.
type Shelf struct {
	Frame    part.Frame
	Name     string
	Greeting string
	Code     string
	Goods    []part.Goods
}

// AgentOrders are the orders that came by an agent.
type AgentOrders struct {
	Frame    part.Frame
	Chips    []part.Chip
	Rows     []AgentOrder
	Next     string
	Currency string
}

// AgentOrder is one of them with what it brings the agent.
type AgentOrder struct {
	OrderRow
	Mine int64
}

// spoken is a link as one reads it out.
func spoken(link string) string {
	_, rest, found := strings.Cut(link, "://")
	if !found {
		return link
	}
	return rest
}

// most goods fit on a poster.
const onPoster = 6

func (v Poster) shown() []ShareGoods { return v.Goods[:min(len(v.Goods), onPoster)] }

func (v Poster) greeting() string {
	if v.Greeting != "" {
		return v.Greeting
	}
	return v.Frame.T("poster.greeting")
}

func (v Shelf) image() string {
	for _, g := range v.Goods {
		if g.Picture.URL != "" {
			return g.Picture.URL
		}
	}
	return ""
}

func (v Shelf) about() string {
	if v.Greeting != "" {
		return v.Greeting
	}
	return v.Frame.T("shelf.about", "count", len(v.Goods))
}
