package notice_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/marketplace/tongue"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type house struct {
	*notice.Room
	db      *storage.DB
	address string
	market  int32
	post    *noticetest.Post
	worker  *jobs.Worker
	people  *people.Directory
	now     time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{post: &noticetest.Post{}, now: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	h.db, h.address = dbtest.Own(t, func(o *storage.Options) { o.Clock = func() time.Time { return h.now } })
	h.market = dbtest.Market(t, h.db)
	box, err := seal.Open(t.TempDir() + "/keys.json")
	must(t, err)
	h.Room = notice.New(h.db, region.New(h.db), box, notice.Options{Sender: h.post, Home: "https://market.example"})
	h.people = people.New(h.db)
	h.people.Cost = people.LightCost
	h.worker = jobs.NewWorker(h.db, map[string]jobs.Handler{notice.JobLetter: {Call: h.Letter}, notice.JobConfirm: {Call: h.Confirming}}, jobs.Options{})
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) person(t *testing.T, email, lang string) people.Person {
	t.Helper()
	n := people.Newcomer{Name: "陈秀英", Email: email, Password: "walnut-harvest-1", Language: lang}
	if email == "" {
		n.Phone = dbtest.Phone()
	}
	p, err := h.people.Register(t.Context(), once.Key{}, n)
	must(t, err)
	return p
}

// tell tells as a job would: the rows, then the letters' jobs in the market.
func (h *house) tell(t *testing.T, all ...notice.Notice) {
	t.Helper()
	end, err := h.Tell(t.Context(), all...)
	must(t, err)
	must(t, h.db.Update(t.Context(), h.market, func(tx *storage.Tx) error { tx.Keyed(); return end(tx) }))
}

func (h *house) drain(t *testing.T) {
	t.Helper()
	for _, m := range []int32{h.market, storage.Platform} {
		_, err := h.worker.Drain(t.Context(), m)
		must(t, err)
	}
}

// known is a person whose address is confirmed.
func (h *house) known(t *testing.T, email, lang string) people.Person {
	t.Helper()
	p := h.person(t, email, lang)
	asked, err := h.Ask(t.Context(), p)
	must(t, err)
	if !asked {
		t.Fatal("no confirmation was asked for")
	}
	h.drain(t)
	must(t, h.Confirm(t.Context(), h.tokenIn(t, "confirm")))
	h.post.Letters = nil
	return p
}

// tokenIn finds the token of a link in the last letter.
func (h *house) tokenIn(t *testing.T, way string) string {
	t.Helper()
	last := h.post.Letters[len(h.post.Letters)-1]
	_, rest, found := strings.Cut(last.Text, "/notices/"+way+"?t=")
	if !found {
		t.Fatalf("no link to %s in\n%s", way, last.Text)
	}
	return strings.Fields(rest)[0]
}

func about(p people.Person, market int32, key string, kind notice.Kind, at time.Time) notice.Notice {
	until := at.Add(72 * time.Hour)
	return notice.Notice{Person: p.ID, Key: key, Kind: kind, Market: market, Way: "/orders/YL/1", At: at,
		Facts: notice.Facts{Number: "YL-20261120-7F3K2291", Sum: 20000, Rest: 5000, Currency: "CNY", Until: &until, Carrier: "中通", Parcel: "7584", Count: 2, Tail: "7731", Word: "order:timer", Role: "agent", Why: "timeout",
			Lines: []notice.Line{{Title: "薄皮核桃", TitleEN: "Thin-shelled walnuts", Seller: "吐尔逊·买买提", Unit: "jin", Quantity: 5000, Price: 2000, Total: 20000}}}}
}

func TestTheSameDeedIsToldOnce(t *testing.T) {
	h := open(t)
	p := h.known(t, "chen@example.com", "zh")
	for range 3 {
		h.tell(t, about(p, h.market, "order:1:shipped", notice.OrderShipped, h.now))
		h.drain(t)
	}
	rows, err := h.List(t.Context(), p.ID, id.None, 0)
	must(t, err)
	n, err := h.Unread(t.Context(), p.ID)
	must(t, err)
	if len(rows) != 1 || n != 1 || len(h.post.Letters) != 1 {
		t.Errorf("%d rows, %d unread, %d letters", len(rows), n, len(h.post.Letters))
	}
}

