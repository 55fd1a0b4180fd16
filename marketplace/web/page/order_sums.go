package page

import "commonfield/marketplace/web/part"

func (v Order) rows() []part.Row {
	r := v.Frame.Reader
	rows := []part.Row{{Label: r.T("checkout.goods"), Minor: v.Goods}}
	for _, c := range v.Charges {
		rows = append(rows, part.Row{Label: c.Label, Minor: c.Minor})
	}
	rows = append(rows, part.Row{Label: r.T("order.total"), Minor: v.Total, Total: true})
	if v.CashDue > 0 {
		rows = append(rows, part.Row{Label: r.T("order.cash_row", "hand", v.Hand), Minor: v.CashDue})
	}
	if v.Paid > 0 {
		rows = append(rows, part.Row{Label: r.T("order.paid", "way", r.T("pay."+v.Way)), Minor: v.Paid})
	}
	if v.Covered {
		rows = append(rows, part.Row{Label: r.T("order.covered", "way", r.T("pay."+v.Way)), Minor: v.Total})
	}
	for _, f := range v.Refunds {
		key := "order.refund_going"
		if f.Done {
			key = "order.refund_done"
		}
		label := r.T(key, "day", r.Day(f.At))
		if f.Why != "" {
			label += r.T("word.dash") + r.T("refund_why."+f.Why)
		}
		rows = append(rows, part.Row{Label: label, Minor: f.Minor})
	}
	return rows
}

// ended are the states after which an order moves no more.
var ended = map[string]bool{"completed": true, "cancelled": true, "expired": true}

func (v Order) history() []part.Event {
	var out []part.Event
	for _, c := range v.History {
		sub := c.Who
		if c.Note != "" {
			if sub != "" {
				sub += v.Frame.T("word.colon")
			}
			sub += c.Note
		}
		word := paidBy(v.Cash, "history."+c.To)
		if v.Pickup.Chosen && c.To == "shipped" {
			word = "history.ready"
		}
		out = append(out, part.Event{At: c.At, Text: v.Frame.T(word), Sub: sub, Ends: ended[c.To]})
	}
	return out
}

func (v Order) shipments() []part.Event {
	var out []part.Event
	for _, s := range v.Shipments {
		text := v.Frame.T("order.parcel", "carrier", s.Carrier, "number", s.Number)
		if s.Number == "" {
			text = v.Frame.T("order.parcel_plain", "carrier", s.Carrier)
		}
		sub := s.What
		if s.ended() {
			if sub != "" {
				sub += v.Frame.T("word.dash")
			}
			sub += v.Frame.T("order.parcel_" + s.State)
		}
		if s.Why != "" {
			sub += v.Frame.T("word.colon") + s.Why
		}
		out = append(out, part.Event{At: s.At, Text: text, Sub: sub, Ends: v.State != "shipped" || s.ended()})
	}
	return out
}

// ended says whether a parcel has come to its end; one of an order in one piece has
// no state of its own.
func (s Shipment) ended() bool { return s.State != "" && s.State != "sent" }

// named is a parcel in the sentence of a button.
func (v Order) named(key string, s Shipment) string {
	name := s.Number
	if name == "" {
		name = s.Carrier
	}
	return v.Frame.T(key, "parcel", name)
}

// parcelForm is the form of a move of one parcel.
func (v Order) parcelForm(move string, s Shipment) part.Form {
	form := v.form(move)
	if form.Value("parcel") != s.ID {
		form.Values, form.Faults, form.Whole = nil, nil, ""
	}
	form.ID = move + "-" + s.ID + "-"
	return form
}

// fates are what may become of goods that came back.
func (v Order) fates() []part.Option {
	return []part.Option{{Value: "back", Label: v.Frame.T("order.parcel_sound")}, {Value: "lost", Label: v.Frame.T("order.parcel_spoilt")}}
}

// back is the list this order was opened from.
func (v Order) back() part.Crumb {
	switch v.As {
	case AsSeller:
		return v.Frame.SellersDesk()
	case AsOther:
		if v.Frame.Roles.Operator {
			return part.Crumb{Word: v.Frame.T("desk.operator"), Href: part.OperatorWay}
		}
		return part.Crumb{Word: v.Frame.T("desk.agent"), Href: part.AgentWay}
	}
	return part.Crumb{Word: v.Frame.T("menu.orders"), Href: part.OrdersWay}
}

func (v Order) head() part.Head {
	return headFor(v.Frame.T("order.title", "number", v.Number), v.As)
}

// headFor is the head of an order's page, and of what is about that order: a seller
// stays at the desk.
func headFor(title, as string) part.Head {
	head := part.Head{Title: title, Here: "orders"}
	if as == AsSeller {
		head.Desk = part.Producer
	}
	return head
}
