// Package paper is what an order leaves on paper: a receipt when its money has
// come, the seller's statement of sale when the goods go, a credit note for what
// goes back. Each is numbered without a gap in its market and series, is issued
// once, says what order and charges said at that moment, and never changes.
//
// None of them is a fapiao: in China the tax system issues those. The seller may
// enter its number beside the statement of sale (Enter).
//
// It promises that receipt − credit notes is what the buyer has paid in the end,
// and that no order waits for a number: papers are issued by the jobs that tell of
// a deed, after its commit (docs/decisions/0025). Who may see them, the door says;
// whose name and address stand on them is read with the order, sealed as it is.
package paper

import (
	"encoding/json"
	"fmt"
	"time"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Kind is what a paper is, and its series.
type Kind string

// The kinds.
const (
	Receipt Kind = "receipt" // the market has received the buyer's money
	Sale    Kind = "sale"    // what the seller has sent, and what it came to
	Credit  Kind = "credit"  // so much of it went back
)

// letters tell the series in a number.
var letters = map[Kind]string{Receipt: "R", Sale: "S", Credit: "C"}

// Paper is one paper as it was issued.
type Paper struct {
	ID       id.ID     `db:"id"`
	Kind     Kind      `db:"kind"`
	No       int64     `db:"no"`
	Order    id.ID     `db:"order_id"`
	Source   string    `db:"source"`
	Of       *id.ID    `db:"of_paper"`
	Refund   *id.ID    `db:"refund_id"`
	Charges  int       `db:"charges"`
	Currency string    `db:"currency"`
	Amount   int64     `db:"amount_minor"`
	Written  []byte    `db:"says"`
	At       time.Time `db:"issued_at"`
	OfKind   *Kind     `db:"of_kind"` // of a credit note: what it lessens
	OfNo     *int64    `db:"of_no"`
	Invoice  string    `db:"invoice"` // the tax system's number, where the seller entered one

	Says `db:"-"`
}

// Says is what stands on a paper beside its sum.
type Says struct {
	Market    string   `json:"market"` // who runs the market
	MarketEN  string   `json:"market_en,omitempty"`
	Operator  string   `json:"operator,omitempty"`
	Licence   string   `json:"licence,omitempty"`
	Seller    string   `json:"seller,omitempty"`
	SellerEN  string   `json:"seller_en,omitempty"`
	Exempt    string   `json:"seller_exemption,omitempty"`
	SellerNo  string   `json:"seller_licence,omitempty"`
	Order     string   `json:"order"`
	Reference string   `json:"reference,omitempty"` // of the payment
	Way       string   `json:"way,omitempty"`
	Label     string   `json:"label,omitempty"` // of a credit note: why, as its charges are labelled
	Tax       int64    `json:"tax_minor"`
	Lines     []Line   `json:"lines"`
	Besides   []Beside `json:"besides,omitempty"`
}

// Covered says whether a contract pays for the order: nothing was paid for it alone.
func (s Says) Covered() bool { return s.Way == "contract" }

// Line is goods; Amount is what the buyer pays for them, after Off was taken off.
type Line struct {
	Title    string `json:"title"`
	TitleEN  string `json:"title_en,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Quantity int64  `json:"quantity,omitempty"` // base units
	Price    int64  `json:"price_minor,omitempty"`
	Off      int64  `json:"off_minor,omitempty"`
	Amount   int64  `json:"amount_minor"`
}

// Beside is what comes beside the goods: a delivery, a fee.
type Beside struct {
	Label  string `json:"label"`
	Amount int64  `json:"amount_minor"`
}

// Number is how a paper is named: YL-R-000012.
func (p Paper) Number(m region.Market) string { return number(m, p.Kind, p.No) }

// OfNumber names the paper that a credit note lessens.
func (p Paper) OfNumber(m region.Market) string {
	if p.OfKind == nil || p.OfNo == nil {
		return ""
	}
	return number(m, *p.OfKind, *p.OfNo)
}

func number(m region.Market, k Kind, no int64) string {
	return fmt.Sprintf("%s-%s-%06d", m.Code, letters[k], no)
}

const columns = `p.id, p.kind, p.no, p.order_id, p.source, p.of_paper, p.refund_id, p.charges, p.currency, p.amount_minor, p.says, p.issued_at,
	o.kind AS of_kind, o.no AS of_no,
	COALESCE((SELECT t.number FROM tax_invoices t WHERE t.market_id = p.market_id AND t.paper_id = p.id ORDER BY t.id DESC LIMIT 1), '') AS invoice
	FROM papers p LEFT JOIN papers o ON o.market_id = p.market_id AND o.id = p.of_paper `

// Of lists the papers of an order in the order of its life.
func Of(tx *storage.Tx, order id.ID) ([]Paper, error) {
	var all []Paper
	if err := tx.Select(&all, "SELECT "+columns+"WHERE p.market_id = $1 AND p.order_id = $2 ORDER BY p.id", tx.Market, order); err != nil {
		return nil, err
	}
	for i := range all {
		if err := json.Unmarshal(all[i].Written, &all[i].Says); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Find gives one paper of an order.
func Find(tx *storage.Tx, order, paper id.ID) (Paper, error) {
	var p Paper
	err := tx.Get(&p, "SELECT "+columns+"WHERE p.market_id = $1 AND p.order_id = $2 AND p.id = $3", tx.Market, order, paper)
	if err == storage.ErrNone {
		return p, fault.NotFound("not_found")
	}
	if err == nil {
		err = json.Unmarshal(p.Written, &p.Says)
	}
	return p, err
}