func TestALetterSaysEverythingInThePersonsLanguageAndNothingInItsSubject(t *testing.T) {
	h := open(t)
	for _, lang := range tongue.Languages {
		p := h.known(t, lang+"@example.com", lang)
		h.tell(t, about(p, h.market, "x:"+lang, notice.OrderSecured, h.now))
		h.drain(t)
		l := h.post.Letters[0]
		title := "薄皮核桃"
		if lang == tongue.English {
			title = "Thin-shelled walnuts"
		}
		for _, want := range []string{title, "¥200.00", "YL-20261120-7F3K2291", "https://market.example/orders/YL/1", "https://market.example/me/notices", "吐尔逊·买买提"} {
			if !strings.Contains(l.Text, want) || !strings.Contains(l.HTML, want) {
				t.Errorf("%s: %q is not in both parts:\n%s", lang, want, l.Text)
			}
		}
		if strings.Contains(l.Text+l.HTML+l.Subject, "陈秀英") || strings.Contains(l.Subject, "吐尔逊") || strings.Contains(l.Text, "⟦") {
			t.Errorf("%s: somebody is named, or a sentence is missing:\n%s", lang, l.Text)
		}
		if l.Stop != "" {
			t.Error("a confirmation of an order can be switched off")
		}
		h.post.Letters = nil
	}
}

func TestEveryKindHasItsSentencesAndFillsThem(t *testing.T) {
	now := time.Now()
	for _, k := range notice.Kinds() {
		for _, lang := range tongue.Languages {
			n := about(people.Person{}, 1, "x", k, now)
			r := tongue.For(lang).At(time.UTC, now)
			for _, said := range []string{n.Title(r), n.Text(r), r.T("choices." + string(k.Topic()) + ".title"), r.T("notice.why." + string(k.Topic()))} {
				if strings.Contains(said, "⟦") || strings.Contains(said, "{{") || said == "" {
					t.Errorf("%s in %s: %q", k, lang, said)
				}
			}
			if strings.Contains(n.Title(r), "\n") {
				t.Errorf("the title of %s has two lines", k)
			}
			n.Facts = notice.Facts{} // nothing known: still a sentence
			if strings.Contains(n.Text(r), "⟦") {
				t.Errorf("%s needs facts that may be missing", k)
			}
		}
	}
	if _, err := (&notice.Room{}).Tell(t.Context(), notice.Notice{Person: id.New(), Kind: "nonsense"}); err == nil {
		t.Error("a kind without a sentence was told")
	}
}

func TestNothingGoesToAnAddressThatNobodyConfirmed(t *testing.T) {
	h := open(t)
	p := h.person(t, "typed-by-a-stranger@example.com", "zh")
	h.tell(t, about(p, h.market, "a", notice.OrderSecured, h.now), about(p, h.market, "b", notice.SaleNew, h.now))
	h.drain(t)
	if len(h.post.Letters) != 1 || strings.Contains(h.post.Letters[0].Text, "YL-") || !strings.Contains(h.post.Letters[0].Text, "/notices/confirm?t=") {
		t.Fatalf("%d letters: %+v", len(h.post.Letters), h.post.Letters)
	}
	token := h.tokenIn(t, "confirm")
	must(t, h.Confirmable(token))
	for range 2 {
		must(t, h.Confirm(t.Context(), token))
		h.drain(t)
	}
	if len(h.post.Letters) != 3 {
		t.Fatalf("%d letters after the confirmation: those of the last day were not written, or twice", len(h.post.Letters))
	}
	a, err := h.AddressOf(t.Context(), p)
	must(t, err)
	if !a.Usable() {
		t.Errorf("the address is %+v", a)
	}
}

