// Package page holds the pages of the web door. Each page is a struct of raw
// values (sums in minor units, quantities in base units, moments, names of
// states) with one method, View, that gives its component. Whoever fills the
// struct decides what the visitor may do; the page decides how it is said.
package page

import (
	"net/url"
	"strings"

	"commonfield/marketplace/web/part"
)

// Someone is a person who is named on a page.
type Someone struct {
	Name string
	Note string // one line about them
}

// link builds an address with a query; empty values are left out.
func link(way string, pairs ...string) string {
	var b strings.Builder
	b.Grow(len(way) + 64)
	b.WriteString(way)
	before := byte('?')
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		b.WriteByte(before)
		b.WriteString(url.QueryEscape(pairs[i]))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(pairs[i+1]))
		before = '&'
	}
	return b.String()
}

// stateBadge is the colour and sign of an order's state.
func stateBadge(state string) (kind, icon string) {
	switch state {
	case "placed", "promised":
		return "wait", "wait"
	case "secured", "accepted", "packed":
		return "info", "box"
	case "shipped":
		return "info", "truck"
	case "delivered":
		return "wait", "flag"
	case "completed":
		return "good", "check"
	}
	return "bad", "pause"
}

// moneyBadge is the colour and sign of a commission's or a payable's state.
func moneyBadge(state string) (kind, icon string) {
	switch state {
	case "estimated":
		return "", "wait"
	case "earned", "held":
		return "info", "lock"
	case "pending", "reserved", "made", "sent", "waiting", "draft", "approved", "submitted", "laid", "transferring":
		return "wait", "wait"
	case "payable":
		return "good", "check"
	case "paid", "closed":
		return "paid", "check"
	case "failed":
		return "bad", "alert"
	}
	return "bad", "pause"
}

func frontPicture(pictures []part.Picture) part.Picture {
	if len(pictures) == 0 {
		return part.Picture{}
	}
	return pictures[0]
}
