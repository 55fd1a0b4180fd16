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
}

func (row OrderRow) title(f part.Frame) string {
	if row.More == 0 {
		return row.Title
	}
	return f.T("orders.and_more", "title", row.Title, "count", row.More)
}
