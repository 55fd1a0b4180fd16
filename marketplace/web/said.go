package web

import (
	"maps"
	"net/url"
	"strings"

	"commonfield/marketplace/order"
	"commonfield/storage/fault"
)

// speakable makes the figures of a refusal readable: sums get their currency,
// the moves that are allowed become a list.
func speakable(err error, currency string) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	g := *f
	g.Args = fault.Args{}
	maps.Copy(g.Args, f.Args)
	switch f.Code {
	case "price_changed", "refund_too_large":
		g.Args["currency"] = currency
		if left, ok := g.Args["left"].(int); ok {
			g.Args["left"] = int64(left)
		}
	case "order_move":
		if all, ok := g.Args["allowed"].(string); ok {
			g.Args["allowed"] = []string{}
			if all != "" {
				g.Args["allowed"] = strings.Split(all, ", ")
			}
		}
	}
	g.More = nil
	for _, more := range f.More {
		g.More = append(g.More, speakable(more, currency))
	}
	return &g
}

// outweighed says of each weight outside its band by how much it is outside,
// beside the field it was typed into.
func outweighed(err error, lines []order.Line) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	g := *f
	no, named := strings.CutPrefix(f.Field, "weight_")
	for _, l := range lines {
		if f.Code == "weight_band" && named && no == lineNo(l) {
			low, high := between(l)
			packed, _ := f.Args["packed"].(int64)
			over := max(low-packed, packed-high)
			g.Field, g.Args = "weight."+no, fault.Args{"over": over, "unit": l.Unit, "band": l.BandBP}
		}
	}
	g.More = nil
	for _, more := range f.More {
		g.More = append(g.More, outweighed(more, lines))
	}
	return &g
}

// link builds an address with a query; empty values are left out.
func link(way string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return way
	}
	return way + "?" + q.Encode()
}
