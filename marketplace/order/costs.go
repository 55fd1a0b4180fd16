package order

import "commonfield/storage/ledger"

// costs are what the gateway keeps, shared over the markets once the sum is whole.
// What it kept of earlier captures was the home market's cost until now.
type costs struct {
	home    int64 // what the home market still bears of it; below zero, it bore too much
	now     int64 // what the gateway kept of this capture
	account string
}

func (k *costs) own() []ledger.Leg {
	part := max(k.home, 0)
	k.now -= part
	return []ledger.Leg{{Debit: ledger.CostGateway, Credit: k.account, Amount: part}}
}

// of charges another market with its part: from this capture, and what the home
// market has borne for it before.
func (k *costs) of(other string, fee int64) []ledger.Leg {
	part := min(fee, k.now)
	k.now -= part
	return []ledger.Leg{{Debit: other, Credit: k.account, Amount: part}, {Debit: other, Credit: ledger.CostGateway, Amount: fee - part}}
}
