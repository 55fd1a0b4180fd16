package api

import (
	"maps"
	"slices"
	"time"

	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
)

// OrderRow is what a list says of an order.
type OrderRow struct {
	Market   string      `json:"market"`
	ID       string      `json:"id"`
	Number   string      `json:"number"`
	Kind     string      `json:"kind"`
	State    order.State `json:"state" enum:"placed,promised,secured,accepted,packed,shipped,delivered,completed,cancelled,expired"`
	Way      string      `json:"way"`
	Seller   string      `json:"seller,omitempty"`
	Total    int64       `json:"total_minor" doc:"when it was placed"`
	Currency string      `json:"currency"`
	PlacedAt time.Time   `json:"placed_at"`
	DueAt    *time.Time  `json:"due_at,omitempty" doc:"by when the next move must be made"`
	Lines    []line      `json:"lines"`
}

type line struct {
	No       int    `json:"line"`
	Listing  string `json:"listing,omitempty"`
	Title    string `json:"title"`
	TitleEN  string `json:"title_en"`
	Photo    string `json:"photo"`
	Unit     string `json:"unit"`
	BaseUnit string `json:"base_unit" enum:"g,piece"`
	Quantity int64  `json:"quantity" doc:"base units ordered"`
	Accepted *int64 `json:"accepted,omitempty" doc:"base units that the seller has taken on, when it is not all"`
	Packed   *int64 `json:"packed,omitempty" doc:"base units weighed"`
	BandBP   int32  `json:"weight_band_bp"`
	Returns  int    `json:"return_days" doc:"in which it may be given back without a reason; 0: it is not taken back"`
	Price    int64  `json:"price_minor" doc:"of one unit"`
	Total    int64  `json:"total_minor"`
	Parts    *parts `json:"parts,omitempty" doc:"who gets what of the line now; in an order's story, not in a list"`
}

type parts struct {
	Seller int64 `json:"seller_minor"`
	Agent  int64 `json:"agent_minor"`
	Fee    int64 `json:"fee_minor"`
	Tax    int64 `json:"tax_minor"`
}

type orderShown struct {
	OrderRow
	As          string     `json:"as" enum:"buyer,seller,clerk,agent,operator,hand,finder" doc:"what you are to it"`
	Moves       []string   `json:"moves" doc:"what you may do now"`
	Net         int64      `json:"net_minor" doc:"what it costs after its charges"`
	Parts       parts      `json:"parts" doc:"who gets what now"`
	SecuredAt   *time.Time `json:"secured_at,omitempty"`
	SendBy      *time.Time `json:"send_by,omitempty" doc:"of what is not sent yet: by when; from then on the buyer of what was taken on may cancel it"`
	CompletedAt *time.Time `json:"completed_at,omitempty"`
	Version     int        `json:"version"`
	Basket      string     `json:"basket"`
	Siblings    []orderRef `json:"siblings" doc:"the other orders of its checkout"`
	Agent       string     `json:"agent,omitempty"`
	PaymentIs   string     `json:"payment_state" enum:"none,part,paid,part_refunded,refunded,covered"`
	Payment     *paid      `json:"payment,omitempty" doc:"to buyer, seller and operators"`
	ClaimCode   string     `json:"claim_code,omitempty" doc:"to a guest alone: with it, number and phone the checkout can be made an account's"`
	DeliverTo   *address   `json:"deliver_to,omitempty" doc:"to buyer, seller and operators"`
	Charges     []charge   `json:"charges"`
	History     []step     `json:"history"`
	Shipments   []shipment `json:"shipments"`
	Refunds     []refund   `json:"refunds"`
	Pickup      *pickedUp  `json:"pickup,omitempty" doc:"where its buyer picks it up; missing: it is sent"`
	Cash        *toCollect `json:"cash,omitempty" doc:"of what is paid on delivery: who collects, and what"`
}

// orderRef names an order.
type orderRef struct {
	Market string `json:"market"`
	ID     string `json:"id"`
}

