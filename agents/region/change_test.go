package region_test

import (
	"testing"

	"commonfield/agents/region"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func TestWhatIsToldOfAMarketChangesAndTheRestDoesNot(t *testing.T) {
	db := own(t)
	books := region.New(db)
	m, err := books.Open(t.Context(), yuli())
	if err != nil {
		t.Fatal(err)
	}
	told := region.Told{Name: " 尉犁大集 ", NameEN: "Yuli fair", Operator: "合作社", Licence: "91", TimeZone: "Asia/Urumqi",
		Account: region.Account{Holder: "尉犁县共田", Bank: "农业银行", Number: "6228 4800 1234"}}
	for range 2 {
		m, err = books.Tell(t.Context(), m.ID, told)
		if err != nil || m.Name != "尉犁大集" || m.TimeZone != "Asia/Urumqi" || m.Number != "622848001234" || !m.Named() || m.Code != "YL" || m.Currency != "CNY" {
			t.Fatalf("%+v %v", m, err)
		}
	}
	for field, change := range map[string]func(*region.Told){
		"name": func(n *region.Told) { n.Name = "" }, "time_zone": func(n *region.Told) { n.TimeZone = "Mars" },
		"holder": func(n *region.Told) { n.Holder = " " }, "number": func(n *region.Told) { n.Number = "12" },
	} {
		bad := told
		change(&bad)
		_, err := books.Tell(t.Context(), m.ID, bad)
		if f, ok := fault.As(err); !ok || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	told.Account = region.Account{}
	if m, err := books.Tell(t.Context(), m.ID, told); err != nil || m.Named() {
		t.Errorf("without an account: %+v %v", m, err)
	}
	for _, none := range []int32{0, 99} {
		if _, err := books.Tell(t.Context(), none, told); !fault.Has(err, "market_unknown") {
			t.Errorf("market %d: %v", none, err)
		}
	}
}

func TestAMarketIsPausedAndOpensAgain(t *testing.T) {
	db := own(t)
	books := region.New(db)
	m, err := books.Open(t.Context(), yuli())
	if err != nil || m.Paused() {
		t.Fatal(m, err)
	}
	first, err := books.Pause(t.Context(), m.ID, true)
	if err != nil || !first.Paused() {
		t.Fatal(first, err)
	}
	if again, err := books.Pause(t.Context(), m.ID, true); err != nil || again.PausedAt != first.PausedAt {
		t.Errorf("paused twice: %+v %v", again, err)
	}
	if m, err = books.Pause(t.Context(), m.ID, false); err != nil || m.Paused() {
		t.Errorf("open again: %+v %v", m, err)
	}
	if _, err := books.Pause(t.Context(), 0, true); !fault.Has(err, "market_unknown") {
		t.Errorf("the platform: %v", err)
	}
}

func TestOneOpeningMakesOneMarket(t *testing.T) {
	db := own(t)
	opening := id.New()
	named := yuli(func(n *region.NewMarket) { n.Opening = opening })
	first, err := region.OpenMarket(t.Context(), db, named)
	if err != nil {
		t.Fatal(err)
	}
	again, err := region.OpenMarket(t.Context(), db, named)
	if err != nil || again != first {
		t.Errorf("again: %+v %v, want %+v", again, err, first)
	}
	if _, err := region.OpenMarket(t.Context(), db, yuli(func(n *region.NewMarket) { n.Opening = id.New() })); !fault.Has(err, "taken.market") {
		t.Errorf("its code for another: %v", err)
	}
}
