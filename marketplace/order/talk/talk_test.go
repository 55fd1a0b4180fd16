package talk_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/catalog/photo"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/talk"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// table is a world whose people write to each other.
type table struct {
	*ordertest.World
	t     *testing.T
	room  *talk.Room
	agent order.By
}

func open(t *testing.T) *table {
	t.Helper()
	v := &table{World: ordertest.New(t), t: t}
	blobs, err := blob.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	v.room = talk.New(v.DB, v.Box, photo.New(blobs))
	v.agent = order.By{Person: v.AgentBy, As: talk.AsAgent}
	return v
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refuses(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Has(err, code) {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func (v *table) say(by order.By, ref order.Ref, text string) error {
	_, err := v.room.Say(v.t.Context(), once.Key{}, by, ref, talk.Said{Text: text})
	return err
}

func (v *table) of(by order.By, ref order.Ref) talk.Page {
	v.t.Helper()
	p, err := v.room.Of(v.t.Context(), by, ref)
	must(v.t, err)
	return p
}

func TestTheSidesOfAnOrderReadWhatTheyWroteInItsOrder(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	must(t, v.say(v.Buyer, ref, "  什么时候\u202E发货？ "))
	must(t, v.say(v.Seller, ref, "明天"))
	must(t, v.say(v.agent, ref, "我去村里看过了"))
	p := v.of(v.Buyer, ref)
	var said []string
	for _, m := range p.All {
		said = append(said, string(m.As)+":"+m.Text)
	}
	if got := strings.Join(said, " "); got != "buyer:什么时候发货？ seller:明天 agent:我去村里看过了" || !p.Open {
		t.Errorf("they read %q, open %v", got, p.Open)
	}
}

func TestWordsLieSealed(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	must(t, v.say(v.Buyer, ref, "我住学院路一号"))
	var sealed []byte
	must(t, v.DB.View(t.Context(), v.Market, func(tx *storage.Tx) error {
		return tx.Get(&sealed, "SELECT text_sealed FROM order_messages WHERE market_id = $1 AND order_id = $2", tx.Market, ref.ID)
	}))
	if len(sealed) == 0 || bytes.Contains(sealed, []byte("学院路")) {
		t.Errorf("the row holds %q", sealed)
	}
}

func TestWhatIsPressedTwiceIsSaidOnce(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	key := once.Of(v.Buyer.ID, "k", []byte("在吗"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := v.room.Say(t.Context(), key, v.Buyer, ref, talk.Said{Text: "在吗"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if p := v.of(v.Seller, ref); len(p.All) != 1 || p.Messages != 1 {
		t.Errorf("said %d times, counted %d", len(p.All), p.Messages)
	}
	_, err := v.room.Say(t.Context(), once.Of(v.Buyer.ID, "k", []byte("另一句")), v.Buyer, ref, talk.Said{Text: "另一句"})
	refuses(t, err, "key_reused")
}

func TestWhatIsEmptyOrTooLongIsRefused(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	refuses(t, v.say(v.Buyer, ref, " \u202E "), "talk_empty")
	refuses(t, v.say(v.Buyer, ref, strings.Repeat("字", talk.MostText+1)), "too_long")
	must(t, v.say(v.Buyer, ref, strings.Repeat("字", talk.MostText)))
	_, err := v.room.Say(t.Context(), once.Key{}, v.Buyer, ref, talk.Said{Photos: []string{"photo/" + strings.Repeat("a", 64)}})
	refuses(t, err, "photo_unknown")
	refuses(t, v.say(v.Buyer, order.Ref{Market: v.Market, ID: id.New()}, "在吗"), "not_found")
}

func TestOneMayWriteUntilThirtyDaysAfterTheEnd(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Completed)
	v.Clock.Advance(talk.Window - time.Minute)
	must(t, v.say(v.Buyer, ref, "核桃很好"))
	v.Clock.Advance(2 * time.Minute)
	refuses(t, v.say(v.Seller, ref, "谢谢"), "talk_over")
	if p := v.of(v.Buyer, ref); p.Open || len(p.All) != 1 {
		t.Errorf("after the window it is open %v with %d", p.Open, len(p.All))
	}
	cancelled := v.UpTo(t, order.Cancelled)
	v.Clock.Advance(talk.Window + time.Minute)
	refuses(t, v.say(v.Buyer, cancelled, "为什么"), "talk_over")
}

func TestAComplaintKeepsTheTalkOpenAndLetsAnOperatorIn(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Completed)
	_, err := v.room.Of(t.Context(), v.Operator, ref)
	refuses(t, err, "talk_not_called")
	var freeze id.ID
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) (err error) {
		tx.Keyed()
		freeze, err = order.Freeze(tx, ref.ID, "dispute", v.Buyer.ID)
		return err
	}))
	v.Clock.Advance(talk.Window + time.Hour)
	must(t, v.say(v.Operator, ref, "请两边说一说"))
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error {
		tx.Keyed()
		return order.Lift(tx, ref.ID, freeze, v.Buyer.ID)
	}))
	_, err = v.room.Of(t.Context(), v.Operator, ref)
	refuses(t, err, "talk_not_called")
	refuses(t, v.say(v.Buyer, ref, "还有一句"), "talk_over")
}

