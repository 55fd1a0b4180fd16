package people_test

import (
	"strings"
	"sync"
	"testing"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestWrongValuesAreRefusedByField(t *testing.T) {
	d, _, _ := open(t)
	for _, c := range []struct {
		field, code string
		change      func(*people.Newcomer)
	}{
		{"name", "required", func(n *people.Newcomer) { n.Name = " \t" }},
		{"name", "too_long", func(n *people.Newcomer) { n.Name = strings.Repeat("长", 81) }},
		{"phone", "required", func(n *people.Newcomer) { n.Phone = "" }},
		{"phone", "phone_unreadable", func(n *people.Newcomer) { n.Phone = "12345" }},
		{"phone", "phone_unreadable", func(n *people.Newcomer) { n.Phone = "walnut" }},
		{"email", "email_unreadable", func(n *people.Newcomer) { n.Email = "a@" }},
		{"email", "email_unreadable", func(n *people.Newcomer) { n.Email = "Ali <ali@example.org>" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = "" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = "walnut1" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = "Password123" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = "核核核核核核核核" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = "34567890" }},
		{"password", "weak_password", func(n *people.Newcomer) { n.Password = strings.TrimPrefix(n.Phone, "+86") }},
		{"password", "too_long", func(n *people.Newcomer) { n.Password = strings.Repeat("x y", 100) }},
	} {
		n := newcomer()
		c.change(&n)
		_, err := d.Register(t.Context(), once.Key{}, n)
		if f, ok := fault.As(err); !ok || f.Code != c.code || f.Field != c.field {
			t.Errorf("%+v: %v, want %s on %s", n, err, c.code, c.field)
		}
	}
	_, err := d.Register(t.Context(), once.Key{}, people.Newcomer{})
	if f, ok := fault.As(err); !ok || len(f.More) != 2 {
		t.Errorf("nothing given: %v, want three refusals at once", err)
	}
}

func TestOneNumberIsOneAccountHoweverItIsWritten(t *testing.T) {
	d, _, _ := open(t)
	n := newcomer()
	full, plain := n.Phone, strings.TrimPrefix(n.Phone, "+86")
	n.Phone = plain[:3] + " " + plain[3:7] + "-" + plain[7:]
	p := register(t, d, n)
	if p.Phone != full {
		t.Errorf("stored as %s, want %s", p.Phone, full)
	}
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, plain)
	for _, written := range []string{plain, full, "0086" + plain, wide} {
		got, _, err := d.SignIn(t.Context(), written, right, "")
		if err != nil || got.ID != p.ID {
			t.Errorf("%s signs in %v %v", written, got.ID, err)
		}
	}
}

func TestWhatSomebodyHasIsTaken(t *testing.T) {
	d, _, _ := open(t)
	first := newcomer()
	first.Email = mail()
	register(t, d, first)
	second := newcomer()
	second.Email, second.Password = first.Email, "another one entirely"
	if _, err := d.Register(t.Context(), once.Key{}, second); !fault.Has(err, "taken.email") {
		t.Errorf("its address: %v", err)
	}
	second.Email, second.Phone = "", first.Phone
	_, err := d.Register(t.Context(), once.Key{}, second)
	if f, ok := fault.As(err); !ok || f.Code != "taken.phone" || f.Field != "phone" {
		t.Errorf("its phone: %v", err)
	}
	third := register(t, d, newcomer())
	both := people.Newcomer{Name: "x", Phone: first.Phone, Email: mail(), Password: right}
	if _, err := d.Register(t.Context(), once.Key{}, both); !fault.Has(err, "taken.phone") {
		t.Errorf("its phone with another address: %v", err)
	}
	both.Phone, both.Email = third.Phone, first.Email
	if _, err := d.Register(t.Context(), once.Key{}, both); !fault.Has(err, "taken.phone") {
		t.Errorf("the phone of one and the address of another: %v", err)
	}
}