type paid struct {
	Market    string        `json:"market" doc:"where it is at home; with id the checkout's name"`
	ID        string        `json:"id"`
	State     payment.State `json:"state" enum:"open,captured,closed"`
	Reference string        `json:"reference"`
	Due       int64         `json:"due_minor" doc:"of the whole checkout"`
	Captured  int64         `json:"captured_minor"`
	ExpiresAt time.Time     `json:"expires_at"`
}

type charge struct {
	No     int       `json:"charge"`
	Line   *int      `json:"line,omitempty"`
	Of     *int      `json:"of_charge,omitempty" doc:"the charge that a negative one takes from"`
	Label  string    `json:"label" enum:"delivery,discount,fee,part,weight,refund,lost,returned,return,decline,cancel,self_dealing"`
	Amount int64     `json:"amount_minor"`
	Placed bool      `json:"from_start" doc:"it is in the order's total"`
	Market int64     `json:"market_minor,omitempty" doc:"what of it the market bears"`
	Parts  *parts    `json:"parts,omitempty" doc:"of one that adds: who gets what of it now"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

type step struct {
	From string    `json:"from"`
	To   string    `json:"to"`
	By   string    `json:"by" enum:"buyer,market,system"`
	Why  string    `json:"why"`
	At   time.Time `json:"at"`
}

type shipment struct {
	ID        string     `json:"id"`
	State     string     `json:"state" enum:"sent,arrived,lost,returned" doc:"returned: the carrier brought it back"`
	Lines     []take     `json:"lines" doc:"what it holds"`
	Why       string     `json:"why,omitempty" doc:"it is lost, or came back"`
	Carrier   string     `json:"carrier"`
	Number    string     `json:"number"`
	At        time.Time  `json:"shipped_at"`
	Delivered *time.Time `json:"delivered_at,omitempty"`
}

func showShipment(p order.Shipment) shipment {
	out := shipment{ID: p.ID.String(), State: p.State, Why: p.Why, Lines: []take{}, Carrier: p.Carrier, Number: p.Number, At: p.At, Delivered: p.Delivered}
	for _, no := range slices.Sorted(maps.Keys(p.Lines)) {
		out.Lines = append(out.Lines, take{no, p.Lines[no]})
	}
	return out
}

func (v *visit) orderRow(o order.Order) OrderRow {
	return OrderRow{Market: v.code(o.Market), ID: o.ID.String(), Number: o.Number, Kind: o.Kind, State: o.State, Way: o.Way, Seller: maybe(o.Seller), Total: o.Total,
		Currency: o.Currency, PlacedAt: o.PlacedAt, DueAt: o.DueAt, Lines: listed(o.Lines, showLine).Items}
}

func showLine(l order.Line) line {
	return line{l.No, maybe(l.Listing), l.Title, l.TitleEN, l.Photo, l.Unit, baseUnit(l.Unit), l.Quantity, l.Accepted, l.Packed, l.BandBP, l.ReturnDays, l.Price, l.Total, nil}
}

// tellsParts adds what only a story knows: what is left of each line, none of it too.
func tellsParts(row OrderRow, lines []order.Line) OrderRow {
	for i, l := range lines {
		p := parts(l.Left)
		row.Lines[i].Parts = &p
	}
	return row
}

func showCharge(c order.Charge) charge {
	out := charge{No: c.No, Line: c.Line, Of: c.Of, Label: c.Label, Amount: c.Amount, Placed: c.FromStart(), Market: c.Market, Reason: c.Reason, At: c.At}
	if c.Stands() {
		p := parts(c.Left)
		out.Parts = &p
	}
	return out
}

// showStep says which side made a move, and no person's id.
func showStep(o order.Order, t order.Step) step {
	by := "market"
	switch t.By {
	case o.Buyer:
		by = "buyer"
	case order.System.ID:
		by = "system"
	}
	return step{string(t.From), string(t.To), by, t.Why, t.At}
}
