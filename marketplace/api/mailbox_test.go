package api_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonfield/agents/region"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/storage"
	"commonfield/storage/jobs"
	"commonfield/storage/seal"
)

func TestAnAddressIsAskedForConfirmedAndStoppedByTheAPI(t *testing.T) {
	w := open(t)
	post := &noticetest.Post{}
	box, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	w.ok(err)
	w.m.Notices = notice.New(w.m.DB, region.New(w.m.DB), box, notice.Options{Sender: post, Home: "https://market.example"})
	worker := jobs.NewWorker(w.m.DB, map[string]jobs.Handler{notice.JobLetter: {Call: w.m.Notices.Letter}, notice.JobConfirm: {Call: w.m.Notices.Confirming}}, jobs.Options{})
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
	_, err = worker.Drain(t.Context(), storage.Platform)
	w.ok(err)
	if len(post.Letters) == 0 {
		t.Fatal("no letter was written")
	}
	_, rest, _ := strings.Cut(post.Letters[len(post.Letters)-1].Text, "/notices/confirm?t=")
	said := strings.Fields(rest)[0]
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
