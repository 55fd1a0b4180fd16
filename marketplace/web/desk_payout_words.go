package web

import (
	"commonfield/agents/payout"
	"commonfield/marketplace/tongue"
)

// The states of the pages.
var (
	batchStates  = map[string]string{payout.Draft: "waiting", payout.Approved: "made", payout.Submitted: "sent", payout.Closed: "closed", payout.Cancelled: "cancelled"}
	payoutStates = map[string]string{payout.Draft: "waiting", payout.Approved: "made", payout.InTransit: "reserved", payout.Paid: "paid",
		payout.Failed: "failed", payout.Returned: "returned", payout.Cancelled: "cancelled"}
)

// shownState is the page's word for a state; what is handed over in cash is with
// no bank: it waits to be collected.
func shownState(words map[string]string, state, layout string) string {
	if state == payout.Submitted || state == payout.InTransit {
		switch layout {
		case payout.Cash:
			return "laid"
		case payout.Transfers:
			return "transferring"
		}
	}
	return words[state]
}

// marks are why somebody should look twice before a payout goes.
func marks(o payout.Payout) (all []string) {
	for _, m := range []struct {
		word string
		on   bool
	}{{"first", o.First}, {"changed", o.Changed}, {"large", o.Large}} {
		if m.on {
			all = append(all, m.word)
		}
	}
	return all
}

// waiting is the bank's last word about a payout that it has in hand.
func waiting(r tongue.Reader, o payout.Payout) string {
	switch {
	case o.Recalled && o.State == payout.Paid:
		return r.T("transfer.recalling")
	case o.Status == "" || o.State != payout.InTransit && o.Gateway == "":
		return ""
	case tongue.Has("transfer_why." + o.Status):
		return r.T("transfer_why." + o.Status)
	}
	if key := "bank_status." + o.Status; tongue.Has(key) {
		return r.T(key) + " (" + o.Status + ")"
	}
	return o.Status
}

// payoutWhy is the bank's reason; our own are words of the page.
func payoutWhy(r tongue.Reader, o payout.Payout) string {
	switch {
	case o.State == payout.Cancelled && tongue.Has("skipped."+o.Reason):
		return r.T("skipped." + o.Reason)
	case o.Gateway != "" && tongue.Has("transfer_why."+o.Reason):
		return r.T("transfer_why." + o.Reason)
	case o.Reason == payout.Uncollected:
		return r.T("cash.uncollected")
	}
	return o.Reason
}