func TestRegisteringAgainGivesTheSamePerson(t *testing.T) {
	d, _, _ := open(t)
	n := newcomer()
	k := once.Of(id.None, id.Secret(10), []byte(n.Phone))
	first, err := d.Register(t.Context(), k, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []once.Key{k, {}, once.Of(id.None, id.Secret(10), nil)} {
		again, err := d.Register(t.Context(), key, n)
		if err != nil || again.ID != first.ID || again.Phone != first.Phone {
			t.Errorf("again: %+v %v, want %+v", again, err, first)
		}
	}
	other := k
	other.Hash[0]++
	if _, err := d.Register(t.Context(), other, newcomer()); !fault.Has(err, "key_reused") {
		t.Errorf("the key with other content: %v", err)
	}
}

// cut leaves what a registration leaves that stops between its two halves.
func cut(t *testing.T, db *storage.DB, phone string) id.ID {
	t.Helper()
	who := id.New()
	err := db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO people (id, name, phone, created_at) VALUES ($1, 'half', $2, $3)`, who, phone, tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func TestARegistrationThatWasCutIsFinishedByTheNext(t *testing.T) {
	d, db, _ := open(t)
	n := newcomer()
	who := cut(t, db, n.Phone)
	if _, _, err := d.SignIn(t.Context(), n.Phone, right, ""); !fault.Has(err, "wrong_password") {
		t.Errorf("signing in before it is finished: %v", err)
	}
	p := register(t, d, n)
	if p.ID != who {
		t.Errorf("finished as %v, want %v", p.ID, who)
	}
	got, _, err := d.SignIn(t.Context(), n.Phone, right, "")
	if err != nil || got.ID != who || got.Name != n.Name {
		t.Errorf("signing in: %+v %v", got, err)
	}
}

func TestNobodyComesToARoleByFinishingAnAccount(t *testing.T) {
	d, db, market := open(t)
	n := newcomer()
	who := cut(t, db, n.Phone)
	err := db.Update(t.Context(), market, func(tx *storage.Tx) error {
		return people.Grant(tx, who, people.Operator, "", people.System.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Register(t.Context(), once.Key{}, n); !fault.Has(err, "taken.phone") {
		t.Errorf("finishing an operator's account: %v", err)
	}
}

func TestOfManyWhoRegisterOnePhoneAtOnceOnePasswordHolds(t *testing.T) {
	d, _, _ := open(t)
	n := newcomer()
	var wait sync.WaitGroup
	passwords := []string{"first of them", "second of them", "third of them", "first of them"}
	errs := make([]error, len(passwords))
	for i, pw := range passwords {
		wait.Go(func() {
			mine := n
			mine.Password = pw
			_, errs[i] = d.Register(t.Context(), once.Key{}, mine)
		})
	}
	wait.Wait()
	held := map[string]bool{}
	for i, err := range errs {
		switch {
		case err == nil:
			held[passwords[i]] = true
		case !fault.Has(err, "taken.phone"):
			t.Error(err)
		}
	}
	if len(held) != 1 {
		t.Fatalf("registered with %v, want one password", held)
	}
	for _, pw := range passwords {
		if _, _, err := d.SignIn(t.Context(), n.Phone, pw, ""); (err == nil) != held[pw] {
			t.Errorf("%q: %v", pw, err)
		}
	}
}

func TestAPasswordIsStoredAsItsHashAlone(t *testing.T) {
	d, db, _ := open(t)
	p := register(t, d, newcomer())
	row := text(t, db, "credentials", p.ID)
	if !strings.Contains(row, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(row, "walnut") {
		t.Errorf("stored: %s", row)
	}
	if c := people.New(db).Cost; c.Memory != 19*1024 || c.Iterations != 2 || c.Parallelism != 1 {
		t.Errorf("what a hash costs in earnest: %+v", *c)
	}
}

func TestANewcomerSpeaksChineseUnlessEnglishIsAsked(t *testing.T) {
	d, _, _ := open(t)
	for asked, want := range map[string]string{"": "zh", "zh": "zh", "en": "en", "xx": "zh"} {
		n := newcomer()
		n.Phone, n.Email, n.Language = "", mail(), asked
		if p := register(t, d, n); p.Language != want {
			t.Errorf("%q: %s", asked, p.Language)
		}
	}
	if _, err := people.ReadPhone(dbtest.Phone()); err != nil {
		t.Error(err)
	}
}
