package page

import (
	"time"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

// Who looks at an order.
const (
	AsBuyer  = "buyer"
	AsSeller = "seller"
	AsOther  = "watcher" // an operator, or the agent
)

// Order is one order with everything about it.
type Order struct {
	Frame      part.Frame
	Market, ID string
	Number     string
	As         string // AsBuyer, AsSeller or AsOther
	State      string
	Cash       bool   // cash on delivery
	Hand       string // who collects it
	CashDue    int64  // what is to be paid when it arrives
	Way        string // "card", "transfer", "cash"
	Due        time.Time
	SendBy     time.Time // of what was taken on and not sent: by when it is to be
	Late       bool      // and that day is past
	Asked      bool      // the buyer asked the seller to end it
	Why        string    // of a cancelled order: "buyer", "declined", "silent", "operator", "payment", "late", "overdue", "lost", "returned"
	Buyer      Someone
	Seller     Someone
	Agent      Someone
	Address    string // for buyer, seller and operator
	Note       string // the buyer's word to the seller
	Phone      string
	ClaimCode  string // to a guest, who may make an account theirs with it
	Lines      []OrderLine
	Charges    []Charge // delivery and whatever else changes the sum; the lines' shortages are not repeated here
	Goods      int64    // the lines as they stand now
	Total      int64
	Paid       int64
	Covered    bool // by a contract: nobody pays it
	Currency   string
	Parts      part.Parts
	SelfDealt  bool // the buyer turned out to be the agent, whose part is the seller's
	Refunds    []Refund
	Shipments  []Shipment
	LabelsHref string   // of several parcels, for whoever sends them
	History    []Change // the newest first
	May        Moves
	Papers     []PaperRow
	Pickup     Pickup
	Dispute    string // "may": the buyer may complain; "open": a complaint is open; "past": there was one
	Return     string // "may": the buyer may give goods back; "open": a return is open; "past": there was one
	Talk       TalkSign
	Form       part.Form // of the move that was refused, if any; Action is ignored
	Keys       map[string]string
	MadeAt     time.Time
}

// OrderLine is what was ordered and what was packed.
type OrderLine struct {
	ID          string // its number
	Title, Href string
	Picture     part.Picture
	Unit        string
	Price       int64
	Ordered     int64 // base units
	Part        bool  // the seller has taken on Taken of it only
	Taken       int64 // base units
	Packed      int64 // base units; below zero: not packed yet
	Minor       int64 // what it costs now
	Refunded    int64 // what was given back because less was packed
}

// Charge is another sum on the order; Label is finished.
type Charge struct {
	Label string
	Minor int64
}

// Charge adds a sum under a label; the same label is one row.
func (v *Order) Charge(label string, minor int64) {
	v.Total += minor
	for i := range v.Charges {
		if v.Charges[i].Label == label {
			v.Charges[i].Minor += minor
			return
		}
	}
	v.Charges = append(v.Charges, Charge{label, minor})
}

// Refund is money on its way back to the buyer. Why is a key under "refund_why.".
type Refund struct {
	Number string // of the order, where it is not that order's page
	At     time.Time
	Minor  int64
	Why    string
	Done   bool
}

// Shipment is a parcel on its way.
type Shipment struct {
	ID              string
	State           string // "sent", "arrived", "lost", "returned"
	Why             string
	What            string // what it holds, where there are several
	Carrier, Number string
	At              time.Time
}

// Pickup is where an order is picked up, or could be.
type Pickup struct {
	Chosen               bool // else it is sent
	Name, Address, Hours string
	Code                 string // to the buyer alone, when the goods are there
	Back                 int64  // of the delivery, what goes back when it is chosen
}

// Change is a line of the history; From is empty for the first.
type Change struct {
	At   time.Time
	To   string
	Who  string // a name, or empty for the program itself
	Note string
}

// Moves are what the visitor may do now.
type Moves struct {
	Pay, Cancel, Accept, Decline, Pack, Ship, Deliver, Confirm, Refund bool
	Arrive, Lost                                                       bool // one parcel of several; one that will not come
	Returned                                                           bool // a parcel that the carrier has brought back
	Again                                                              bool // buy the same once more
	Ask                                                                bool // ask the seller to end it
	Cash                                                               bool // say that its money was taken, which delivers it
	PickUp, Ready, Collect                                             bool // come for it; it waits at its point; hand it over for the code
	PayHref                                                            string
}

// steps of an order that goes well.
var steps = []string{"placed", "secured", "accepted", "packed", "shipped", "delivered", "completed"}

func (v Order) step() int {
	for i, s := range steps {
		if s == v.State || s == "placed" && v.State == "promised" {
			return i
		}
	}
	return -1
}

func (v Order) stepWords() []string {
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = v.Frame.T("step." + s)
	}
	if v.Pickup.Chosen {
		words[4] = v.Frame.T("step.ready")
	}
	if v.Cash {
		words[1] = v.Frame.T("step.agreed")
	}
	return words
}

