package payable_test

import (
	"context"
	"path/filepath"
	"testing"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/seal"
)

// owned makes a payee who is a person, and the books to seal in.
func owned(t *testing.T, name string) (db *storage.DB, market int32, payee, person id.ID, set func(holder, number string, by id.ID)) {
	t.Helper()
	db, market = dbtest.Open(t)
	keys, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	p, err := people.New(db).Register(t.Context(), once.Key{}, people.Newcomer{Name: name, Phone: dbtest.Phone(), Password: "a long secret"})
	must(t, err)
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		payee = payable.NewPayee(tx, payable.Producer, "古丽家的核桃", p.ID)
		return nil
	}))
	return db, market, payee, p.ID, func(holder, number string, by id.ID) {
		t.Helper()
		must(t, payable.SetAccount(context.Background(), db, market, payee, payable.Account{Holder: holder, Bank: "农行", Number: number}, keys, by))
	}
}

func present(t *testing.T, db *storage.DB, market int32, payee id.ID) (a payable.BankAccount) {
	t.Helper()
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) (err error) { a, err = payable.AccountOf(tx, payee); return }))
	return a
}

func TestAnAccountOfAnotherNameWaitsForSomebodyWhoHasSeenIt(t *testing.T) {
	db, market, payee, self, set := owned(t, "古丽娜尔·买买提")
	operator := id.New()
	for holder, want := range map[string]string{"古丽娜尔 买买提": payable.Active, "古丽家的核桃": payable.Active, "别人": payable.Pending} {
		set(holder, "6228480100000001", self)
		if got := present(t, db, market, payee).State; got != want {
			t.Errorf("%s set by the payee is %s, not %s", holder, got, want)
		}
	}
	set("她的丈夫", "6228480100000002", operator) // who has the passbook in hand
	if got := present(t, db, market, payee).State; got != payable.Active {
		t.Errorf("set by an operator it is %s", got)
	}
	set("她的丈夫", "6228480100000003", self)
	a := present(t, db, market, payee)
	if err := payable.CheckAccount(t.Context(), db, market, a.ID, self); !fault.Has(err, "account_own") {
		t.Errorf("the payee checks it: %v", err)
	}
	for range 2 {
		must(t, payable.CheckAccount(t.Context(), db, market, a.ID, operator))
	}
	if a = present(t, db, market, payee); a.State != payable.Active || a.Usable(a.UsableAt.Add(-1)) || !a.Usable(a.UsableAt) {
		t.Errorf("checked it is %s; it still cools", a.State)
	}
	if err := payable.CheckAccount(t.Context(), db, market, id.New(), operator); !fault.Has(err, "bank_account_missing") {
		t.Errorf("nobody's: %v", err)
	}
}

func TestSuspicionIsNotShakenOffByAnotherNumber(t *testing.T) {
	db, market, payee, self, set := owned(t, "古丽娜尔")
	operator := id.New()
	set("古丽娜尔", "6228480100000001", self)
	a := present(t, db, market, payee)
	if err := payable.RestrictAccount(t.Context(), db, market, a.ID, operator, "  "); !fault.Has(err, "required") {
		t.Errorf("without a reason: %v", err)
	}
	for range 2 {
		must(t, payable.RestrictAccount(t.Context(), db, market, a.ID, operator, "卡丢了"))
	}
	if a = present(t, db, market, payee); a.State != payable.Restricted || a.Why != "卡丢了" || a.Usable(a.UsableAt) {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		do   func() error
		code string
	}{
		{func() error { return payable.CheckAccount(t.Context(), db, market, a.ID, operator) }, "account_state"},
		{func() error { return payable.CloseAccount(t.Context(), db, market, a.ID, self) }, "account_state"},
		{func() error { return payable.FreeAccount(t.Context(), db, market, a.ID, self) }, "account_own"},
	} {
		if err := c.do(); !fault.Has(err, c.code) {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	set("古丽娜尔", "6228480100000002", self)
	if got := present(t, db, market, payee).State; got != payable.Pending {
		t.Errorf("the next number is %s", got)
	}
	if err := payable.FreeAccount(t.Context(), db, market, a.ID, operator); !fault.Has(err, "account_state") {
		t.Errorf("the closed one is freed: %v", err)
	}
	a = present(t, db, market, payee)
	must(t, payable.CloseAccount(t.Context(), db, market, a.ID, self))
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		if _, err := payable.AccountOf(tx, payee); !fault.Has(err, "bank_account_missing") {
			t.Errorf("closed: %v", err)
		}
		return nil
	}))
	set("古丽娜尔", "6228480100000002", self) // once more the same: it is a new one
	if got := present(t, db, market, payee); got.State != payable.Active || !got.UsableAt.After(got.CreatedAt) {
		t.Errorf("after closing: %+v", got)
	}
}

func TestOneAccountIsPresentHoweverManySetAndCheckAtOnce(t *testing.T) {
	db, market, payee, self, set := owned(t, "古丽娜尔")
	set("别人", "6228480100000001", self)
	a := present(t, db, market, payee)
	errs := make(chan error, 64)
	for i := range 64 {
		go func() {
			switch i % 3 {
			case 0:
				errs <- payable.CheckAccount(context.Background(), db, market, a.ID, id.New())
			case 1:
				errs <- payable.RestrictAccount(context.Background(), db, market, a.ID, id.New(), "x")
			default:
				errs <- payable.FreeAccount(context.Background(), db, market, a.ID, id.New())
			}
		}()
	}
	for range 64 {
		if err := <-errs; err != nil && !fault.Has(err, "account_state") {
			t.Error(err)
		}
	}
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		var n int
		must(t, tx.Get(&n, `SELECT count(*) FROM payout_accounts WHERE market_id = $1 AND payee_id = $2 AND state <> 'closed'`, market, payee))
		if n != 1 {
			t.Errorf("%d accounts", n)
		}
		return nil
	}))
}