func TestALinkInALetterIsGoodForOneThingAndOneAddress(t *testing.T) {
	h := open(t)
	p := h.person(t, "chen@example.com", "zh")
	_, err := h.Ask(t.Context(), p)
	must(t, err)
	h.drain(t)
	token := h.tokenIn(t, "confirm")
	for _, bad := range []string{"", "x", token[:len(token)-2], token + "AA", strings.ToUpper(token), strings.Repeat("A", 5000)} {
		if err := h.Confirm(t.Context(), bad); !fault.Has(err, "link_ended") {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := h.Stop(t.Context(), token); !fault.Has(err, "link_ended") {
		t.Errorf("a confirmation stops letters: %v", err)
	}
	h.now = h.now.Add(8 * 24 * time.Hour)
	if err := h.Confirm(t.Context(), token); !fault.Has(err, "link_ended") {
		t.Errorf("after eight days: %v", err)
	}
	h.now = h.now.Add(-8 * 24 * time.Hour)
	must(t, h.db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE people SET email = 'other@example.com' WHERE id = $1", p.ID)
		return err
	}))
	if err := h.Confirm(t.Context(), token); !fault.Has(err, "link_ended") {
		t.Errorf("for an address that is not theirs any more: %v", err)
	}
}

func TestAConfirmationIsAskedForOnceADayAndFiveTimesInAll(t *testing.T) {
	h := open(t)
	p := h.person(t, "chen@example.com", "en")
	asked := 0
	for range 20 {
		for range 3 {
			a, err := h.Ask(t.Context(), p)
			must(t, err)
			if a {
				asked++
			}
		}
		h.drain(t)
		h.now = h.now.Add(25 * time.Hour)
	}
	if asked != 5 || len(h.post.Letters) != 5 {
		t.Errorf("asked %d times, %d letters", asked, len(h.post.Letters))
	}
	if a, err := h.Ask(t.Context(), h.person(t, "", "zh")); a || err != nil {
		t.Errorf("a person without an address was asked: %v", err)
	}
}

func TestAMailServerThatIsDownLosesNothing(t *testing.T) {
	h := open(t)
	p := h.known(t, "chen@example.com", "zh")
	h.post.Answer = errors.New("connection refused")
	h.tell(t, about(p, h.market, "a", notice.OrderShipped, h.now))
	h.drain(t)
	if n, err := h.Unread(t.Context(), p.ID); n != 1 || err != nil {
		t.Fatalf("%d in the app, %v", n, err)
	}
	h.post.Answer = nil
	h.now = h.now.Add(time.Hour)
	h.drain(t)
	if len(h.post.Letters) != 1 {
		t.Fatalf("%d letters when it is back", len(h.post.Letters))
	}
	rows, err := h.List(t.Context(), p.ID, id.None, 1)
	must(t, err)
	if rows[0].LetteredAt == nil {
		t.Error("nobody knows that the letter went")
	}
}

func TestARefusalForGoodEndsTheLettersAndIsSeen(t *testing.T) {
	h := open(t)
	p := h.known(t, "gone@example.com", "zh")
	h.post.Answer = &notice.Refused{Code: "550 5.1.1", Address: true}
	h.tell(t, about(p, h.market, "a", notice.OrderShipped, h.now))
	h.drain(t)
	failed, err := jobs.Failed(t.Context(), h.db, h.market)
	must(t, err)
	if len(failed) != 1 || !strings.Contains(failed[0].Error, "550") || strings.Contains(failed[0].Error, "gone@") || failed[0].Attempts != 1 {
		t.Fatalf("the operator sees %+v", failed)
	}
	h.post.Answer = nil
	h.tell(t, about(p, h.market, "b", notice.OrderShipped, h.now))
	h.drain(t)
	a, err := h.AddressOf(t.Context(), p)
	must(t, err)
	if len(h.post.Letters) != 0 || !a.Refused {
		t.Errorf("%d more letters to %+v", len(h.post.Letters), a)
	}
	other := h.known(t, "junk@example.com", "zh")
	h.post.Answer = &notice.Refused{Code: "554 5.7.1"}
	h.tell(t, about(other, h.market, "a", notice.OrderShipped, h.now))
	h.drain(t)
	if a, err := h.AddressOf(t.Context(), other); a.Refused || err != nil {
		t.Errorf("a letter taken for junk ended the address: %v", err)
	}
}

func TestOldDeedsAreToldInTheAppAlone(t *testing.T) {
	h := open(t)
	p := h.known(t, "chen@example.com", "zh")
	for i := range 40 {
		h.tell(t, about(p, h.market, fmt.Sprint("old:", i), notice.OrderSecured, h.now.AddDate(0, 0, -2-i)))
	}
	h.drain(t)
	rows, err := h.List(t.Context(), p.ID, id.None, 100)
	must(t, err)
	if len(rows) != 40 || len(h.post.Letters) != 0 {
		t.Errorf("%d rows, %d letters", len(rows), len(h.post.Letters))
	}
}

