package notice_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/marketplace/notice"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
)

// tower is a texter whose answers a test chooses.
type tower struct {
	texts  []notice.Text
	answer error
}

func (p *tower) Text(_ context.Context, t notice.Text) error {
	if p.answer == nil {
		p.texts = append(p.texts, t)
	}
	return p.answer
}
func (*tower) Check(context.Context) error { return nil }
func (*tower) Name() string                { return "a test" }

func openWithTower(t *testing.T, most int) (*house, *tower) {
	t.Helper()
	h, tower := open(t), &tower{}
	box, err := seal.Open(t.TempDir() + "/keys.json")
	must(t, err)
	h.Room = notice.New(h.db, region.New(h.db), box, notice.Options{Sender: h.post, Texter: tower, MostTexts: most, Home: "https://market.example"})
	h.worker = jobs.NewWorker(h.db, map[string]jobs.Handler{notice.JobLetter: {Call: h.Letter}, notice.JobConfirm: {Call: h.Confirming}, notice.JobText: {Call: h.Texting}}, jobs.Options{})
	return h, tower
}

func confirmed(t *testing.T, h *house, tower *tower, p people.Person) {
	t.Helper()
	must(t, h.AskPhone(t.Context(), p))
	code := regexp.MustCompile(`\d{6}`).FindString(tower.texts[len(tower.texts)-1].Words)
	must(t, h.ConfirmPhone(t.Context(), p, code))
	tower.texts = nil
}

func shipped(h *house, p people.Person, key string) notice.Notice {
	return notice.Notice{Person: p.ID, Key: key, Kind: notice.OrderShipped, Market: h.market, Way: "/orders/YL/1", Facts: notice.Facts{Number: "YL-1"}, At: h.now}
}

func TestANumberIsTextedOnlyWhenItsReaderHasTypedTheCode(t *testing.T) {
	h, tower := openWithTower(t, 0)
	p := h.person(t, "", "zh")
	h.tell(t, shipped(h, p, "a"))
	h.drain(t)
	if len(tower.texts) != 0 {
		t.Fatalf("a number that nobody confirmed got %+v", tower.texts)
	}
	must(t, h.AskPhone(t.Context(), p))
	code := regexp.MustCompile(`\d{6}`).FindString(tower.texts[0].Words)
	other := "000000"
	if code == other {
		other = "000001"
	}
	for range 5 {
		if err := h.ConfirmPhone(t.Context(), p, other); err == nil {
			t.Fatal("any code does")
		}
	}
	if err := h.ConfirmPhone(t.Context(), p, code); err == nil {
		t.Fatal("a code may be guessed without end")
	}
	confirmed(t, h, tower, p)
	h.tell(t, shipped(h, p, "b"))
	h.drain(t)
	if len(tower.texts) != 1 || tower.texts[0].To != p.Phone || strings.Contains(tower.texts[0].Words, p.Name) || !strings.Contains(tower.texts[0].Words, "YL-1") {
		t.Fatalf("%+v", tower.texts)
	}
}

func TestQuietHoursHoldWhatCanWaitAndNotWhatMustBeTold(t *testing.T) {
	h, tower := openWithTower(t, 0)
	p := h.person(t, "", "zh")
	confirmed(t, h, tower, p)
	must(t, h.Rest(t.Context(), p.ID, notice.Hours{From: 15 * 60, Until: 18 * 60})) // it is 16:00 in the market
	h.tell(t, shipped(h, p, "a"), notice.Notice{Person: p.ID, Key: "b", Kind: notice.BankChanged, Market: h.market, Way: "/me", Facts: notice.Facts{Tail: "7731"}, At: h.now})
	h.drain(t)
	if len(tower.texts) != 1 || !strings.Contains(tower.texts[0].Words, "账户") {
		t.Fatalf("%+v", tower.texts)
	}
	h.now = h.now.Add(2*time.Hour + time.Minute)
	h.drain(t)
	if len(tower.texts) != 2 {
		t.Fatalf("%+v", tower.texts)
	}
}

func TestWhatCannotBeTextedIsToldAndCounted(t *testing.T) {
	h, tower := openWithTower(t, 0)
	p := h.person(t, "", "zh")
	confirmed(t, h, tower, p)
	must(t, h.Choose(t.Context(), p.ID, notice.Orders, notice.App, false))
	h.tell(t, shipped(h, p, "a"))
	h.drain(t)
	tower.answer = &notice.Refused{Code: "400"}
	h.tell(t, shipped(h, p, "b"))
	h.drain(t)
	var today notice.Texts
	must(t, h.db.View(t.Context(), h.market, func(tx *storage.Tx) (err error) { today, _, err = h.Texted(tx); return }))
	if today.Sent != 1 || today.Failed != 1 || today.Over != 0 || today.Most != notice.MostTexts {
		t.Fatalf("%+v", today)
	}
	rows, err := h.List(t.Context(), p.ID, id.None, 10)
	must(t, err)
	if len(rows) != 1 || rows[0].Key != "b" {
		t.Fatalf("only what could not be sent comes into the list: %+v", rows)
	}
}

func TestAPersonGetsNoMoreThanTenADay(t *testing.T) {
	h, tower := openWithTower(t, 0)
	p := h.person(t, "", "zh")
	confirmed(t, h, tower, p)
	for i := range 12 {
		h.tell(t, shipped(h, p, strings.Repeat("x", i+1)))
	}
	h.drain(t)
	if len(tower.texts) != 10 {
		t.Fatalf("%d messages", len(tower.texts))
	}
	rows, err := h.List(t.Context(), p.ID, id.None, 100)
	must(t, err)
	if len(rows) != 12 {
		t.Fatalf("%d in the list", len(rows))
	}
}
