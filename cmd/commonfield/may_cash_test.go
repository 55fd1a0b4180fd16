package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// inCash lets the agent hold cash: one payout waits for the grower, another went
// over before witnesses.
func (h *house) inCash(k int, by id.ID, hand people.Person, a agents.Agent, grower people.Person) {
	ctx, m, set := h.t.Context(), h.markets[k].ID, h.sets[k]
	var payees []id.ID
	h.ok(h.m.DB.Update(ctx, m, func(tx *storage.Tx) error {
		in, err := agents.InMarket(tx, a.ID)
		set["hand"] = in.PayeeID.String()
		payees = []id.ID{payable.NewPayee(tx, payable.Producer, "现金", grower.ID), payable.NewPayee(tx, payable.Producer, "老人", id.None)}
		return err
	}))
	h.ok(cash.Trust(ctx, h.m.DB, m, name(set["hand"]), 5000_00, by))
	h.ok(cash.Give(ctx, h.m.DB, m, name(set["hand"]), by, 1000_00, "F-"+set["hand"]))
	for _, p := range payees {
		h.ok(h.m.DB.Update(ctx, m, func(tx *storage.Tx) error {
			payable.Add(tx, payable.Row{Payee: p, Cause: "release:" + p.String(), Amount: 500})
			return ledger.Post(tx, ledger.Entry{Cause: "release:" + p.String(), Legs: []ledger.Leg{{Debit: ledger.BankOperating, Credit: ledger.Owed(p), Amount: 500}}})
		}))
		h.ok(cash.Choose(ctx, h.m.DB, m, p, name(set["hand"]), by))
	}
	b, err := h.m.Payouts.DraftCash(ctx, once.Key{}, m, h.second.ID, nil)
	h.ok(err)
	_, err = h.m.Payouts.Approve(ctx, m, b.ID, by)
	h.ok(err)
	var rows []payout.Payout
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	for _, o := range rows {
		if o.PayeeID == payees[0] {
			set["handed"], set["pocket"] = o.ID.String(), fmt.Sprintf("%d.%s", m, o.ID)
			continue
		}
		var picture bytes.Buffer
		h.ok(jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 40+k)), nil))
		key, err := h.m.Photos.Apart("handover").Take(ctx, picture.Bytes())
		h.ok(err)
		_, err = h.m.Payouts.HandOver(ctx, m, o.ID, hand, payout.Proof{WitnessOne: "甲", WitnessTwo: "乙", Photo: key})
		h.ok(err)
		set["seen"] = o.ID.String()
	}
}
