package api_test

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
)

// posted lets the world write letters and short messages, and gives what carries them out.
func (w *world) posted(o notice.Options) *jobs.Worker {
	w.t.Helper()
	box, err := seal.Open(filepath.Join(w.t.TempDir(), "keys.json"))
	w.ok(err)
	o.Home = "https://market.example"
	w.m.Notices = notice.New(w.m.DB, region.New(w.m.DB), box, o)
	return jobs.NewWorker(w.m.DB, map[string]jobs.Handler{notice.JobLetter: {Call: w.m.Notices.Letter}, notice.JobConfirm: {Call: w.m.Notices.Confirming}}, jobs.Options{})
}

func TestAnAddressIsAskedForConfirmedAndStoppedByTheAPI(t *testing.T) {
	w := open(t)
	post := &noticetest.Post{}
	worker := w.posted(notice.Options{Sender: post})
	var mail struct {
		Sent    bool
		Mailbox string
		Topics  []struct {
			Topic string
			Email bool
		}
	}
	without, _, _ := w.person("没有邮箱")
	if w.ask("POST", "/me/notices/address", without, nil).must(http.StatusOK, &mail); mail.Sent || mail.Mailbox != "none" {
		t.Errorf("without an address: %+v", mail)
	}
	var session object
	w.ask("POST", "/people", "", object{"name": "陈秀英", "email": "chen@example.com", "password": password}).must(http.StatusCreated)
	w.ask("POST", "/sessions", "", object{"login": "chen@example.com", "password": password}).must(http.StatusCreated, &session)
	token := session.text("token")
	if w.ask("POST", "/me/notices/address", token, nil).must(http.StatusOK, &mail); mail.Sent || mail.Mailbox != "asked" { // the first was asked for by registering
		t.Errorf("a second letter on the same day: %+v", mail)
	}
	w.clock.advance(25 * time.Hour)
	if w.ask("POST", "/me/notices/address", token, nil).must(http.StatusOK, &mail); !mail.Sent {
		t.Errorf("no other letter on the next day: %+v", mail)
	}
	_, err := worker.Drain(t.Context(), storage.Platform)
	w.ok(err)
	if len(post.Letters) == 0 {
		t.Fatal("no letter was written")
	}
	said := linked(post, "/notices/confirm?t=")
	for _, bad := range []string{"x", said + "x", strings.Repeat("A", 900)} {
		w.ask("POST", "/notices/confirm", "", object{"token": bad}).must(http.StatusNotFound)
	}
	w.ask("POST", "/notices/stop", "", object{"token": said}).must(http.StatusNotFound) // a proof of another kind
	w.ask("POST", "/notices/confirm", "", object{"token": strings.Repeat("A", 1001)}).must(http.StatusUnprocessableEntity)
	for range 2 {
		w.ask("POST", "/notices/confirm", "", object{"token": said}).must(http.StatusNoContent)
	}
	if w.ask("GET", "/me/notices", token, nil).must(http.StatusOK, &mail); mail.Mailbox != "confirmed" {
		t.Errorf("%+v", mail)
	}
	if w.ask("POST", "/me/notices/address", token, nil).must(http.StatusOK, &mail); mail.Sent {
		t.Error("a confirmed address is asked again")
	}
	w.ask("POST", "/me/notices/address", "", nil).must(http.StatusUnauthorized)
}

// linked is the proof in a link of the last letter.
func linked(post *noticetest.Post, way string) string {
	_, rest, _ := strings.Cut(post.Letters[len(post.Letters)-1].Text, way)
	return strings.Fields(rest + " none")[0]
}

// A letter of a sort can be stopped by whoever has it, without signing in.
func TestLettersOfASortAreStoppedByTheProofOfOne(t *testing.T) {
	w := open(t)
	post := &noticetest.Post{}
	worker := w.posted(notice.Options{Sender: post})
	var p, session object
	w.ask("POST", "/people", "", object{"name": "陈秀英", "email": "chen@example.com", "password": password}).must(http.StatusCreated, &p)
	w.ask("POST", "/sessions", "", object{"login": "chen@example.com", "password": password}).must(http.StatusCreated, &session)
	_, err := worker.Drain(t.Context(), storage.Platform)
	w.ok(err)
	w.ask("POST", "/notices/confirm", "", object{"token": linked(post, "/notices/confirm?t=")}).must(http.StatusNoContent)
	who, _ := id.Parse(p.text("id"))
	tell := func(key string) int {
		finish, err := w.m.Notices.Tell(t.Context(), notice.Notice{Person: who, Key: key, Kind: notice.OrderShipped, Market: w.market.ID, Way: "/orders/YL/1", Facts: notice.Facts{Number: "YL-1"}, At: w.clock.Now()})
		w.ok(err)
		w.ok(w.m.DB.Update(t.Context(), w.market.ID, func(tx *storage.Tx) error { tx.Keyed(); return finish(tx) }))
		_, err = worker.Drain(t.Context(), w.market.ID)
		w.ok(err)
		return len(post.Letters)
	}
	if n := tell("a"); n != 2 {
		t.Fatalf("%d letters", n)
	}
	proof := linked(post, "/notices/stop?t=")
	w.ask("POST", "/notices/confirm", "", object{"token": proof}).refused(http.StatusNotFound, "link_ended")
	var stopped object
	for range 2 {
		w.ask("POST", "/notices/stop", "", object{"token": proof}).must(http.StatusOK, &stopped)
	}
	if stopped.text("topic") != "orders" {
		t.Errorf("stopped: %v", stopped)
	}
	if topics := w.seen(session.text("token"), "/me/notices").list("topics"); topics[0]["email"] != false || topics[0]["app"] != true || topics[1]["email"] != true {
		t.Errorf("wanted still: %v", topics)
	}
	if n := tell("b"); n != 2 {
		t.Errorf("%d letters", n)
	}
}

