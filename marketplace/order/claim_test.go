package order_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"commonfield/agents/people"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// guest buys without an account, over all markets.
func (f *fair) guest() (people.Person, order.Checkout) {
	f.t.Helper()
	a := f.guestAsk()
	return a.Buyer, f.place(a)
}

func (f *fair) guestAsk() order.Ask {
	who := people.Person{ID: id.New(), Guest: true}
	a := f.ask()
	a.Buyer, a.PlacedBy = who, who
	return a
}

// secret is the claim code that the guest is shown.
func (f *fair) secret(ref order.Ref) string {
	f.t.Helper()
	o, err := f.Orders.Find(f.t.Context(), ref)
	must(f.t, err)
	secret, err := f.Orders.ClaimCode(f.t.Context(), o)
	must(f.t, err)
	return secret
}

func (f *fair) mine(who id.ID, filter order.Filter) []order.Order {
	f.t.Helper()
	filter.Markets, filter.Buyer = []int32{f.Market, f.rice.Market, f.tea.Market}, who
	os, err := f.Orders.List(f.t.Context(), filter)
	must(f.t, err)
	return os
}

func TestWhoSignsInInTheSameBrowserHasTheGuestsOrders(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	guest, c := f.guest()
	person := f.Person(t, "王芳")
	for range 2 { // before any job has run: the markets are not written down yet
		must(t, f.Orders.Claim(ctx, guest, person))
	}
	f.Drain(t)
	if n := len(f.mine(person.ID, order.Filter{})); n != 3 {
		t.Fatalf("%d orders", n)
	}
	s := story(t, f.World, c.Orders()[2])
	if s.History[0].By != guest.ID || s.Buyer != person.ID {
		t.Fatalf("the history begins with %s, the buyer is %s", s.History[0].By, s.Buyer)
	}
	if _, buyer, err := f.Orders.FindCheckout(ctx, f.tea.Market, c.Payment); err != nil || buyer != person.ID {
		t.Fatal(buyer, err)
	}
	// Another person gets nothing, and neither does the guest's later press.
	other := f.Person(t, "别人")
	must(t, f.Orders.Claim(ctx, guest, other))
	must(t, f.Orders.Claim(ctx, guest, people.Person{ID: id.New(), Guest: true}))
	must(t, f.Orders.Claim(ctx, person, other))
	a := f.Ask(500)
	a.Buyer, a.PlacedBy = guest, guest
	late := f.place(a) // pressed at the very moment of signing in
	f.Clock.Advance(11 * 60e9)
	f.Drain(t)
	o, err := f.Orders.Find(ctx, late.Orders()[0])
	must(t, err)
	if o.Buyer != person.ID || len(f.mine(other.ID, order.Filter{})) != 0 {
		t.Fatalf("the late order is %s's", o.Buyer)
	}
	var seen []int32
	must(t, f.DB.ViewUser(ctx, person.ID, func(tx *storage.Tx) error {
		return tx.Select(&seen, "SELECT market_id FROM user_markets WHERE user_id = $1", person.ID)
	}))
	if len(seen) != 3 {
		t.Fatalf("the person has something in %v", seen)
	}
	must(t, f.Orders.Cancel(ctx, order.By{Person: person, As: order.AsBuyer}, c.Orders()[1], "x")) // theirs to cancel
	f.Drain(t)
	f.books()
}

