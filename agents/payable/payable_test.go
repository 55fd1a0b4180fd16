package payable_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newPayee(t *testing.T, db *storage.DB, market int32) id.ID {
	t.Helper()
	var payee id.ID
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		payee = payable.NewPayee(tx, payable.Producer, "古丽", id.None)
		return nil
	}))
	return payee
}

func box(t *testing.T) *seal.Box {
	t.Helper()
	b, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func accountOf(t *testing.T, db *storage.DB, market int32, payee id.ID) (a payable.BankAccount, err error) {
	t.Helper()
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		a, err = payable.AccountOf(tx, payee)
		return err
	})
	return a, err
}

func TestAPayeeAndItsPayablesAreFoundAndSummed(t *testing.T) {
	db, market := dbtest.Open(t)
	sale := id.New()
	var payee id.ID
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		payee = payable.NewPayee(tx, payable.Agent, "阿依", id.None) // payee and payables in one statement
		payable.Add(tx, payable.Row{Payee: payee, Cause: "a", Amount: 500, Sale: sale},
			payable.Row{Payee: payee, Cause: "nothing", Amount: 0},
			payable.Row{Payee: payee, Cause: "b", Amount: -120})
		return nil
	}))
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		p, err := payable.FindPayee(tx, payee)
		must(t, err)
		if p.Name != "阿依" || p.Kind != payable.Agent || p.PersonID != id.None || p.Market != market {
			t.Errorf("payee: %+v", p)
		}
		for _, asked := range [][]id.ID{{payee}, nil} {
			sums, err := payable.Open(tx, asked...)
			must(t, err)
			if len(sums) != 1 || sums[payee] != 380 {
				t.Errorf("open sums: %v", sums)
			}
		}
		rows, err := payable.List(tx, payee, id.None, 10)
		must(t, err)
		if len(rows) != 2 {
			t.Fatalf("%d payables", len(rows))
		}
		older, err := payable.List(tx, payee, rows[0].ID, 10)
		must(t, err)
		if len(older) != 1 || older[0].ID != rows[1].ID {
			t.Errorf("the second page: %+v", older)
		}
		return nil
	}))
}

func TestACauseIsOwedOnce(t *testing.T) {
	db, market := dbtest.Open(t)
	payee := newPayee(t, db, market)
	add := func() error {
		return db.Update(t.Context(), market, func(tx *storage.Tx) error {
			payable.Add(tx, payable.Row{Payee: payee, Cause: "release:1", Amount: 500})
			return nil
		})
	}
	must(t, add())
	if err := add(); !storage.Violates(err, "payables_once") {
		t.Fatalf("the second payable of a cause: %v", err)
	}
}

func TestAnUnknownPayeeIsNotFoundAndOfAnotherMarketNeither(t *testing.T) {
	db, market := dbtest.Open(t)
	payee := newPayee(t, db, dbtest.Market(t, db))
	for _, one := range []id.ID{id.New(), payee} {
		err := db.View(t.Context(), market, func(tx *storage.Tx) error {
			_, err := payable.FindPayee(tx, one)
			return err
		})
		if !errors.Is(err, fault.NotFound("payee_unknown")) {
			t.Errorf("found %v", err)
		}
	}
}