// tower is a texter that keeps what it is given.
type tower struct{ texts []notice.Text }

func (p *tower) Text(_ context.Context, t notice.Text) error {
	p.texts = append(p.texts, t)
	return nil
}

func (*tower) Check(context.Context) error { return nil }

func (*tower) Name() string { return "a test" }

func TestAPhoneIsConfirmedByTheCodeThatWentThere(t *testing.T) {
	w := open(t)
	token, _, phone := w.person("陈秀英")
	w.ask("POST", "/me/notices/phone", token, nil).refused(http.StatusConflict, "text_off")
	if is := w.seen(token, "/me/notices"); is.text("phone") != "off" {
		t.Errorf("without a texter: %v", is)
	}
	tower := &tower{}
	w.posted(notice.Options{Texter: tower})
	if is := w.seen(token, "/me/notices"); is.text("phone") != "unconfirmed" {
		t.Errorf("before: %v", is)
	}
	w.ask("POST", "/me/notices/phone/confirm", token, object{"code": "123456"}).refused(http.StatusUnprocessableEntity, "code_wrong")
	w.ask("POST", "/me/notices/phone", token, nil).must(http.StatusNoContent)
	if len(tower.texts) != 1 || !strings.HasSuffix(tower.texts[0].To, phone[len(phone)-8:]) {
		t.Fatalf("sent: %+v", tower.texts)
	}
	code := regexp.MustCompile(`\d{6}`).FindString(tower.texts[0].Words)
	other, _, _ := w.person("别人")
	w.ask("POST", "/me/notices/phone/confirm", other, object{"code": code}).refused(http.StatusUnprocessableEntity, "code_wrong")
	for range 2 {
		w.ask("POST", "/me/notices/phone/confirm", token, object{"code": code}).must(http.StatusNoContent)
	}
	if is := w.seen(token, "/me/notices"); is.text("phone") != "confirmed" {
		t.Errorf("after: %v", is)
	}
	for range 4 {
		w.ask("POST", "/me/notices/phone", token, nil).must(http.StatusNoContent)
	}
	w.ask("POST", "/me/notices/phone", token, nil).refused(http.StatusTooManyRequests, "too_many")
}

func TestQuietHoursAreSetReadBackAndTakenAway(t *testing.T) {
	w := open(t)
	token, _, _ := w.person("陈秀英")
	quiet := func(body object) (is object) {
		w.ask("PUT", "/me/notices", token, body).must(http.StatusOK, &is)
		return is
	}
	if is := w.seen(token, "/me/notices"); is["quiet_from"] != nil || is["quiet_until"] != nil {
		t.Errorf("at first: %v", is)
	}
	for _, is := range []object{quiet(object{"quiet_from": 1320, "quiet_until": 0}), w.seen(token, "/me/notices"), quiet(object{"topics": []object{{"topic": "news", "app": false, "email": false}}})} {
		if is["quiet_from"] != 1320.0 || is["quiet_until"] != 0.0 { // from ten o'clock to midnight
			t.Errorf("set: %v", is)
		}
	}
	for _, half := range []string{"quiet_from", "quiet_until"} {
		if p := w.ask("PUT", "/me/notices", token, object{half: 60}).refused(http.StatusUnprocessableEntity, "required"); p.Field == half || !strings.HasPrefix(p.Field, "quiet_") {
			t.Errorf("%s alone is refused at %s", half, p.Field)
		}
	}
	for _, wrong := range []int{-1, 1440} {
		w.ask("PUT", "/me/notices", token, object{"quiet_from": wrong, "quiet_until": 0}).must(http.StatusUnprocessableEntity)
	}
	if is := quiet(object{"quiet_from": 0, "quiet_until": 0}); is["quiet_from"] != nil || is["quiet_until"] != nil {
		t.Errorf("taken away: %v", is)
	}
}
