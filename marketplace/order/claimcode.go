package order

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"commonfield/storage"
	"commonfield/storage/id"
)

// Number and phone stand on every parcel: whoever carries it, or finds its box,
// knows both. They are enough to look at an order; to take it over, confirm its
// receipt and so release its money, one must also know the claim code, which only
// the guest's own browser shows.
//
// The code is no row of its own: it is drawn from the sealed address of the
// checkout's home basket, whose nonce nobody can guess, so placing an order costs
// nothing more.

// ClaimCode gives the code of a guest's checkout, to show to that guest alone; ""
// for one that is somebody's already, and for one that nobody pays.
func (p *Pipeline) ClaimCode(ctx context.Context, o Order) (string, error) {
	if o.Payment == id.None {
		return "", nil
	}
	due, _, err := p.home(ctx, o.Market, o.Payment)
	if err != nil {
		return "", err
	}
	var known bool
	if err := p.db.View(ctx, o.Market, func(tx *storage.Tx) error {
		return tx.Get(&known, "SELECT EXISTS (SELECT 1 FROM people WHERE id = $1)", o.Buyer)
	}); err != nil || known {
		return "", err
	}
	return p.claimCode(ctx, due.Home, o.Payment)
}

func (p *Pipeline) claimCode(ctx context.Context, home int32, pay id.ID) (string, error) {
	var sealed []byte
	err := p.db.View(ctx, home, func(tx *storage.Tx) error {
		return tx.Get(&sealed, "SELECT deliver_to_sealed FROM baskets WHERE market_id = $1 AND payment_id = $2", home, pay)
	})
	if err != nil || len(sealed) == 0 {
		return "", err
	}
	sum := sha256.Sum256(append([]byte("claim:"+pay.String()+":"), sealed...))
	code := id.Short(id.ID(sum[:16]))
	return code[:4] + "-" + code[4:], nil
}

// says compares a code as it was typed, with or without its dash and in small
// letters, in a time that tells nothing. A checkout without a code has none that fits.
func says(typed, code string) bool {
	tidy := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")
	a, b := tidy.Replace(strings.ToUpper(typed)), tidy.Replace(code)
	return code != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
