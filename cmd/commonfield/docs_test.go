package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"commonfield/marketplace/order"
	"commonfield/storage/money"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheOrderPageShowsEveryMoveAndWhoMayMakeIt(t *testing.T) {
	t.Parallel()
	text := page(t, "order.md")
	states := []order.State{order.Placed, order.Promised, order.Secured, order.Accepted, order.Packed, order.Shipped, order.Delivered, order.Completed, order.Cancelled, order.Expired}
	shown := strings.Count(text, " --> ") - 4 // the beginning and the three ends
	for _, from := range states {
		for _, to := range states {
			var who []string
			for _, as := range []order.Party{order.AsBuyer, order.AsSeller, order.AsOperator, order.AsSystem} {
				if slices.Contains(from.Moves(as), to) {
					who = append(who, string(as))
				}
			}
			row, line := fmt.Sprintf("| %s | %s | %s |", from, to, strings.Join(who, ", ")), fmt.Sprintf("  %s --> %s", from, to)
			if len(who) == 0 {
				continue
			}
			shown--
			if !strings.Contains(text, row) || !strings.Contains(text, line) {
				t.Errorf("missing: %s", row)
			}
		}
	}
	if shown != 0 {
		t.Errorf("%d arrows too many", shown)
	}
}

func TestTheNumbersOfTheMoneyPageAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	text := page(t, "money.md")
	const total, packed, ordered, second = 20000, 4900, 5000, 2000
	tax, fee := money.Included(total, 900), money.Part(total, 200)
	agent := money.Part(total-tax, 600)
	shares := []int64{total - tax - fee - agent, agent, fee, tax}
	worth, err := money.MulDiv(total, packed, ordered)
	if err != nil {
		t.Fatal(err)
	}
	less := money.Split(total-worth, shares)
	released := minus(shares, less)
	back := money.Split(second, released)
	left := minus(released, back)
	// A contract pays the same order in two parts, the agent in the last one.
	own := []int64{shares[0], shares[2], shares[3]}
	first, fifty := money.Split(12000, own), money.Split(5000, shares)
	for name, figures := range map[string][]int64{"contract": first, "rest": append(minus(own, first), agent), "into the contract": fifty, "shares": shares, "weight": less, "release": released, "refund": back, "payout": {left[0], left[1]},
		"what is left": {left[2], left[3], left[0] + left[1], total - worth + second}, "gateway": {money.Part(total, 60), total - money.Part(total, 60)}} {
		for _, f := range figures {
			if written := fmt.Sprintf("%d.%02d", f/100, f%100); !strings.Contains(text, " "+written) {
				t.Errorf("%s: %s is not on the page", name, written)
			}
		}
	}
}

func minus(a, b []int64) []int64 {
	rest := make([]int64, len(a))
	for i := range a {
		rest[i] = a[i] - b[i]
	}
	return rest
}
