package web

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

func (d *desk) payouts(c *fiber.Ctx, s seat) error {
	return d.showPayouts(c, s, fiber.StatusOK, part.Form{})
}

func (d *desk) showPayouts(c *fiber.Ctx, s seat, status int, form part.Form) error {
	older, err := after(c)
	if err != nil {
		return err
	}
	var due []payout.Ready
	var batches []payout.Batch
	var toCheck []payable.Kept
	known := map[id.ID]payable.Waiting{}
	err = d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if due, err = payout.Due(tx); err != nil {
			return err
		}
		waiting, err := payable.WaitingPayees(tx)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			known[w.ID] = w
		}
		if toCheck, err = payable.ToCheck(tx); err != nil {
			return err
		}
		batches, err = payout.Batches(tx, older, 20)
		return err
	})
	if err != nil {
		return err
	}
	form.Action, form.Key = s.way(part.PayoutsWay), newKey()
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Payouts{Frame: f, Form: form, Currency: s.m.Currency, Rules: s.way(payoutRulesWay), Accounts: s.way(payeeAccountsWay), Cash: s.way(cashWay), ToCheck: len(toCheck)}
		left := page.Skipped{Frame: f, Currency: s.m.Currency}
		for _, one := range due {
			if one.Reason != "" {
				left.Rows = append(left.Rows, page.LeftOut{Name: one.Name, Reason: one.Reason, Minor: one.Amount})
				continue
			}
			w := known[one.Payee]
			p := page.Payee{ID: one.Payee.String(), Name: one.Name, Kind: w.Kind, Tail: w.Tail, Hand: w.Hand, Entries: w.Entries, Minor: one.Amount}
			switch one.Way {
			case payout.Cash:
				v.InCash = append(v.InCash, p)
			case payout.Transfers:
				p.Gateway = d.Payouts.PayerTitle()
				v.Sent = append(v.Sent, p)
			default:
				v.Payees = append(v.Payees, p)
			}
		}
		if len(left.Rows) > 0 {
			v.Frame.After = left.View()
		}
		for _, b := range batches {
			v.Earlier = append(v.Earlier, page.PayoutRow{Href: part.PayoutWay(s.number(), b.ID.String()), Number: b.Number, At: b.CreatedAt,
				Count: int64(b.Payouts), Minor: b.Total, State: shownState(batchStates, b.State, b.Layout)})
		}
		if len(batches) == 20 {
			v.Next = s.way(part.PayoutsWay, "after", batches[19].ID.String())
		}
		return v.View()
	})
}

// draft makes a batch of the payees that were chosen, or of all with all=yes.
func (d *desk) draft(c *fiber.Ctx, s seat) error {
	var payees []id.ID
	for _, text := range sent(c)["payee"] {
		one, err := row(text)
		if err != nil {
			return err
		}
		payees = append(payees, one)
	}
	err := error(fault.Conflict("payout_nothing"))
	if len(payees) > 0 || c.FormValue("all") == "yes" {
		var b payout.Batch
		draft := d.Payouts.Draft
		switch c.FormValue("way") {
		case payout.Cash:
			draft = d.Payouts.DraftCash
		case payout.Transfers:
			draft = d.Payouts.DraftTransfers
		}
		if b, err = draft(c.UserContext(), d.key(c, s), s.m.ID, s.p.ID, payees); err == nil {
			return d.done(c, part.PayoutWay(s.number(), b.ID.String()), "drafted")
		}
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"payee": ""}))
	return d.showPayouts(c, s, status, form)
}

// batchForms is what was refused of a batch.
type batchForms struct{ main, upload, back, recall, cancel part.Form }

func (d *desk) payout(c *fiber.Ctx, s seat) error {
	batch, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	return d.showPayout(c, s, fiber.StatusOK, batch, batchForms{})
}

func (d *desk) showPayout(c *fiber.Ctx, s seat, status int, batch id.ID, was batchForms) error {
	var b payout.Batch
	var rows []payout.Payout
	var names map[id.ID]string
	err := d.view(c, s, func(tx *storage.Tx) error {
		var err error
		if b, err = payout.Find(tx, batch); err != nil {
			return err
		}
		if rows, err = payout.Payouts(tx, batch); err != nil {
			return err
		}
		names, err = people.Names(tx, b.CreatedBy)
		return err
	})
	if err != nil {
		return err
	}
	where := part.PayoutWay(s.number(), batch.String())
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.Payout{Frame: f, Number: b.Number, At: b.CreatedAt, By: names[b.CreatedBy], State: shownState(batchStates, b.State, b.Layout), Minor: b.Total,
			Currency: b.Currency, Form: was.main, Mine: b.CreatedBy == s.p.ID, Approve: b.State == payout.Draft}
		v.Form.Action, v.Form.Key = where, newKey()
		if b.CreatedBy == people.System.ID {
			v.By = f.T("payout.by_schedule")
		}
		if b.FileKey != "" {
			v.File = where + "/file"
		}
		more := page.PayoutFurther{Frame: f, Currency: b.Currency, SHA256: b.FileSHA256, Upload: was.upload, Back: was.back, Recall: was.recall, Cancel: was.cancel}
		for _, o := range rows {
			if o.State == payout.Cancelled && b.State != payout.Cancelled {
				more.LeftOut = append(more.LeftOut, page.LeftOut{Name: o.Payee, Reason: o.Reason, Minor: o.Amount})
				continue
			}
			v.Rows = append(v.Rows, page.PayoutItem{ID: o.ID.String(), Name: o.Payee, Bank: o.Bank, Tail: o.Tail, Hand: o.Hand, Minor: o.Amount,
				State: shownState(payoutStates, o.State, b.Layout), Why: payoutWhy(f.Reader, o), Marks: marks(o), Status: waiting(f.Reader, o), Key: newKey()})
			if o.State == payout.Paid && b.Layout != payout.Cash && !o.Recalled {
				more.Paid = append(more.Paid, part.Option{Value: o.ID.String(), Label: o.Payee + " · " + f.Reader.Money(o.Amount, b.Currency)})
			}
		}
		switch {
		case b.Layout == payout.Cash:
			v.Cash = s.way(cashWay) + "#out"
		case b.Layout == payout.Transfers:
			v.Sent = true
		case b.State == payout.Submitted:
			more.Upload.Action, more.Upload.Key = where+"/answers", newKey()
		}
		if len(more.Paid) > 0 && v.Sent {
			more.Recall.Action, more.Recall.Key, more.Recall.ID = where, newKey(), "recall-"
		} else if len(more.Paid) > 0 {
			more.Back.Action, more.Back.Key, more.Back.ID = where, newKey(), "back-"
		}
		if b.State == payout.Draft {
			more.Cancel.Action, more.Cancel.Key = where, newKey()
		}
		v.Frame.After = more.View()
		return v.View()
	})
}