// whose turn it is, by state, for each who looks.
var turns = map[string]map[string]string{
	AsBuyer: {
		"placed": part.You, "promised": part.You, "secured": part.Them, "accepted": part.Them, "packed": part.Them,
		"shipped": part.Them, "delivered": part.You, "completed": part.Done,
	},
	AsSeller: {
		"placed": part.Them, "promised": part.Them, "secured": part.You, "accepted": part.You, "packed": part.You,
		"shipped": part.Them, "delivered": part.Them, "completed": part.Done,
	},
	AsOther: {
		"placed": part.Them, "promised": part.Them, "secured": part.Them, "accepted": part.Them, "packed": part.Them,
		"shipped": part.Them, "delivered": part.Them, "completed": part.Done,
	},
}

// actor is whose move a state waits for.
var actor = map[string]string{
	"placed": "buyer", "promised": "buyer", "secured": "seller", "accepted": "seller", "packed": "seller",
	"shipped": "carrier", "delivered": "buyer",
}

func (v Order) turn() string {
	if v.May.Cash && v.As != AsOther {
		return part.You // their silence would leave it on its way
	}
	turn := turns[v.As][v.State]
	if turn == "" {
		return part.Stopped
	}
	if turn == part.You && !v.May.any() {
		return part.Them
	}
	return turn
}

func (m Moves) any() bool {
	return m.Pay || m.Accept || m.Decline || m.Pack || m.Ship || m.Deliver || m.Confirm || m.Ready || m.Collect || m.Cash
}

func (v Order) whose() string {
	switch v.turn() {
	case part.You:
		return v.Frame.T("turn.you")
	case part.Done:
		return v.Frame.T("turn.done")
	case part.Stopped:
		return v.Frame.T("turn.stopped")
	}
	if v.Pickup.Chosen && v.State == "shipped" {
		return v.Frame.T("turn.pickup")
	}
	if v.State == "promised" && v.Due.IsZero() {
		return v.Frame.T("turn.later")
	}
	return v.Frame.T("turn." + actor[v.State])
}

// variant is the state with what makes its sentences differ.
func (v Order) variant() string {
	switch {
	case v.Cash && cashSays[v.State] && (!v.Pickup.Chosen || v.State != "shipped"):
		return v.State + "_cash"
	case v.Covered && v.State == "secured":
		return "secured_covered"
	case v.Pickup.Chosen && (v.State == "packed" || v.State == "shipped"):
		return v.State + "_pickup"
	case v.State == "promised" && !v.Due.IsZero():
		return "promised_refused"
	case v.State == "placed" && v.Way == "transfer":
		return "placed_transfer"
	case v.State == "cancelled" && v.Paid == 0:
		return "cancelled_unpaid"
	}
	return v.State
}

// cashSays are the states of which something else is said while, or because, the
// money comes with the goods.
var cashSays = map[string]bool{"secured": true, "accepted": true, "shipped": true, "delivered": true}

// paidBy is the key of a sentence, or of its like for what is paid on delivery.
func paidBy(cash bool, key string) string {
	if cash && tongue.Has(key+"_cash") {
		return key + "_cash"
	}
	return key
}

func (v Order) standing() part.Standing {
	r := v.Frame.Reader
	s := part.Standing{
		Turn: v.turn(), Whose: v.whose(),
		Say:  r.T("order."+v.As+"."+v.variant()+".say", "point", v.Pickup.Name, "hand", v.Hand, "due", r.Money(v.CashDue, v.Currency)),
		Next: r.T(v.next(), "buyer", v.Buyer.Name, "seller", v.Seller.Name, "sum", r.Money(v.Total, v.Currency), "producer", r.Money(v.Parts.Producer, v.Currency), "hand", v.Hand, "due", r.Money(v.CashDue, v.Currency)),
	}
	if v.Why != "" {
		s.Next = r.T("why."+v.Why) + "\n" + s.Next
	}
	if v.Dispute == "open" {
		s.Turn, s.Whose, s.Say = part.Them, r.T("dispute.badge"), r.T("dispute.going")
		s.Next, v.Due = r.T("dispute.note_open"), time.Time{}
	}
	if v.Return == "open" {
		s.Turn, s.Whose, s.Say = part.Them, r.T("return.badge"), r.T("return.going")
		s.Next, v.Due = r.T("return.next"), time.Time{}
	}
	if v.Asked {
		s.Next = r.T("order."+v.As+".asked") + "\n" + s.Next
	}
	s.Until, s.Urgent = v.Deadline()
	return s
}

