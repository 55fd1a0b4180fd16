package api

import (
	"reflect"
	"strconv"
	"time"

	"commonfield/agents/payout"
	"commonfield/agents/region"
)

type payoutList struct {
	Due      []dueRow `json:"due" doc:"what a draft made now would pick and leave out"`
	Items    []Batch  `json:"items" doc:"batches, the newest first"`
	Next     string   `json:"next"`
	Currency string   `json:"currency"`
}

type dueRow struct {
	Payee  string `json:"payee"`
	Name   string `json:"name"`
	Amount int64  `json:"amount_minor"`
	Reason string `json:"reason" doc:"empty: would be paid; else why not"`
	Hand   string `json:"hand,omitempty" doc:"id of the payee who would hand it over in cash"`
	Way    string `json:"way,omitempty" enum:"cash,transfers" doc:"empty: by the bank"`
}

// Batch is a set of payouts.
type Batch struct {
	Market     string     `json:"market"`
	ID         string     `json:"id"`
	Number     string     `json:"number"`
	State      string     `json:"state" enum:"draft,approved,submitted,closed,cancelled"`
	Layout     string     `json:"layout" doc:"of the bank file; cash, transfers: there is none"`
	Currency   string     `json:"currency"`
	Total      int64      `json:"total_minor"`
	Payouts    int        `json:"payouts"`
	SHA256     string     `json:"file_sha256,omitempty"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	ApprovedBy string     `json:"approved_by,omitempty"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
	Skipped    []dueRow   `json:"skipped" doc:"left out by this request"`
}

type batchShown struct {
	Batch
	Rows []payoutRow `json:"rows"`
}

type payoutRow struct {
	ID        string    `json:"id"`
	Number    string    `json:"number" doc:"in the bank file"`
	Batch     string    `json:"batch"`
	Payee     string    `json:"payee"`
	Name      string    `json:"name"`
	Bank      string    `json:"bank"`
	Tail      string    `json:"number_tail" doc:"the last digits of the account"`
	Hand      string    `json:"hand,omitempty" doc:"who hands it over in cash; then there is no account"`
	Gateway   string    `json:"gateway,omitempty" doc:"that transfers it; then there is no number"`
	Transfer  string    `json:"transfer,omitempty" doc:"the gateway's own name of it"`
	Recalled  bool      `json:"recalled,omitempty" doc:"it is being asked back"`
	Amount    int64     `json:"amount_minor"`
	Currency  string    `json:"currency"`
	State     string    `json:"state" enum:"draft,approved,in_transit,paid,failed,returned,cancelled"`
	Reason    string    `json:"reason"`
	Status    string    `json:"bank_status" doc:"what the bank last said of one in transit"`
	First     bool      `json:"first" doc:"the payee was never paid before"`
	Changed   bool      `json:"changed" doc:"to another account than last time"`
	Large     bool      `json:"large" doc:"as large as the market's rules say"`
	ChangedAt time.Time `json:"changed_at"`
}

func showDue(r payout.Ready) dueRow {
	return dueRow{r.Payee.String(), r.Name, r.Amount, r.Reason, text(r.Hand), r.Way}
}

func showPayoutBatch(m region.Market, b payout.Batch) Batch {
	return Batch{Market: m.Code, ID: b.ID.String(), Number: b.Number, State: b.State, Layout: b.Layout, Currency: b.Currency, Total: b.Total, Payouts: b.Payouts, SHA256: b.FileSHA256,
		CreatedBy: b.CreatedBy.String(), CreatedAt: b.CreatedAt, ApprovedBy: text(b.ApprovedBy), ApprovedAt: b.ApprovedAt,
		Skipped: listed(b.Skipped, func(o payout.Skipped) dueRow {
			return dueRow{Payee: o.Payee.String(), Name: o.Name, Amount: o.Amount, Reason: o.Reason}
		}).Items}
}

func showPayout(o payout.Payout, currency string) payoutRow {
	return payoutRow{o.ID.String(), o.Number(), o.BatchID.String(), o.PayeeID.String(), o.Payee, o.Bank, o.Tail, o.Hand, o.Gateway, o.Transfer, o.Recalled, o.Amount, currency, o.State, o.Reason, o.Status, o.First, o.Changed, o.Large, o.ChangedAt}
}

func itoa(i int) string { return strconv.Itoa(i) }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
