package ordermodel

import "commonfield/storage/money"

// Terms are one seller's: what a delivery costs, and what is taken off.
type Terms struct {
	First, Further, FreeFrom int64
	OffBP                    int32
	OffFrom                  int64
	Pickup                   bool // there is a point
	Cash                     bool // what is sold may be paid when it arrives
	Hand                     int  // the payee who collects
}

// price shares each line out, after what is taken off, and adds the delivery.
func (m *Model) price(o *Order) {
	on := m.Terms[o.Seller]
	var goods, grams int64
	worth := make([]int64, len(o.Lines))
	for i, l := range o.Lines {
		worth[i] = l.total
		goods += l.total
		grams += l.Grams
	}
	off := make([]int64, len(o.Lines))
	if on.OffBP > 0 && goods >= on.OffFrom {
		off = money.Split(money.Part(goods, on.OffBP), worth)
	}
	for i := range worth {
		worth[i] -= off[i]
		goods -= off[i]
	}
	gift := money.Split(money.Part(goods, m.GiftBP), worth)
	for i, l := range o.Lines {
		l.Left[2], l.Left[3] = money.Part(worth[i], feeBP), money.Included(worth[i], m.TaxBP)
		if o.Agent {
			l.Left[1] = money.Part(worth[i]-l.Left[3], commissionBP)
		}
		l.Left[0] = worth[i] - l.Left[1] - l.Left[2] - l.Left[3]
		l.Gift, l.cost = gift[i], worth[i]-gift[i]
	}
	o.free = on.FreeFrom > 0 && goods >= on.FreeFrom
	if on.First > 0 && !o.free && !o.Comes {
		costs := m.brings(o.Seller, grams)
		// The tax is of all that the order comes to; what its lines do not have of it is the delivery's.
		o.Bring[3] = money.Included(goods+costs, m.TaxBP)
		for _, l := range o.Lines {
			o.Bring[3] -= l.Left[3]
		}
		o.Bring[3] = min(max(o.Bring[3], 0), costs)
		o.Bring[0] = costs - o.Bring[3]
	}
}

func sum(of [4]int64) int64 { return of[0] + of[1] + of[2] + of[3] }
