package dispute

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// Said is what one side says and shows: keys of pictures that Show has taken.
type Said struct {
	Text   string
	Photos []string
}

// Complaint is what a buyer complains of.
type Complaint struct {
	Said
	Lines  []int // none: all of the order
	Reason string
}

// Show takes a picture as evidence and gives its key. Taking it twice is taking
// it once; what is refused, catalog/photo says.
func (r *Room) Show(ctx context.Context, data []byte) (string, error) {
	return r.evidence.Take(ctx, data)
}

// Complain opens a dispute about an order, by its buyer, and freezes its money.
// The same key gives the same dispute. Refusals: dispute_not_now before it was
// shipped or 30 days after it was completed; dispute_only_missing for what is on
// its way and is said to be anything but not arrived; dispute_open while there is
// one; dispute_returning while goods go back; dispute_decided for a line whose complaint has been decided; dispute_nothing
// when nothing is left to give back.
func (r *Room) Complain(ctx context.Context, key once.Key, by order.By, ref order.Ref, c Complaint) (id.ID, error) {
	if by.As != order.AsBuyer {
		return id.None, fault.Forbidden("dispute_not_yours")
	}
	said, err := r.said(ctx, c.Said, true)
	if !slices.Contains(Reasons, c.Reason) {
		err = fault.All(err, fault.Invalid("reason", "required"))
	}
	if err != nil {
		return id.None, err
	}
	return once.Do(ctx, r.db, ref.Market, key, func(tx *storage.Tx) (id.ID, error) {
		o, err := r.orders.Hold(tx, ref)
		if err != nil {
			return id.None, err
		}
		if o.Buyer != by.ID {
			return id.None, fault.Forbidden("dispute_not_yours")
		}
		if going, err := order.FrozenFor(tx, o.ID, "return"); err != nil || going {
			if err == nil {
				err = fault.Conflict("dispute_returning")
			}
			return id.None, err
		}
		lines, err := r.complainable(tx, o, c)
		if err != nil {
			return id.None, err
		}
		d := Dispute{Market: o.Market, ID: id.New(), Order: o.ID, State: Opened, Reason: c.Reason, Lines: lines, OpenedBy: by.ID, OpenedAt: tx.Now,
			AnswerBy: tx.Now.Add(answerTime), EscalateAt: tx.Now.Add(escalateTime)}
		if d.Freeze, err = order.Freeze(tx, o.ID, "dispute", by.ID); err != nil {
			return id.None, err
		}
		tx.Queue(`INSERT INTO disputes (market_id, id, order_id, freeze_id, state, reason, lines, opened_by, opened_at, answer_by, escalate_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			tx.Market, d.ID, d.Order, d.Freeze, d.State, d.Reason, d.Lines, d.OpenedBy, d.OpenedAt, d.AnswerBy, d.EscalateAt)
		say(tx, d.ID, by, said, 0)
		tell(tx, d, "opened", by.ID)
		for _, at := range []struct {
			step string
			when time.Time
		}{{stepWaits, d.AnswerBy.Add(-24 * time.Hour)}, {stepSilent, d.AnswerBy}, {stepEscalate, d.EscalateAt}} {
			jobs.Add(tx, JobTimer, d.ID.String()+":"+at.step, timerJob{Dispute: d.ID, Order: d.Order, Step: at.step}, at.when)
		}
		return d.ID, nil
	})
}

// complainable gives the lines that the complaint is of, or why it cannot be made.
func (r *Room) complainable(tx *storage.Tx, o order.Order, c Complaint) (pq.Int64Array, error) {
	if err := Openable(o, tx.Now); err != nil {
		return nil, err
	}
	if o.State == order.Shipped && c.Reason != NotArrived {
		return nil, fault.Invalid("reason", "dispute_only_missing")
	}
	before, err := of(tx, o.ID)
	if err != nil {
		return nil, err
	}
	done := map[int64]bool{}
	for _, d := range before {
		if d.Open() {
			return nil, fault.Conflict("dispute_open")
		}
		for _, no := range d.Lines {
			done[no] = done[no] || d.State == Settled || d.State == Decided
		}
	}
	wanted := slices.Clone(c.Lines)
	slices.Sort(wanted)
	var lines pq.Int64Array
	var left int64
	for _, l := range o.Lines {
		if len(wanted) > 0 && !slices.Contains(wanted, l.No) || len(wanted) == 0 && (done[int64(l.No)] || l.Back() == 0) {
			continue
		}
		if done[int64(l.No)] {
			return nil, fault.Conflict("dispute_decided")
		}
		lines, left = append(lines, int64(l.No)), left+l.Back()
	}
	switch {
	case len(slices.Compact(wanted)) > len(lines) && len(wanted) > 0:
		return nil, fault.Invalid("lines", "no_such_line", fault.Args{"line": wanted[len(wanted)-1]})
	case left == 0:
		return nil, fault.Conflict("dispute_nothing")
	}
	return lines, nil
}

// said checks words and pictures; something must be said, or at least shown where
// no words are needed.
func (r *Room) said(ctx context.Context, s Said, needed bool) (Said, error) {
	s.Text = written.Plain(s.Text)
	var wrong []error
	switch {
	case s.Text == "" && (needed || len(s.Photos) == 0):
		wrong = append(wrong, fault.Invalid("text", "required"))
	case len([]rune(s.Text)) > MostText:
		wrong = append(wrong, fault.Invalid("text", "too_long", fault.Args{"most": MostText}))
	}
	photos, err := r.evidence.Check(ctx, s.Photos)
	s.Photos = photos
	return s, fault.All(append(wrong, err)...)
}

func say(tx *storage.Tx, dispute id.ID, by order.By, s Said, offer int64) {
	tx.Queue(`INSERT INTO dispute_words (market_id, dispute_id, id, said_as, said_by, text, photos, offer_minor, said_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.Market, dispute, id.New(), string(by.As), by.ID, s.Text, pq.Array(append([]string{}, s.Photos...)), offer, tx.Now)
}
