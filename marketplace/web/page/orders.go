package page

import (
	"time"

	"commonfield/marketplace/web/part"
)

// Orders are the orders of a buyer, the newest first.
type Orders struct {
	Frame part.Frame
	Rows  []OrderRow
	Next  string
	Group string // of states, empty for all
	Query string
}

// groups are the states that belong together, as the page offers them.
var groups = []string{"", "to_pay", "to_receive", "done", "ended"}

func (v Orders) groupChips() []part.Chip {
	var out []part.Chip
	for _, g := range groups {
		key := g
		if g == "" {
			key = "all"
		}
		out = append(out, part.Chip{Word: v.Frame.T("orders.group." + key), On: g == v.Group, Href: link(part.OrdersWay, "group", g, "q", v.Query)})
	}
	return out
}

func (v Orders) filtered() bool { return v.Group != "" || v.Query != "" }

// FindOrder is where somebody without an account names their order. Its form
// sends number and phone, and, of who is signed in, the code that makes it theirs.
type FindOrder struct {
	Frame part.Frame
	Form  part.Form
}

// OrderRow is an order in a list.
type OrderRow struct {
	Href, Number, Title string // Title names the first goods
	More                int    // how many other lines
	Other               string // the seller for a buyer, the buyer for a seller
	Picture             part.Picture
	State               string
	Sum                 int64
	Currency            string
	At, Due             time.Time
	Yours               bool // it is the visitor's turn
	Selling             bool // the reader is its seller
}

func (row OrderRow) title(f part.Frame) string {
	if row.More == 0 {
		return row.Title
	}
	return f.T("orders.and_more", "title", row.Title, "count", row.More)
}

func (v FindOrder) lead() string {
	if v.Frame.Person == "" {
		return v.Frame.T("find_order.lead")
	}
	return v.Frame.T("find_order.lead_known")
}
