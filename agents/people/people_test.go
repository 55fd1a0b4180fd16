package people_test

import (
	"strings"
	"testing"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const right = "walnuts in Yuli"

func open(t *testing.T, change ...func(*storage.Options)) (*people.Directory, *storage.DB, int32) {
	t.Helper()
	db, market := dbtest.Open(t, change...)
	d := people.New(db)
	d.Cost = people.LightCost
	return d, db, market
}

func register(t *testing.T, d *people.Directory, n people.Newcomer) people.Person {
	t.Helper()
	p, err := d.Register(t.Context(), once.Key{}, n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newcomer() people.Newcomer {
	return people.Newcomer{Name: "阿依古丽", Phone: dbtest.Phone(), Password: right}
}

func mail() string { return strings.ToLower(id.Secret(8)) + "@example.org" }

// text reads every column of a person's rows in a table, as one text.
func text(t *testing.T, db *storage.DB, table string, who id.ID) string {
	t.Helper()
	var rows []string
	err := db.ViewUser(t.Context(), who, func(tx *storage.Tx) error {
		return tx.Select(&rows, `SELECT x::text FROM `+table+` x WHERE user_id = $1`, who)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

func TestSystemMayActEverywhereAndGuestsNowhere(t *testing.T) {
	if !people.System.IsOperator(7) || people.System.ID == id.None {
		t.Errorf("system: %+v", people.System)
	}
	if (people.Person{Guest: true}).IsOperator(0) {
		t.Error("a guest is operator")
	}
	if p := (people.Person{Operator: []int32{4}}); !p.IsOperator(4) || p.IsOperator(5) || p.IsOperator(0) {
		t.Error("an operator of one market is not one of that market alone")
	}
}

func TestARoleCountsFromTheNextRequestAndOnlyWhereItWasGiven(t *testing.T) {
	d, db, market := open(t)
	p := register(t, d, newcomer())
	_, token, err := d.SignIn(t.Context(), p.Phone, right, "phone")
	if err != nil {
		t.Fatal(err)
	}
	change := func(fn func(*storage.Tx, id.ID, string, string, id.ID) error, role string) error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error { return fn(tx, p.ID, role, "", people.System.ID) })
	}
	for range 2 {
		if err := change(people.Grant, people.Operator); err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.Resume(t.Context(), token)
	if err != nil || !got.IsOperator(market) || got.IsOperator(market+1) {
		t.Errorf("after the grant: %+v %v", got, err)
	}
	if got, err := d.FindByLogin(t.Context(), p.Phone); err != nil || !got.IsOperator(market) {
		t.Errorf("by login: %+v %v", got, err)
	}
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		all, err := people.Operators(tx)
		if len(all) != 1 || all[0].ID != p.ID || all[0].Phone != p.Phone {
			t.Errorf("operators: %+v", all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := change(people.Withdraw, people.Operator); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := d.Resume(t.Context(), token); err != nil || got.IsOperator(market) {
		t.Errorf("after the withdrawal: %+v %v", got, err)
	}
	if err := change(people.Grant, "king"); !fault.Has(err, "role_unknown") {
		t.Errorf("an unknown role: %v", err)
	}
	err = db.Update(t.Context(), market, func(tx *storage.Tx) error {
		return people.Grant(tx, id.New(), people.Operator, "", people.System.ID)
	})
	if !fault.Has(err, "person_unknown") {
		t.Errorf("a role for nobody: %v", err)
	}
}

func TestMarketsAreRememberedOnce(t *testing.T) {
	d, db, market := open(t)
	guest, _, err := d.Guest(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []int32{market, 3, market} {
		err := db.UpdateUser(t.Context(), guest.ID, func(tx *storage.Tx) error { people.Seen(tx, m); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := d.MarketsOf(t.Context(), guest)
	if err != nil || len(got) != 2 || got[0] != 3 || got[1] != market {
		t.Errorf("markets %v %v", got, err)
	}
}

func TestPeopleAreFoundByIdAndByEitherLogin(t *testing.T) {
	d, db, _ := open(t)
	n := newcomer()
	n.Email = mail()
	p := register(t, d, n)
	for _, login := range []string{n.Phone, strings.TrimPrefix(n.Phone, "+86"), " " + strings.ToUpper(n.Email) + " "} {
		if got, err := d.FindByLogin(t.Context(), login); err != nil || got.ID != p.ID || got.Name != n.Name {
			t.Errorf("%q finds %+v %v", login, got, err)
		}
	}
	for _, login := range []string{"", "@", "x", dbtest.Phone(), mail()} {
		if _, err := d.FindByLogin(t.Context(), login); !fault.Has(err, "person_unknown") {
			t.Errorf("%q: %v", login, err)
		}
	}
	err := db.ViewShared(t.Context(), func(tx *storage.Tx) error {
		if got, err := people.Find(tx, p.ID); err != nil || got.Email != n.Email {
			t.Errorf("by id: %+v %v", got, err)
		}
		if _, err := people.Find(tx, id.New()); !fault.Has(err, "person_unknown") {
			t.Errorf("nobody: %v", err)
		}
		names, err := people.Names(tx, p.ID, id.New())
		if len(names) != 1 || names[p.ID] != n.Name {
			t.Errorf("names %v", names)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClosedAccountIsGoneAndItsPhoneFree(t *testing.T) {
	d, db, _ := open(t)
	n := newcomer()
	n.Email = mail()
	p := register(t, d, n)
	_, session, err := d.SignIn(t.Context(), n.Phone, right, "")
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := d.MakeToken(t.Context(), p, "scales", people.Write)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Resume(t.Context(), session); !fault.Has(err, "sign_in_again") {
		t.Errorf("its session: %v", err)
	}
	if _, err := d.ByToken(t.Context(), token); !fault.Has(err, "token_refused") {
		t.Errorf("its token: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), n.Phone, right, ""); !fault.Has(err, "wrong_password") {
		t.Errorf("signing in: %v", err)
	}
	if rows := text(t, db, "credentials", p.ID); rows != "" {
		t.Errorf("its password is still there: %s", rows)
	}
	err = db.ViewShared(t.Context(), func(tx *storage.Tx) error {
		got, err := people.Find(tx, p.ID)
		if got.Name != "" || got.Phone != "" || got.Email != "" {
			t.Errorf("still known: %+v", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if again := register(t, d, n); again.ID == p.ID {
		t.Error("the closed account came back")
	}
	if err := d.Close(t.Context(), people.Person{ID: id.New()}); !fault.Has(err, "person_unknown") {
		t.Errorf("closing nobody's account: %v", err)
	}
}

func TestAnAccountThatWasClosedHalfwayOpensNothing(t *testing.T) {
	d, db, _ := open(t)
	p := register(t, d, newcomer())
	_, session, err := d.SignIn(t.Context(), p.Phone, right, "")
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := d.MakeToken(t.Context(), p, "scales", people.Read)
	if err != nil {
		t.Fatal(err)
	}
	err = db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE people SET closed_at = $2, phone = NULL WHERE id = $1`, p.ID, tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Resume(t.Context(), session); !fault.Has(err, "sign_in_again") {
		t.Errorf("its session: %v", err)
	}
	if _, err := d.ByToken(t.Context(), token); !fault.Has(err, "token_refused") {
		t.Errorf("its token: %v", err)
	}
}