func TestAGuestsOrderIsClaimedByNumberPhoneAndCodeAndEveryMismatchIsRefusedAlike(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	guest, c := f.guest()
	own := f.place(f.ask())
	person := f.Person(t, "王芳")
	number := func(ref order.Ref) string {
		o, err := f.Orders.Find(ctx, ref)
		must(t, err)
		return o.Number
	}
	right, phone := number(c.Orders()[1]), "139 0000 0000"
	secret, foreign := f.secret(c.Orders()[0]), f.secret(f.place(f.guestAsk()).Orders()[0])
	if secret != f.secret(c.Orders()[1]) || len(secret) != 9 || secret == foreign {
		t.Fatalf("the codes are %q and %q", secret, foreign)
	}
	if f.secret(own.Orders()[0]) != "" {
		t.Fatal("an account's order has a code")
	}
	// Number and phone stand on the parcel: they are not enough.
	for _, wrong := range []string{"", foreign, secret[:8], secret + "0", right, strings.Repeat("0", 3000)} {
		if _, err := f.Orders.ClaimOne(ctx, person, right, phone, wrong); code(err) != "no_such_order" {
			t.Errorf("with the code %.20q: %v", wrong, err)
		}
	}
	for what, try := range map[string][2]string{
		"another phone": {right, "13900000001"}, "no phone": {right, "x"}, "another number": {right[:len(right)-1] + "?", phone},
		"no market": {"QQQQQQ-20260101-X", phone}, "nothing": {"", phone}, "an account's own order": {number(own.Orders()[0]), phone},
		"an odd number": {strings.Repeat("-", 3000), phone},
	} {
		if _, err := f.Orders.ClaimOne(ctx, person, try[0], try[1], secret); code(err) != "no_such_order" {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := f.Orders.Look(ctx, id.New(), try[0], try[1]); code(err) != "no_such_order" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := f.Orders.ClaimOne(ctx, people.Person{ID: id.New(), Guest: true}, right, phone, secret)
	refuses(t, err, "sign_in_first")

	// Somebody without an account may look at that one order, until it is claimed.
	looker := id.New()
	for range 2 {
		ref, err := f.Orders.Look(ctx, looker, " "+strings.ToLower(right)+" ", "+86 139-0000-0000")
		must(t, err)
		if ref != c.Orders()[1] {
			t.Fatalf("looks at %v", ref)
		}
	}
	looks := func(ref order.Ref) bool {
		o, err := f.Orders.Find(ctx, ref)
		must(t, err)
		is, err := f.Orders.Looks(ctx, looker, o)
		must(t, err)
		return is
	}
	if !looks(c.Orders()[1]) || looks(c.Orders()[0]) || looks(own.Orders()[0]) {
		t.Fatal("looks at another")
	}
	ref, err := f.Orders.ClaimOne(ctx, person, right, phone, " "+strings.ToLower(strings.ReplaceAll(secret, "-", "")))
	must(t, err)
	if n := len(f.mine(person.ID, order.Filter{})); ref != c.Orders()[1] || n != 3 || len(f.mine(guest.ID, order.Filter{})) != 0 {
		t.Fatalf("%d orders", n)
	}
	if looks(c.Orders()[1]) {
		t.Fatal("looks at somebody's own")
	}
	_, err = f.Orders.ClaimOne(ctx, f.Person(t, "别人"), right, phone, secret)
	refuses(t, err, "no_such_order")
	f.Drain(t)
	f.books()
}

func TestOrdersAreListedByGroupAndFoundByTitleOrTheEndOfTheirNumber(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	paid, open, gone := f.place(f.ask()), f.place(f.ask()), f.place(f.ask())
	f.Pay(t, paid)
	must(t, f.Orders.Cancel(ctx, f.Buyer, gone.Orders()[0], "x"))
	a := f.ask()
	a.Items[2].Quantity = 5_000 // refused: what was placed meanwhile was never ordered
	_, err := f.Orders.Place(ctx, once.Key{}, a)
	refuses(t, err, "sold_out")
	f.Drain(t)
	if all := f.mine(f.Buyer.ID, order.Filter{}); len(all) != 9 {
		t.Fatalf("%d orders", len(all))
	}
	for name, want := range map[string]order.Checkout{"to_receive": paid, "to_pay": open, "ended": gone} {
		got := f.mine(f.Buyer.ID, order.Filter{States: order.Groups[name]})
		if len(got) != 3 || got[0].Payment != want.Payment {
			t.Errorf("%s: %d", name, len(got))
		}
	}
	rice := f.mine(f.Buyer.ID, order.Filter{Text: "红米", N: 2})
	if len(rice) != 2 || len(f.mine(f.Buyer.ID, order.Filter{Text: "红米", After: rice[1].ID})) != 1 {
		t.Fatalf("%d with rice", len(rice))
	}
	if one := f.mine(f.Buyer.ID, order.Filter{Text: strings.ToLower(rice[0].Number[len(rice[0].Number)-6:])}); len(one) != 1 || one[0].ID != rice[0].ID {
		t.Fatalf("%d by the end of a number", len(one))
	}
	if none := f.mine(f.Buyer.ID, order.Filter{Text: "100%_'"}); len(none) != 0 {
		t.Fatalf("%d", len(none))
	}
}

// The program dies between two markets: the same number and phone bring the rest.
func TestAClaimByNumberAndPhoneThatWasCutIsFinishedByItsRepetition(t *testing.T) {
	var c cut
	w := ordertest.NewWith(t, c.options)
	f := &fair{World: w, t: t, rice: w.Stall(t, "红米", 1280, 200_000), tea: w.Stall(t, "古树茶", 33333, 20_000)}
	for named := range 3 {
		for cuts := 1; cuts <= 3; cuts++ {
			_, placed := f.guest()
			person := f.Person(t, "王芳")
			o, err := f.Orders.Find(t.Context(), placed.Orders()[named])
			must(t, err)
			secret, n := f.secret(placed.Orders()[0]), 0
			c.at(func(query string) bool {
				if strings.Contains(query, "UPDATE baskets SET buyer_id") {
					n++
				}
				return n >= cuts
			})
			if _, err := f.Orders.ClaimOne(t.Context(), person, o.Number, "13900000000", secret); !errors.Is(err, errCut) {
				t.Fatal(err)
			}
			c.heal()
			if _, err := f.Orders.ClaimOne(t.Context(), person, o.Number, "13900000000", secret); err != nil {
				t.Errorf("order %d, cut %d: %v", named, cuts, err)
			}
			if n := len(f.mine(person.ID, order.Filter{})); n != 3 {
				t.Errorf("order %d, cut %d: %d orders", named, cuts, n)
			}
		}
	}
}

// A seller reads number and phone on the order: with them they must not become
// the buyer, who confirms that the goods have come.
func TestWhoSellsAGuestsOrderDoesNotClaimIt(t *testing.T) {
	f := open(t)
	_, c := f.guest()
	secret := f.secret(c.Orders()[0])
	for i, seller := range []order.By{f.Seller, f.rice.Seller, f.tea.Seller} {
		for named := range 3 {
			o, err := f.Orders.Find(t.Context(), c.Orders()[named])
			must(t, err)
			if _, err := f.Orders.ClaimOne(t.Context(), seller.Person, o.Number, "13900000000", secret); code(err) != "no_such_order" {
				t.Fatalf("the seller of order %d, by order %d: %v", i, named, err)
			}
		}
	}
	if n := len(f.mine(f.rice.Seller.ID, order.Filter{})); n != 0 {
		t.Fatalf("%d orders", n)
	}
}

// Two who know number and phone name the same checkout at the same moment: one has
// all of it, the other nothing.
func TestOfTwoClaimsByNumberAndPhoneAtOnceOneHasTheWholeCheckout(t *testing.T) {
	f := open(t)
	for range 6 {
		_, c := f.guest()
		secret := f.secret(c.Orders()[0])
		var who [2]people.Person
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range who {
			who[i] = f.Person(t, "王芳")
			o, err := f.Orders.Find(t.Context(), c.Orders()[i])
			must(t, err)
			wg.Go(func() {
				<-start
				_, _ = f.Orders.ClaimOne(t.Context(), who[i], o.Number, "13900000000", secret)
			})
		}
		close(start)
		wg.Wait()
		if a, b := len(f.mine(who[0].ID, order.Filter{})), len(f.mine(who[1].ID, order.Filter{})); a*b != 0 || a+b != 3 {
			t.Fatalf("one has %d orders, the other %d", a, b)
		}
		f.Listing = f.Offer(t, "核桃", 2600, 1_000_000)
		f.rice = f.Stall(t, "红米", 1280, 50_000)
		f.tea = f.Stall(t, "古树茶", 33333, 2_000)
	}
}
