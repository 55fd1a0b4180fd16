package payment

import (
	"encoding/json"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/money"
)

// Share is one market's part of a payment over several.
type Share struct {
	Market int32 `db:"of_market" json:"market"`
	Sale   id.ID `db:"sale_id" json:"sale"`
	Amount int64 `db:"amount_minor" json:"amount_minor"`
	Fee    int64 `db:"fee_minor" json:"-"` // of the gateway's fee, once it is captured
}

func writeShares(tx *storage.Tx, payment id.ID, shares []Share) {
	if len(shares) == 0 {
		return
	}
	var markets pq.Int32Array
	var sales []id.ID
	var amounts pq.Int64Array
	for _, s := range shares {
		markets, sales, amounts = append(markets, s.Market), append(sales, s.Sale), append(amounts, s.Amount)
	}
	tx.Queue(`INSERT INTO payment_shares (market_id, payment_id, of_market, sale_id, amount_minor)
		SELECT $1::int, $2::uuid, u.* FROM unnest($3::int[], $4::uuid[], $5::bigint[]) AS u`, tx.Market, payment, markets, ids(sales), amounts)
}

// Elsewhere gives the other markets' shares of a payment that is at home here;
// no query where there are none.
func (p Payment) Elsewhere(tx *storage.Tx) ([]Share, error) {
	if p.Shares == 0 {
		return nil, nil
	}
	var shares []Share
	err := tx.Select(&shares, "SELECT of_market, sale_id, amount_minor, fee_minor FROM payment_shares WHERE market_id = $1 AND payment_id = $2 ORDER BY of_market", tx.Market, p.ID)
	return shares, err
}

// Split is every market's share of a payment that is at home here, the home
// market's first; none where the payment has one market only.
func (p Payment) Split(tx *storage.Tx) ([]Share, error) {
	others, err := p.Elsewhere(tx)
	if err != nil || len(others) == 0 {
		return nil, err
	}
	return append([]Share{{Market: p.Home, Sale: p.Sale, Amount: p.Own(others)}}, others...), nil
}

// Own is what of the sum is the home market's own.
func (p Payment) Own(others []Share) int64 {
	own := p.Due
	for _, s := range others {
		own -= s.Amount
	}
	return own
}

// ShareFee splits what the gateway keeps over the markets by largest remainder,
// writes each other market's part down, and gives the home market's.
func ShareFee(tx *storage.Tx, p Payment, others []Share, fee int64) (own int64) {
	if len(others) == 0 || fee == 0 {
		return fee
	}
	weights := []int64{p.Own(others)}
	for _, s := range others {
		weights = append(weights, s.Amount)
	}
	parts := money.Split(fee, weights)
	var markets pq.Int32Array
	for i := range others {
		others[i].Fee = parts[i+1]
		markets = append(markets, others[i].Market)
	}
	tx.Queue(`UPDATE payment_shares s SET fee_minor = u.fee FROM unnest($3::int[], $4::bigint[]) AS u (of, fee)
		WHERE s.market_id = $1 AND s.payment_id = $2 AND s.of_market = u.of`, tx.Market, p.ID, markets, pq.Int64Array(parts[1:]))
	return parts[0]
}

// Never writes into the home market that a payment will not come to be: it
// stands there closed, over nothing and for nothing, and whoever still wants to
// write it meets it. Twice is once; a payment that is there stays as it is. Nobody
// pays it, so its reference is its id: a short one might be another payment's, and
// the word would be lost.
func Never(tx *storage.Tx, payment id.ID, gateway, currency string) {
	tx.Queue(`INSERT INTO payments (market_id, id, home_market, sale_id, gateway, reference, currency, due_minor, state, created_at, expires_at)
		VALUES ($1, $2, $1, $2, $3, $4, $5, 0, 'closed', $6, $6) ON CONFLICT DO NOTHING`,
		tx.Market, payment, gateway, payment.String(), currency, tx.Now)
}

// Met says whether writing a payment met one of the same id, the word of Never, or
// by chance one of the same reference: under this id it will not come to be.
func Met(err error) bool {
	return storage.Violates(err, "payments_pkey") || storage.Violates(err, "payments_reference")
}

// Reference is what a payer writes on a transfer.
func Reference(payment id.ID) string { return "CF" + id.Short(payment) }

// Told writes shares as a gateway keeps them, in metadata.
func Told(shares []Share) string {
	if len(shares) == 0 {
		return ""
	}
	b, err := json.Marshal(shares)
	if err != nil {
		return "" // what was not told is refused by whoever hears it
	}
	return string(b)
}

// Heard reads what Told has written.
func Heard(text string) ([]Share, error) {
	if text == "" {
		return nil, nil
	}
	var shares []Share
	return shares, json.Unmarshal([]byte(text), &shares)
}
