package order_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// enough histories do each of the deeds below, each of which happens a dozen times in
// them or oftener.
const enough = 300

// count counts how complaints, returns and chargebacks stand in the end: what silence
// did is no deed of anybody.
func (h *history) count() {
	for _, o := range h.orders() {
		h.done["an order is "+o.State]++
		if o.Asked && (o.State == "delivered" || o.State == "completed") {
			h.done["an order went on though its end was asked for"]++
		}
		if o.Lost {
			h.done["an order ends with its payment"]++
		}
		for _, c := range o.Complaints {
			h.done["a complaint is "+c.State]++
		}
		for _, r := range o.Returns {
			h.done["a return is "+r.State]++
		}
	}
	for b := range h.baskets {
		if t := b.Taken; t != nil && t.State != "" {
			h.done[fmt.Sprintf("a chargeback is %s, beyond what there is: %v", t.State, t.Excess > 0)]++
		}
	}
}

// never gives those that did not happen.
func never(done map[string]int) (missing []string) {
	for _, begins := range deedsThatHappen {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(done)), func(name string) bool {
			return strings.HasPrefix(name, begins) && !strings.HasSuffix(name, "allowed: false")
		}) {
			missing = append(missing, begins)
		}
	}
	return missing
}

// deedsThatHappen are how their names begin.
var deedsThatHappen = []string{
	"place by bank, allowed", "place by sandbox, allowed", "place by cash, allowed", "place by bank, picked up", "place by sandbox, picked up", "place by cash, picked up",
	"an order is refused: cash_not_taken", "an order is refused: cash_full", "an order is refused: cash_refused", "an order is refused: cash_too_much", "a parcel is brought back, shipped, unpaid", "an order is refused: pickup_none", "pick up, secured", "pick up, accepted", "ready, packed", "hand over, shipped",
	"cash is taken, shipped, allowed", "cash is taken, shipped, for a code", "cash is taken again", "cash is paid in", "finish a refund of cash",
	"ask to have it ended, secured", "ask to have it ended, accepted", "ask to have it ended, packed", "cancel by seller, asked", "an order went on though its end was asked for",
	"transfer", "pay", "settle", "accepted", "accept a part", "packed", "shipped", "send some",
	"a parcel arrives", "a parcel is lost", "a parcel is brought back", "delivered", "completed", "cancel by buyer", "cancel by buyer, overdue",
	"cancel by operator", "refund by operator, completed", "refund by operator, shipped", "refund by seller",
	"finish a refund", "repeat a refund", "give excess back", "claim by the agent: true, completed",
	"draft", "give a draft up", "approve,", "answer, paid: true", "answer, paid: false", "returned",
	"complain, shipped", "complain, delivered", "complain, completed", "say something of a complaint, offer: false",
	"say something of a complaint, offer: true", "take an offer", "withdraw a complaint", "call an operator to a complaint",
	"decide a complaint, goods kept", "decide a complaint, goods back", "decide a complaint, goods lost", "a complaint is settled",
	"a complaint is withdrawn", "a complaint is escalated", "a complaint is decided", "a complaint is cancelled",
	"ask to give goods back, delivered", "ask to give goods back, completed", "approve of a return, asked",
	"approve of a return, approved", "refuse of a return, asked", "refuse of a return, sent", "refuse of a return, called",
	"call of a return", "send of a return", "see of a return", "take in, goods back of a return", "take in, goods lost of a return",
	"withdraw of a return", "a return is refunded", "a return is refused",
	"the bank takes a payment back", "the bank decides, won: false", "the bank decides, won: true", "a chargeback is won", "an order ends with its payment",
	"a chargeback is lost, beyond what there is: false", "a chargeback is lost, beyond what there is: true",
}