func TestChoicesAreKeptAndWhatIsNeededIsToldAllTheSame(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	p := h.known(t, "chen@example.com", "zh")
	for _, topic := range notice.Topics {
		for _, by := range notice.Channels {
			must(t, h.Choose(ctx, p.ID, topic, by, false))
			must(t, h.Choose(ctx, p.ID, topic, by, false))
		}
	}
	for _, bad := range []notice.Topic{"", notice.Safety, "weather"} {
		if err := h.Choose(ctx, p.ID, bad, notice.App, false); !fault.Has(err, "notice_topic") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	needed := 0
	for _, k := range notice.Kinds() {
		h.tell(t, about(p, h.market, "k:"+string(k), k, h.now))
		if k.Needed() {
			needed++
		}
	}
	h.drain(t)
	rows, err := h.List(ctx, p.ID, id.None, 100)
	must(t, err)
	if len(rows) != needed || len(h.post.Letters) != needed {
		t.Errorf("%d rows and %d letters of %d that are needed", len(rows), len(h.post.Letters), needed)
	}
	for _, k := range []notice.Kind{notice.PasswordChanged, notice.BankChanged, notice.Refunded, notice.OrderSecured} {
		if !k.Needed() {
			t.Errorf("%s can be switched off", k)
		}
	}
}

func TestALinkStopsLettersOfItsSortWithoutSigningIn(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	p := h.known(t, "chen@example.com", "en")
	h.tell(t, about(p, h.market, "a", notice.OrderShipped, h.now))
	h.drain(t)
	token := h.tokenIn(t, "stop")
	if h.post.Letters[0].Stop == "" {
		t.Error("mail programs find no link")
	}
	if topic, err := h.Stops(token); topic != notice.Orders || err != nil {
		t.Errorf("it would stop %s, %v", topic, err)
	}
	if c, err := h.Choices(ctx, p.ID); err != nil || !c.Wants(notice.Orders, notice.Email) {
		t.Errorf("looking has stopped it: %v", err)
	}
	for range 2 {
		topic, err := h.Stop(ctx, token)
		must(t, err)
		if topic != notice.Orders {
			t.Errorf("it stopped %s", topic)
		}
	}
	h.tell(t, about(p, h.market, "b", notice.OrderShipped, h.now), about(p, h.market, "c", notice.PayoutPaid, h.now))
	h.drain(t)
	if len(h.post.Letters) != 2 {
		t.Errorf("%d letters: one before, one about money", len(h.post.Letters))
	}
}

func TestNobodyReadsAnothersNotices(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	p, other := h.person(t, "", "zh"), h.person(t, "", "zh")
	h.tell(t, about(p, h.market, "a", notice.OrderShipped, h.now))
	rows, err := h.List(ctx, p.ID, id.None, 1)
	must(t, err)
	if _, err := h.Read(ctx, other.ID, rows[0].ID); !fault.Has(err, "not_found") {
		t.Errorf("another person: %v", err)
	}
	if all, err := h.List(ctx, other.ID, id.None, 50); len(all) != 0 || err != nil {
		t.Errorf("another person lists %d, %v", len(all), err)
	}
	must(t, h.ReadAll(ctx, other.ID, id.None))
	if n, err := h.Unread(ctx, p.ID); n != 1 || err != nil {
		t.Errorf("read by another: %d unread, %v", n, err)
	}
	for range 2 {
		n, err := h.Read(ctx, p.ID, rows[0].ID)
		if err != nil || n.Way != "/orders/YL/1" || n.ReadAt == nil {
			t.Errorf("%+v, %v", n, err)
		}
	}
	if n, err := h.Unread(ctx, p.ID); n != 0 || err != nil {
		t.Errorf("%d unread, %v", n, err)
	}
}

func TestTenThousandNoticesPageByTheLastOneSeen(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	p := h.person(t, "", "zh")
	const many = 10_000
	must(t, h.db.UpdateUser(ctx, p.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		_, err := tx.Exec(`INSERT INTO notices (user_id, id, key, kind, market_id, shown, told_at, created_at)
			SELECT $1::uuid, md5(n::text)::uuid, 'n:' || n, 'order_shipped', $2::int, true, $3::timestamptz, $3::timestamptz FROM generate_series(1, $4::int) AS n`, p.ID, h.market, tx.Now, many)
		return err
	}))
	seen := map[id.ID]bool{}
	last := id.None
	for {
		rows, err := h.List(ctx, p.ID, last, 100)
		must(t, err)
		for _, r := range rows {
			if seen[r.ID] {
				t.Fatal("one came twice")
			}
			seen[r.ID], last = true, r.ID
		}
		if len(rows) < 100 {
			break
		}
	}
	if len(seen) != many {
		t.Errorf("%d of %d", len(seen), many)
	}
	if n, err := h.Unread(ctx, p.ID); n != notice.MostUnread+1 || err != nil {
		t.Errorf("%d unread are counted, %v", n, err)
	}
	owner, err := sql.Open("postgres", h.address)
	must(t, err)
	defer func() { _ = owner.Close() }()
	_, err = owner.ExecContext(ctx, "ANALYZE notices") // without figures the planner guesses from the width of a row
	must(t, err)
	var plan []string
	must(t, h.db.ViewUser(ctx, p.ID, func(tx *storage.Tx) error {
		return tx.Select(&plan, "EXPLAIN SELECT id FROM notices WHERE user_id = $1 AND id < $2 AND shown ORDER BY id DESC LIMIT 50", p.ID, last)
	}))
	if text := strings.Join(plan, "\n"); !strings.Contains(text, "Index") || strings.Contains(text, "Sort") {
		t.Errorf("a page reads more than itself:\n%s", text)
	}
}

