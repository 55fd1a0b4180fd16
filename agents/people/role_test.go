package people_test

import (
	"testing"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// yuli is a database of its own with one market in 尉犁县 and the directory on it.
func yuli(t *testing.T) (*people.Directory, *storage.DB, region.Market) {
	t.Helper()
	db, _ := dbtest.Own(t)
	if err := region.LoadSome(t.Context(), db, "652823120", "652823100", "522633100"); err != nil {
		t.Fatal(err)
	}
	m, err := region.OpenMarket(t.Context(), db, region.NewMarket{Code: "YL", Name: "尉犁集市", RegionCode: "652823", Currency: "CNY", TimeZone: "Asia/Shanghai"})
	if err != nil {
		t.Fatal(err)
	}
	d := people.New(db)
	d.Cost = people.LightCost
	return d, db, m
}

func TestAClerkIsOneOnlyInTheirRegionOfTheirMarket(t *testing.T) {
	d, db, m := yuli(t)
	p := register(t, d, newcomer())
	grant := func(role, place string) error {
		return db.Update(t.Context(), m.ID, func(tx *storage.Tx) error {
			tx.Keyed()
			return people.Grant(tx, p.ID, role, place, people.System.ID)
		})
	}
	for _, c := range []struct{ role, place, code, field string }{
		{people.Clerk, "", "required", "region"}, {people.Clerk, "652823", "role_region", "region"}, {people.Clerk, "522633100", "role_region", "region"},
		{people.Clerk, "652823999", "region_unknown", "region"}, {people.Operator, "652823120", "role_no_region", "region"}, {"king", "", "role_unknown", "role"},
	} {
		f, ok := fault.As(grant(c.role, c.place))
		if !ok || f.Code != c.code || f.Field != c.field {
			t.Errorf("%s of %q: %v", c.role, c.place, f)
		}
	}
	for range 2 {
		if err := grant(people.Clerk, "652823120"); err != nil {
			t.Fatal(err)
		}
	}
	if err := grant(people.Clerk, "652823100"); err != nil {
		t.Fatal(err)
	}
	who, token, err := d.SignIn(t.Context(), p.Phone, right, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Resume(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []people.Person{who, again} {
		if len(x.Stations(m.ID)) != 2 || !x.IsClerk(m.ID, "652823120") || !x.IsClerk(m.ID, "652823100") {
			t.Errorf("%+v is no clerk of both", x)
		}
		if x.IsClerk(m.ID, "652823") || x.IsClerk(m.ID, "652823101") || x.IsClerk(m.ID+1, "652823120") || x.IsClerk(m.ID, "") || x.IsOperator(m.ID) {
			t.Errorf("%+v is more than they were given", x)
		}
	}
	err = db.Update(t.Context(), m.ID, func(tx *storage.Tx) error {
		tx.Keyed()
		return people.Withdraw(tx, p.ID, people.Clerk, "652823120", people.System.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if again, err = d.Resume(t.Context(), token); err != nil || again.IsClerk(m.ID, "652823120") || !again.IsClerk(m.ID, "652823100") {
		t.Errorf("after the withdrawal of one: %+v %v", again, err)
	}
	var held []people.Role
	if err := db.View(t.Context(), m.ID, func(tx *storage.Tx) (err error) { held, err = people.Holders(tx); return }); err != nil || len(held) != 1 || held[0].Region != "652823100" {
		t.Errorf("held: %+v %v", held, err)
	}
}

func TestASetupCodeMakesTheFirstOperatorAndThenNobody(t *testing.T) {
	d, db, _ := yuli(t)
	code, err := d.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.SetupCode(t.Context())
	if err != nil || other == code {
		t.Fatalf("a second code: %s %v", other, err)
	}
	n := newcomer()
	for _, wrong := range []string{"", "x", code[:len(code)-1], id.Secret(10)} {
		_, err := d.First(t.Context(), wrong, n)
		if f, ok := fault.As(err); !ok || f.Code != "setup_code" || f.Field != "code" {
			t.Errorf("with the code %q: %v", wrong, err)
		}
	}
	if _, err := d.FindByLogin(t.Context(), n.Phone); !fault.Has(err, "person_unknown") {
		t.Errorf("a wrong code has made an account: %v", err)
	}
	first, err := d.First(t.Context(), " "+code+"\n", n)
	if err != nil || !first.IsOperator(77) {
		t.Fatalf("the first: %+v %v", first, err)
	}
	if again, err := d.First(t.Context(), code, n); err != nil || again.ID != first.ID {
		t.Errorf("the same form again: %+v %v", again, err)
	}
	for _, c := range []string{code, other} {
		if _, err := d.First(t.Context(), c, newcomer()); !fault.Has(err, "setup_over") {
			t.Errorf("a second one came in: %v", err)
		}
	}
	if _, err := d.SetupCode(t.Context()); !fault.Has(err, "setup_over") {
		t.Errorf("another code: %v", err)
	}
	var plain int
	err = db.ViewShared(t.Context(), func(tx *storage.Tx) error {
		return tx.Get(&plain, `SELECT count(*) FROM setup_codes WHERE market_id = 0 AND position(code_hash::text IN $1) > 0`, code)
	})
	if err != nil || plain != 0 {
		t.Errorf("%d codes are kept readable (%v)", plain, err)
	}
}

func TestOfManyWithCodesOneIsFirst(t *testing.T) {
	d, _, _ := yuli(t)
	const n = 4
	codes, errs := make([]string, n), make(chan error, n)
	for i := range codes { // all before the first is used: after that there are none
		code, err := d.SetupCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		codes[i] = code
	}
	for _, code := range codes {
		go func() { _, err := d.First(t.Context(), code, newcomer()); errs <- err }()
	}
	in := 0
	for range n {
		switch err := <-errs; {
		case err == nil:
			in++
		case !fault.Has(err, "setup_over"):
			t.Error(err)
		}
	}
	if in != 1 {
		t.Errorf("%d became the first", in)
	}
}

func TestACodeOfYesterdayOpensNothing(t *testing.T) {
	d, db, _ := yuli(t)
	code, err := d.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(t.Context(), storage.Platform, func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE setup_codes SET expires_at = $2 WHERE market_id = $1`, tx.Market, tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.First(t.Context(), code, newcomer()); !fault.Has(err, "setup_code") {
		t.Errorf("it opens: %v", err)
	}
	if _, err := d.Register(t.Context(), once.Key{}, newcomer()); err != nil {
		t.Error(err)
	}
}