func TestAPersonIsFoundAsPayeeOfSeveralMarkets(t *testing.T) {
	db, market := dbtest.Open(t)
	person := id.New()
	must(t, db.UpdateShared(t.Context(), func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO people (id, name, created_at) VALUES ($1, 'A', $2)`, person, tx.Now)
		return err
	}))
	markets := []int32{market, dbtest.Market(t, db)}
	for _, m := range markets {
		must(t, db.Update(t.Context(), m, func(tx *storage.Tx) error {
			payable.NewPayee(tx, payable.Agent, "A", person)
			return nil
		}))
	}
	found, err := payable.PayeesOf(t.Context(), db, person)
	must(t, err)
	if len(found) != 2 || found[0].Market != markets[0] || found[1].Market != markets[1] || found[0].PersonID != person {
		t.Fatalf("found %+v", found)
	}
}

func TestTheFirstAccountIsUsableAtOnceAndLaterOnesCool(t *testing.T) {
	db, market := dbtest.Open(t)
	payee, keys := newPayee(t, db, market), box(t)
	set := func(a payable.Account) {
		t.Helper()
		must(t, payable.SetAccount(t.Context(), db, market, payee, a, keys, id.New()))
	}
	if _, err := accountOf(t, db, market, payee); !errors.Is(err, fault.NotFound("bank_account_missing")) {
		t.Fatalf("an account before there is one: %v", err)
	}
	set(payable.Account{Holder: " 古丽 ", Bank: "农行", Number: "6228 4800 1234 5678"})
	first, err := accountOf(t, db, market, payee)
	must(t, err)
	if !first.Usable(first.CreatedAt) || first.Tail != "5678" || first.Holder != "古丽" {
		t.Errorf("the first account: %+v", first)
	}
	set(payable.Account{Holder: "古丽", Bank: "农行", Number: "6228480012345678"}) // the same again
	if same, err := accountOf(t, db, market, payee); err != nil || same.ID != first.ID {
		t.Errorf("the same details made another account: %+v %v", same, err)
	}
	set(payable.Account{Holder: "古丽", Bank: "农行", Number: "6228480012340000"})
	second, err := accountOf(t, db, market, payee)
	must(t, err)
	if second.ID == first.ID || second.Usable(second.CreatedAt.Add(payable.Cooling-time.Second)) || !second.Usable(second.CreatedAt.Add(payable.Cooling)) {
		t.Errorf("the second account: %+v", second)
	}
}

func TestANumberIsStoredSealedAndOpensForItsRowOnly(t *testing.T) {
	db, market := dbtest.Open(t)
	payee, keys := newPayee(t, db, market), box(t)
	must(t, payable.SetAccount(t.Context(), db, market, payee, payable.Account{Holder: "H", Bank: "B", Number: "6228480012345678"}, keys, id.New()))
	a, err := accountOf(t, db, market, payee)
	must(t, err)
	if strings.Contains(string(a.Sealed), "62284800") {
		t.Error("the number lies in the clear")
	}
	if n, err := a.Number(keys, market); err != nil || n != "6228480012345678" {
		t.Errorf("opened %q %v", n, err)
	}
	a.ID = id.New()
	if n, err := a.Number(keys, market); err == nil {
		t.Errorf("opened %q for another row", n)
	}
}

func TestWrongAccountDetailsAreRefusedFieldByField(t *testing.T) {
	db, market := dbtest.Open(t)
	payee, keys := newPayee(t, db, market), box(t)
	for name, c := range map[string]struct {
		a     payable.Account
		field string
		code  string
	}{
		"no holder":      {payable.Account{Bank: "B", Number: "12345678"}, "holder", "required"},
		"no bank":        {payable.Account{Holder: "H", Number: "12345678"}, "bank", "required"},
		"seven digits":   {payable.Account{Holder: "H", Bank: "B", Number: "1234567"}, "number", "account_number"},
		"31 digits":      {payable.Account{Holder: "H", Bank: "B", Number: strings.Repeat("1", 31)}, "number", "account_number"},
		"letters":        {payable.Account{Holder: "H", Bank: "B", Number: "1234567A"}, "number", "account_number"},
		"Arabic digits":  {payable.Account{Holder: "H", Bank: "B", Number: "١٢٣٤٥٦٧٨٩"}, "number", "account_number"},
		"a long holder":  {payable.Account{Holder: strings.Repeat("古", 101), Bank: "B", Number: "12345678"}, "holder", "too_long"},
		"a long bank":    {payable.Account{Holder: "H", Bank: strings.Repeat("古", 101), Number: "12345678"}, "bank", "too_long"},
		"only separator": {payable.Account{Holder: "H", Bank: "B", Number: " - "}, "number", "account_number"},
	} {
		f, ok := fault.As(payable.SetAccount(t.Context(), db, market, payee, c.a, keys, id.New()))
		if !ok || f.Field != c.field || f.Code != c.code {
			t.Errorf("%s: %v", name, f)
		}
	}
	f, _ := fault.As(payable.SetAccount(t.Context(), db, market, payee, payable.Account{}, keys, id.New()))
	if f == nil || len(f.More) != 2 {
		t.Errorf("three wrong fields are not told together: %+v", f)
	}
	err := payable.SetAccount(t.Context(), db, market, id.New(), payable.Account{Holder: "H", Bank: "B", Number: "12345678"}, keys, id.New())
	if !errors.Is(err, fault.NotFound("payee_unknown")) {
		t.Errorf("an account for nobody: %v", err)
	}
}

func TestManyAccountsAtOnceLeaveOneActive(t *testing.T) {
	db, market := dbtest.Open(t)
	payee, keys := newPayee(t, db, market), box(t)
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() {
			number := "62284800" + strings.Repeat(string(rune('0'+i%10)), 4+i/10)
			errs[i] = payable.SetAccount(context.Background(), db, market, payee, payable.Account{Holder: "H", Bank: "B", Number: number}, keys, id.New())
		})
	}
	wg.Wait()
	for _, err := range errs {
		must(t, err)
	}
	var active, all, usable int
	must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
		must(t, tx.Get(&active, `SELECT count(*) FROM payout_accounts WHERE market_id = $1 AND payee_id = $2 AND state = 'active'`, market, payee))
		must(t, tx.Get(&all, `SELECT count(*) FROM payout_accounts WHERE market_id = $1 AND payee_id = $2`, market, payee))
		return tx.Get(&usable, `SELECT count(*) FROM payout_accounts WHERE market_id = $1 AND payee_id = $2 AND usable_at <= created_at`, market, payee)
	}))
	if active != 1 || all != 16 || usable != 1 {
		t.Fatalf("%d active of %d, %d usable at once", active, all, usable)
	}
}

func TestFreezingMarksASalesPayablesAndFreesThem(t *testing.T) {
	db, market := dbtest.Open(t)
	payee, sale := newPayee(t, db, market), id.New()
	must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error {
		payable.Add(tx, payable.Row{Payee: payee, Cause: "a", Amount: 500, Sale: sale}, payable.Row{Payee: payee, Cause: "b", Amount: 7, Sale: id.New()})
		return nil
	}))
	frozen := func() (n int) {
		must(t, db.View(t.Context(), market, func(tx *storage.Tx) error {
			rows, err := payable.List(tx, payee, id.None, 10)
			for _, r := range rows {
				if r.Frozen {
					n++
				}
			}
			return err
		}))
		return n
	}
	for _, on := range []bool{true, true, false} {
		must(t, db.Update(t.Context(), market, func(tx *storage.Tx) error { payable.Freeze(tx, sale, on); return nil }))
		if n := frozen(); (n == 1) != on {
			t.Fatalf("frozen=%v: %d rows", on, n)
		}
	}
}

func TestWhatNobodyIsOwedIsFoundByTheCheck(t *testing.T) {
	db, address := dbtest.Own(t)
	market := int32(5)
	owner, err := sql.Open("postgres", address)
	must(t, err)
	defer func() { _ = owner.Close() }()
	_, err = owner.Exec(`INSERT INTO markets (id, code, name, currency, time_zone, created_at) VALUES (5, 'AA', 'A', 'CNY', 'Asia/Shanghai', now())`)
	must(t, err)
	payee := newPayee(t, db, market)
	_, err = owner.Exec(`INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (5, $1, 100)`, "owed:"+payee.String())
	must(t, err)
	run := func() (violations []audit.Values) {
		must(t, db.Snapshot(t.Context(), market, func(tx *storage.Tx) (err error) {
			_, violations, err = payable.Checks()[0].Run(tx)
			return err
		}))
		return violations
	}
	if v := run(); len(v) != 0 {
		t.Fatalf("a clean book: %v", v)
	}
	stranger := "receivable:" + id.New().String()
	_, err = owner.Exec(`INSERT INTO ledger_balances (market_id, account, balance_minor) VALUES (5, $1, 100)`, stranger)
	must(t, err)
	if v := run(); len(v) != 1 || v[0]["key"] != stranger {
		t.Fatalf("planted: %v", v)
	}
}
