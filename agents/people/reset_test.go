package people_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

func TestALostPasswordIsResetByThePlatformAlone(t *testing.T) {
	d, db, market := open(t)
	p := register(t, d, newcomer())
	first, second := signIn(t, d, p), signIn(t, d, p)
	const next = "apricots in Luntai"
	for name, by := range map[string]people.Person{
		"themselves": p, "a guest": {ID: id.New(), Guest: true}, "an operator of a market": {ID: id.New(), Operator: []int32{market}},
	} {
		if err := d.ResetPassword(t.Context(), by, p.ID, next); !fault.Has(err, "operator_only") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.ResetPassword(t.Context(), people.System, p.ID, strings.TrimPrefix(p.Phone, "+86")); !fault.Has(err, "weak_password") {
		t.Errorf("their own number: %v", err)
	}
	if err := d.ResetPassword(t.Context(), people.System, id.New(), next); !fault.Has(err, "person_unknown") {
		t.Errorf("nobody: %v", err)
	}
	if _, err := d.Resume(t.Context(), first); err != nil {
		t.Fatalf("a refused reset ended a session: %v", err)
	}
	operator := people.Person{ID: id.New(), Operator: []int32{storage.Platform}}
	for range 2 {
		if err := d.ResetPassword(t.Context(), operator, p.ID, next); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{first, second} {
		if _, err := d.Resume(t.Context(), token); !fault.Has(err, "sign_in_again") {
			t.Errorf("a session went on: %v", err)
		}
	}
	if _, _, err := d.SignIn(t.Context(), p.Phone, right, ""); !fault.Has(err, "wrong_password") {
		t.Errorf("the lost one: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), p.Phone, next, ""); err != nil {
		t.Errorf("the new one: %v", err)
	}
	err := db.View(t.Context(), storage.Platform, func(tx *storage.Tx) error {
		lines, err := trail.About(tx, "person:"+p.ID.String(), id.None, 10)
		if len(lines) != 2 || lines[0].By != operator.ID || lines[0].Deed != "password.reset" {
			t.Errorf("the trail: %+v", lines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnAccountThatWasCutShortGetsItsFirstPasswordAndAClosedOneNone(t *testing.T) {
	d, db, _ := open(t)
	p := register(t, d, newcomer())
	err := db.UpdateUser(t.Context(), p.ID, func(tx *storage.Tx) error {
		_, err := tx.Exec("DELETE FROM credentials WHERE user_id = $1", p.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.ResetPassword(t.Context(), people.System, p.ID, right); err != nil {
		t.Fatal(err)
	}
	signIn(t, d, p)
	if err := d.Close(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := d.ResetPassword(t.Context(), people.System, p.ID, right); !fault.Has(err, "person_unknown") {
		t.Errorf("a closed account: %v", err)
	}
	if text(t, db, "credentials", p.ID) != "" {
		t.Error("a closed account has a password")
	}
}

func TestSessionsAreForgottenNinetyDaysAfterTheyRanOut(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	db, _ := dbtest.Own(t, func(o *storage.Options) { o.Clock = func() time.Time { return now } })
	d := people.New(db)
	d.Cost = people.LightCost
	p := register(t, d, newcomer())
	old := signIn(t, d, p)
	guest, _, err := d.Guest(t.Context(), "phone")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	for i, days := range []int{119, 2, 0} { // a session lives for 30
		now = now.AddDate(0, 0, days)
		if i == 1 {
			signIn(t, d, p)
		}
		gone, err := d.Sweep(t.Context())
		if want := []int64{0, 2, 0}[i]; err != nil || gone != want {
			t.Errorf("look %d: %d gone, want %d, %v", i, gone, want, err)
		}
	}
	if left := text(t, db, "sessions", p.ID); left == "" || strings.Contains(left, "\n") {
		t.Errorf("not one session is left: %q", left)
	}
	if left := text(t, db, "sessions", guest.ID); left != "" {
		t.Errorf("a guest's is left: %q", left)
	}
}