func TestAClosedAccountsNoticesAreForgottenAndOldOnesSwept(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	p, old := h.known(t, "chen@example.com", "zh"), h.person(t, "", "zh")
	h.tell(t, about(p, h.market, "a", notice.OrderShipped, h.now), about(old, h.market, "a", notice.OrderShipped, h.now))
	must(t, h.Forget(ctx, p.ID))
	must(t, h.Forget(ctx, p.ID))
	h.drain(t) // the letter of a notice that is gone
	if rows, err := h.List(ctx, p.ID, id.None, 1); len(rows) != 0 || err != nil || len(h.post.Letters) != 0 {
		t.Errorf("%d rows, %d letters, %v", len(rows), len(h.post.Letters), err)
	}
	if a, err := h.AddressOf(ctx, p); a.Confirmed || err != nil {
		t.Errorf("the address is still known: %v", err)
	}
	h.now = h.now.AddDate(0, 11, 0)
	must(t, h.Sweep(ctx))
	if rows, err := h.List(ctx, old.ID, id.None, 1); len(rows) != 1 || err != nil {
		t.Errorf("swept too soon: %v", err)
	}
	h.now = h.now.AddDate(0, 2, 0)
	must(t, h.Sweep(ctx))
	if rows, err := h.List(ctx, old.ID, id.None, 1); len(rows) != 0 || err != nil {
		t.Errorf("after a year: %d, %v", len(rows), err)
	}
}

func TestWithoutASenderThereAreNoLettersAndNothingWaits(t *testing.T) {
	h := open(t)
	box, err := seal.Open(t.TempDir() + "/keys.json")
	must(t, err)
	quiet := notice.New(h.db, region.New(h.db), box, notice.Options{})
	p := h.person(t, "chen@example.com", "zh")
	end, err := quiet.Tell(t.Context(), about(p, h.market, "a", notice.OrderSecured, h.now))
	must(t, err)
	must(t, h.db.Update(t.Context(), h.market, func(tx *storage.Tx) error { tx.Keyed(); return end(tx) }))
	if n, err := h.worker.Drain(t.Context(), h.market); n != 0 || err != nil {
		t.Errorf("%d jobs, %v", n, err)
	}
	if asked, err := quiet.Ask(t.Context(), p); asked || err != nil || quiet.Sends() {
		t.Errorf("it asks for a confirmation that it cannot send: %v", err)
	}
}