// next is the key of what comes next; a seller who collects the cash is spoken to.
func (v Order) next() string {
	key := "order." + v.As + "." + v.variant() + ".next"
	if own := key + "_own"; v.As == AsSeller && v.May.Cash && tongue.Has(own) {
		return own
	}
	return key
}

// Deadline says until when something is to be done, and what follows else.
func (v Order) Deadline() (says string, urgent bool) {
	r := v.Frame.Reader
	switch {
	case v.Late:
		return r.T(v.says("until.late"+v.forBuyer()), "day", r.Due(v.SendBy), "due", r.Due(v.Due)), true
	case !v.SendBy.IsZero():
		return r.T(v.says("until."+v.State+v.forBuyer()), "due", r.Due(v.SendBy), "left", r.Left(v.SendBy)), r.Urgent(v.SendBy)
	case !v.Due.IsZero() && actor[v.State] != "":
		return r.T(v.says("until."+v.State+v.forBuyer()), "due", r.Due(v.Due), "left", r.Left(v.Due)), r.Urgent(v.Due)
	}
	return "", false
}

// says is the key of a sentence, or of its like for what nobody has paid: it is paid
// when it arrives, or a contract covers it.
func (v Order) says(key string) string { return paidBy(v.Cash || v.Covered, key) }

// cashSay tells whoever collects what to do, and an operator whose hand it is.
func (v Order) cashSay() string {
	if v.As == AsOther && v.Frame.Roles.Operator {
		return v.Frame.T("order.cash_say_for", "hand", v.Hand)
	}
	return v.Frame.T("order.cash_say")
}

// forBuyer ends the key of a deadline that speaks to the buyer.
func (v Order) forBuyer() string {
	if v.As == AsBuyer {
		return "_buyer"
	}
	return ""
}

// weary says whether the buyer may end what was not sent by its day.
func (v Order) weary() bool { return v.As == AsBuyer && v.Late && v.May.Cancel }

// declines is the seller's word for ending an order: their own, or the answer to a
// buyer who asked for it.
func (v Order) declines(key string) string {
	if v.Asked {
		return key + "_asked"
	}
	return key
}

// form gives the form of one move, with what was refused if it was this one.
func (v Order) form(move string) part.Form {
	form := part.Form{}
	if v.Form.Action == move {
		form = v.Form
	}
	form.Action, form.Key, form.ID = part.MoveWay(v.Market, v.ID, move), v.Keys[move], move+"-"
	return form
}

func (v Order) item(l OrderLine) part.Item {
	r := v.Frame.Reader
	i := part.Item{
		Title: l.Title, Href: l.Href, Picture: l.Picture, Minor: l.Minor, Currency: v.Currency,
		Count: r.Both(l.Ordered, l.Unit), Each: r.Per(l.Price, v.Currency, l.Unit),
	}
	if l.Part && l.Packed < 0 {
		i.Count = r.T("order.taken", "ordered", r.Quantity(l.Ordered, l.Unit), "taken", r.Both(l.Taken, l.Unit))
	}
	if l.Packed >= 0 {
		i.Count = r.T("order.packed", "ordered", r.Quantity(l.Ordered, l.Unit), "packed", r.Both(l.Packed, l.Unit))
	}
	return i
}

func (v Order) less(l OrderLine) string {
	r := v.Frame.Reader
	now := l.Packed
	if now < 0 {
		now = l.Taken
	}
	return r.T(v.says("order.less"), "less", r.Quantity(l.Ordered-now, l.Unit), "sum", r.Money(l.Refunded, v.Currency))
}

// deliverClass makes "it has arrived" the second button where another is first.
func (v Order) deliverClass() string {
	if v.May.Confirm || v.turn() != part.You {
		return "quiet"
	}
	return ""
}

func (v Order) deliverWord() string {
	switch {
	case v.As != AsBuyer:
		return v.Frame.T("order.deliver")
	case v.Pickup.Chosen:
		return v.Frame.T("order.fetched")
	}
	return v.Frame.T("order.arrived")
}