func TestAnOperatorReadsOnlyWhenCalledAndEachLookIsInTheTrail(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Secured)
	refuses(t, v.room.Call(ctx, v.Buyer, ref, "rude"), "talk_nothing")
	must(t, v.say(v.Seller, ref, "您转到我微信上付"))
	refuses(t, v.say(v.Operator, ref, "怎么了"), "talk_not_called")
	refuses(t, v.room.Call(ctx, v.Buyer, ref, "because"), "required")
	refuses(t, v.room.Call(ctx, v.Operator, ref, "help"), "talk_not_yours")
	must(t, v.room.Call(ctx, v.Buyer, ref, "outside"))
	must(t, v.room.Call(ctx, v.Seller, ref, "rude")) // one call is enough
	list, err := v.room.List(ctx, talk.Filter{Markets: []int32{v.Market}, Person: v.Operator.ID})
	must(t, err)
	if len(list) != 1 || list[0].CalledWhy != "outside" || *list[0].CalledBy != v.Buyer.ID {
		t.Fatalf("operators see %+v", list)
	}
	must(t, v.room.Seen(ctx, v.Operator, ref))
	must(t, v.room.Seen(ctx, v.Operator, ref))
	must(t, v.say(v.Operator, ref, "只能在这里付"))
	refuses(t, v.room.Leave(ctx, v.Seller, ref), "talk_not_yours")
	must(t, v.room.Leave(ctx, v.Operator, ref))
	must(t, v.room.Leave(ctx, v.Operator, ref))
	refuses(t, v.say(v.Operator, ref, "还有"), "talk_not_called")
	var lines []trail.Line
	must(t, v.DB.View(ctx, v.Market, func(tx *storage.Tx) (err error) {
		lines, err = trail.List(tx, trail.Filter{Deed: "talk", N: 10})
		return err
	}))
	var deeds []string
	for _, l := range lines {
		deeds = append(deeds, l.Deed)
	}
	if got := strings.Join(deeds, " "); got != "talk.leave talk.read talk.call" {
		t.Errorf("the trail says %s", got)
	}
}

func TestWhatOthersWroteIsUnreadUntilItIsSeen(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Secured)
	unread := func(by order.By) int {
		t.Helper()
		a, err := v.room.About(ctx, by, ref)
		must(t, err)
		return a.Unread
	}
	must(t, v.say(v.Buyer, ref, "一"))
	must(t, v.say(v.Buyer, ref, "二"))
	if unread(v.Seller) != 2 || unread(v.Buyer) != 0 {
		t.Errorf("unread %d and %d", unread(v.Seller), unread(v.Buyer))
	}
	of := talk.Filter{Markets: []int32{v.Market}, Seller: v.Producer.ID, Person: v.Seller.ID, Waiting: true}
	if list, err := v.room.List(ctx, of); err != nil || len(list) != 1 || list[0].Unread != 2 {
		t.Errorf("the seller's list: %+v, %v", list, err)
	}
	if v.of(v.Buyer, ref).All[0].Seen {
		t.Error("it is said to be seen")
	}
	must(t, v.room.Seen(ctx, v.Seller, ref))
	if list, err := v.room.List(ctx, of); err != nil || len(list) != 0 || unread(v.Seller) != 0 {
		t.Errorf("the seller's list after reading: %+v, %v", list, err)
	}
	if !v.of(v.Buyer, ref).All[1].Seen {
		t.Error("it is not said to be seen")
	}
	for _, f := range []talk.Filter{{Buyer: v.Buyer.ID, Person: v.Buyer.ID}, {Agent: v.Agent.ID, Person: v.AgentBy.ID}} {
		f.Markets = []int32{v.Market}
		if list, err := v.room.List(ctx, f); err != nil || len(list) != 1 {
			t.Errorf("%+v gives %+v, %v", f, list, err)
		}
	}
}

func TestNobodyPoursWordsOverOthers(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	for range 20 {
		must(t, v.say(v.Buyer, ref, "在吗"))
	}
	refuses(t, v.say(v.Buyer, ref, "在吗"), "too_many")
	must(t, v.say(v.Seller, ref, "在"))
	v.Clock.Advance(11 * time.Minute)
	must(t, v.say(v.Buyer, ref, "好"))
}

func TestAPictureIsSeenThroughTheTalkThatItWasShownInAndNoOther(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref, other := v.UpTo(t, order.Secured), v.UpTo(t, order.Secured)
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))))
	key, err := v.room.Show(ctx, b.Bytes())
	must(t, err)
	_, err = v.room.Say(ctx, once.Key{}, v.Buyer, ref, talk.Said{Photos: []string{key, key}})
	must(t, err)
	if data, kind, err := v.room.Picture(ctx, v.agent, ref, key, 320); err != nil || kind != "image/jpeg" || len(data) == 0 {
		t.Errorf("%d bytes of %s, %v", len(data), kind, err)
	}
	_, _, err = v.room.Picture(ctx, v.agent, other, key, 320)
	refuses(t, err, "photo_unknown")
	_, _, err = v.room.Picture(ctx, v.Operator, ref, key, 320)
	refuses(t, err, "talk_not_called")
}

func TestThreeYearsAfterTheLastMessageNothingIsLeft(t *testing.T) {
	v := open(t)
	old, young := v.UpTo(t, order.Secured), v.UpTo(t, order.Secured)
	must(t, v.say(v.Buyer, old, "旧的"))
	v.Clock.Advance(2 * 365 * 24 * time.Hour)
	must(t, v.say(v.Buyer, young, "新的"))
	v.Clock.Advance(366 * 24 * time.Hour)
	must(t, v.DB.Update(t.Context(), v.Market, func(tx *storage.Tx) error { tx.Keyed(); return talk.Sweep(tx) }))
	if p := v.of(v.Buyer, old); len(p.All) != 0 || p.Messages != 0 {
		t.Errorf("%d are left", len(p.All))
	}
	if p := v.of(v.Buyer, young); len(p.All) != 1 {
		t.Error("what is younger is gone")
	}
}