// payoutFate is what happens to a batch or to one of its payouts.
func (d *desk) payoutFate(c *fiber.Ctx, s seat) error {
	batch, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	word, pairs, err := d.fate(c, s, batch)
	if err == nil {
		return d.done(c, part.PayoutWay(s.number(), batch.String()), word, pairs...)
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"number": "", "reason": ""}))
	was := batchForms{}
	switch c.FormValue("fate") {
	case "returned":
		was.back = form
	case "recall":
		was.recall = form
	case "cancel":
		was.cancel = form
	default:
		was.main = form
	}
	return d.showPayout(c, s, status, batch, was)
}

// fate does it and gives the word that says so.
func (d *desk) fate(c *fiber.Ctx, s seat, batch id.ID) (string, []any, error) {
	ctx := c.UserContext()
	said := typed(c)
	switch said["fate"] {
	case "approve":
		b, err := d.Payouts.Approve(ctx, s.m.ID, batch, s.p.ID)
		if err == nil && len(b.Skipped) > 0 {
			return "some_left_out", []any{"count", len(b.Skipped)}, nil
		}
		if b.Layout == payout.Transfers {
			return "transferring", nil, err
		}
		return "approved", nil, err
	case "cancel":
		return "cancelled", nil, d.Payouts.Cancel(ctx, s.m.ID, batch, s.p.ID, said["why"])
	case "paid", "failed":
		return "answered", nil, d.answer(ctx, c, s, batch, said)
	case "returned", "recall":
		item, err := row(said["item"])
		if err == nil && said["why"] == "" {
			err = fault.Invalid("why", "required")
		}
		if err == nil {
			err = d.inBatch(c, s, batch, item)
		}
		if err == nil {
			if said["fate"] == "recall" {
				err = d.Payouts.Recall(ctx, s.m.ID, item, s.p.ID, said["why"])
				d.Worker.Wake()
				return "recalled", nil, err
			}
			err = d.Payouts.Returned(ctx, s.m.ID, item, said["why"], s.p.ID)
		}
		return "returned", nil, err
	}
	return "", nil, fault.Invalid("fate", "invalid").On("")
}

// answer notes one row's fate, or, without a row, that all the others are paid.
func (d *desk) answer(ctx context.Context, c *fiber.Ctx, s seat, batch id.ID, said map[string]string) error {
	var rows []payout.Answer
	if said["item"] != "" {
		item, err := row(said["item"])
		if err != nil {
			return err
		}
		rows = append(rows, payout.Answer{Payout: item, State: said["fate"], Reason: said["why"]})
	} else if said["fate"] == "paid" {
		err := d.view(c, s, func(tx *storage.Tx) error {
			all, err := payout.Payouts(tx, batch)
			for _, o := range all {
				if o.State == payout.InTransit {
					rows = append(rows, payout.Answer{Payout: o.ID, State: payout.Paid})
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err := d.Payouts.Answer(ctx, d.key(c, s), s.m.ID, batch, payout.Answers{Rows: rows})
	return err
}

// inBatch refuses a payout that is another batch's.
func (d *desk) inBatch(c *fiber.Ctx, s seat, batch, item id.ID) error {
	return d.view(c, s, func(tx *storage.Tx) error {
		all, err := payout.Payouts(tx, batch)
		for _, o := range all {
			if o.ID == item {
				return nil
			}
		}
		if err == nil {
			err = fault.NotFound("payout_unknown")
		}
		return err
	})
}

// answers takes the bank's answers as a file.
func (d *desk) answers(c *fiber.Ctx, s seat) error {
	batch, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	data, err := upload(c, "file")
	if err != nil {
		return err
	}
	if data == nil {
		err = fault.Invalid("file", "required")
	} else {
		_, err = d.Payouts.AnswerFile(c.UserContext(), d.key(c, s), s.m.ID, batch, data)
	}
	if err == nil {
		return d.done(c, part.PayoutWay(s.number(), batch.String()), "answered")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, map[string]string{"number": "file", "": "file"}))
	return d.showPayout(c, s, status, batch, batchForms{upload: form})
}

// bankFile gives the file that goes to the bank. It holds account numbers, so
// the trail says who took it.
func (d *desk) bankFile(c *fiber.Ctx, s seat) error {
	batch, err := row(c.Params("id"))
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	f, err := d.Payouts.File(ctx, s.m.ID, batch)
	if err != nil {
		return err
	}
	err = d.DB.Update(ctx, s.m.ID, func(tx *storage.Tx) error {
		trail.Write(tx, s.p.ID, "payout.file", "payout_batch:"+batch.String(), "")
		return nil
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.Type)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.Name+`"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(f.Data)
}
