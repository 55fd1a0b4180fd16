package told_test

import (
	"testing"

	"commonfield/agents/people"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/storage/id"
)

// guest buys one thing without an account and pays.
func (v *town) guest(t *testing.T, who people.Person) order.Ref {
	t.Helper()
	a := v.Ask(500)
	a.Buyer, a.PlacedBy = who, who
	c, err := v.Orders.Place(t.Context(), onceKey(), a)
	must(t, err)
	v.Pay(t, c)
	v.Drain(t)
	return c.Orders()[0]
}

func TestWhatAGuestWasToldIsTheirsWhoTheyTurnOutToBe(t *testing.T) {
	v := open(t)
	ctx, guest, person := t.Context(), people.Person{ID: id.New(), Guest: true}, v.Person(t, "王芳")
	first := v.guest(t, guest)
	must(t, v.Orders.Accept(ctx, v.Seller, first))
	v.told(t, guest.ID, notice.OrderSecured, notice.OrderAccepted)
	read := v.last(t, guest.ID)
	_, err := v.notices.Read(ctx, guest.ID, read.ID)
	must(t, err)
	letters := len(v.post.Letters)
	must(t, v.Orders.Claim(ctx, guest, person))
	for range 2 { // and nothing more is brought later
		v.told(t, person.ID, notice.OrderSecured, notice.OrderAccepted)
		v.told(t, guest.ID)
		v.Clock.Advance(11 * 60e9)
	}
	if l := v.last(t, person.ID); l.ID != read.ID || l.ReadAt == nil || !l.At.Equal(read.At) || l.Facts.Number == "" {
		t.Errorf("brought as %+v, was %+v", l, read)
	}
	if n, err := v.notices.Unread(ctx, person.ID); err != nil || n != 1 {
		t.Errorf("%d unread, %v", n, err)
	}
	if len(v.post.Letters) != letters {
		t.Error("a letter was written of what was told before")
	}
}

func TestOfOneCheckoutThatIsClaimedOnlyItsNoticesAreBrought(t *testing.T) {
	v := open(t)
	ctx, guest, person := t.Context(), people.Person{ID: id.New(), Guest: true}, v.Person(t, "王芳")
	one, other := v.guest(t, guest), v.guest(t, guest)
	o, err := v.Orders.Find(ctx, one)
	must(t, err)
	code, err := v.Orders.ClaimCode(ctx, o)
	must(t, err)
	to, err := v.Orders.Addresses(ctx, one.Market, []id.ID{one.ID})
	must(t, err)
	_, err = v.Orders.ClaimOne(ctx, person, o.Number, to[one.ID].Phone, code)
	must(t, err)
	v.told(t, person.ID, notice.OrderSecured)
	v.told(t, guest.ID, notice.OrderSecured)
	left, err := v.notices.List(ctx, guest.ID, id.None, 10)
	must(t, err)
	if want := "/" + other.ID.String(); left[0].Way[len(left[0].Way)-len(want):] != want {
		t.Errorf("the guest keeps %s", left[0].Way)
	}
}
