package sandbox_test

import (
	"testing"

	"commonfield/marketplace/payment/paymenttest"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/storage"
	"commonfield/storage/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func TestTheSandboxKeepsWhatEveryGatewayKeeps(t *testing.T) {
	db, market := dbtest.Open(t)
	g := sandbox.New(db)
	paymenttest.Run(t, paymenttest.Case{Gateway: g, Market: market, Now: db.Now,
		Pay: func(object string) bool { return g.Pay(t.Context(), market, object, sandbox.News{}) == nil },
		Save: func(object string, declines bool) bool {
			return g.Pay(t.Context(), market, object, sandbox.News{Declines: declines}) == nil
		},
		Given: func(object string) (sum int64) {
			err := db.View(t.Context(), market, func(tx *storage.Tx) error {
				return tx.Get(&sum, "SELECT coalesce(sum(amount_minor), 0) FROM sandbox_refunds WHERE market_id = $1 AND object_id = $2 AND state = 'succeeded'", market, object)
			})
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}})
}
