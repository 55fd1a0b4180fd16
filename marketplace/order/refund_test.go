package order

import (
	"testing"

	"pgregory.net/rapid"

	"commonfield/storage/fault"
	"commonfield/storage/money"
)

// A refund history of any length: no share is ever negative or grows, and
// when everything was given back, every share is exactly zero.
func TestRandomRefundHistoriesNeverGiveANegativeShareAndEndExact(t *testing.T) {
	histories := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 200 { // 100 checks × 200 = 20,000 histories
			histories++
			o := randomOrder(t)
			whole := int64(0)
			for _, l := range o.Lines {
				whole += l.Total
			}
			var back Shares
			for range 40 {
				no := rapid.IntRange(1, len(o.Lines)).Draw(t, "line")
				left := o.Lines[no-1].Left.Sum()
				if left == 0 {
					continue
				}
				before := o.Lines[no-1].Left
				taken, err := o.take([]Part{{Line: no, Amount: rapid.Int64Range(1, left).Draw(t, "amount")}})
				if err != nil {
					t.Fatal(err)
				}
				total, _ := sum(taken)
				after := o.Lines[no-1].Left
				for i, share := range total.list() {
					if share < 0 || after.list()[i] < 0 || after.list()[i] > before.list()[i] {
						t.Fatalf("share %d went from %d to %d by a refund of %d", i, before.list()[i], after.list()[i], share)
					}
				}
				back = back.plus(total)
			}
			for _, l := range o.Lines {
				taken, err := o.take([]Part{{Line: l.No}})
				if err != nil {
					t.Fatal(err)
				}
				total, _ := sum(taken)
				back = back.plus(total)
			}
			for _, l := range o.Lines {
				if l.Left != (Shares{}) {
					t.Fatalf("line %d still has %+v", l.No, l.Left)
				}
			}
			if back.Sum() != whole {
				t.Fatalf("%d of %d came back", back.Sum(), whole)
			}
		}
	})
	if histories < 20_000 {
		t.Fatalf("only %d histories were tried", histories)
	}
}

func randomOrder(t *rapid.T) *Order {
	o := &Order{}
	for i := range rapid.IntRange(1, 3).Draw(t, "lines") {
		total := rapid.Int64Range(1, 100_000).Draw(t, "total")
		tax := money.Included(total, int32(rapid.IntRange(0, 1300).Draw(t, "tax")))
		fee := money.Part(total, int32(rapid.IntRange(0, 1000).Draw(t, "fee")))
		agent := money.Part(total-tax, int32(rapid.IntRange(0, 1500).Draw(t, "rate")))
		if tax+fee+agent > total {
			tax, fee, agent = 0, 0, 0
		}
		l := Line{No: i + 1, Total: total, Tax: tax, Fee: fee, AgentShare: agent, SellerShare: total - tax - fee - agent}
		l.Left = Shares{l.SellerShare, l.AgentShare, l.Fee, l.Tax}
		o.Lines = append(o.Lines, l)
	}
	return o
}

func TestARefundBeyondWhatIsLeftIsRefusedWithWhatIsLeft(t *testing.T) {
	o := &Order{Currency: "CNY", Lines: []Line{{No: 1, Total: 100, SellerShare: 100, Left: Shares{Seller: 100}}}}
	if _, err := o.take([]Part{{Line: 1, Amount: 60}}); err != nil {
		t.Fatal(err)
	}
	_, err := o.take([]Part{{Line: 1, Amount: 41}})
	f, ok := fault.As(err)
	if !ok || f.Code != "refund_too_large" || f.Args["left"] != int64(40) || f.Args["currency"] != "CNY" {
		t.Fatalf("got %v", err)
	}
	if _, err := o.take([]Part{{Line: 2, Amount: 1}}); !fault.Has(err, "no_such_line") {
		t.Fatalf("got %v", err)
	}
}
