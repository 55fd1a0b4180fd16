package page

import (
	"net/url"
	"testing"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/part"
)

func visitor() part.Frame { return part.Frame{Reader: tongue.For(tongue.English)} }

func TestTheGreenPanelIsOnlyForThoseWhoCanDoSomething(t *testing.T) {
	for _, c := range []struct {
		as, state string
		may       Moves
		want      string
	}{
		{AsBuyer, "placed", Moves{Pay: true}, part.You},
		{AsBuyer, "placed", Moves{}, part.Them},
		{AsBuyer, "promised", Moves{Cancel: true}, part.Them},
		{AsBuyer, "promised", Moves{Pay: true}, part.You},
		{AsSeller, "promised", Moves{}, part.Them},
		{AsBuyer, "delivered", Moves{Confirm: true}, part.You},
		{AsSeller, "secured", Moves{Accept: true}, part.You},
		{AsSeller, "secured", Moves{}, part.Them},
		{AsOther, "secured", Moves{Cancel: true}, part.Them},
		{AsBuyer, "completed", Moves{}, part.Done},
		{AsSeller, "cancelled", Moves{}, part.Stopped},
		{AsBuyer, "a state of tomorrow", Moves{}, part.Stopped},
	} {
		v := Order{Frame: visitor(), As: c.as, State: c.state, May: c.may}
		if got := v.turn(); got != c.want {
			t.Errorf("%s %s %+v is %s, want %s", c.as, c.state, c.may, got, c.want)
		}
	}
}

func TestEveryStateHasItsSentencesForEverybody(t *testing.T) {
	for _, as := range []string{AsBuyer, AsSeller, AsOther} {
		for _, state := range append(steps, "promised", "promised_refused", "cancelled", "expired") {
			for _, ending := range []string{".say", ".next"} {
				if key := "order." + as + "." + state + ending; !tongue.Has(key) {
					t.Errorf("no sentence for %s", key)
				}
			}
		}
	}
	for _, state := range append(steps, "promised", "cancelled", "expired") {
		for _, start := range []string{"state.", "history."} {
			if !tongue.Has(start + state) {
				t.Errorf("no word for %s%s", start, state)
			}
		}
	}
}

func TestAConditionTakenAwayLeavesTheOthers(t *testing.T) {
	v := Search{Frame: visitor(), Asked: url.Values{AskText: {"walnut"}, AskCategory: {"nuts"}, AskFrom: {"5"}, AskTo: {"9"}, AskAfter: {"x"}},
		Picked: []Pick{{AskCategory, "Nuts"}, {AskFrom, "5 to 9"}}}
	want := []string{"/search?from=5&q=walnut&to=9", "/search?category=nuts&q=walnut"}
	for i, c := range v.chips() {
		if c.Href != want[i] {
			t.Errorf("the chip leads to %s, want %s", c.Href, want[i])
		}
	}
	if got := v.with(AskSort, "price"); got != "/search?category=nuts&from=5&q=walnut&sort=price&to=9" {
		t.Errorf("another order is at %s", got)
	}
}

func TestAnOrderOfSixHundredAndFiftyFenSaysItToTheFen(t *testing.T) {
	v := Order{Frame: visitor(), As: AsBuyer, State: "shipped", Way: "card", Goods: 500, Total: 650, Paid: 700, Currency: "CNY",
		Charges: []Charge{{Label: "Delivery", Minor: 150}}, Refunds: []Refund{{Minor: 50, Why: "weight", Done: true}}}
	var sums []string
	for _, row := range v.rows() {
		sums = append(sums, v.Frame.Reader.Money(row.Minor, "CNY"))
	}
	want := []string{"¥5.00", "¥1.50", "¥6.50", "¥7.00", "¥0.50"}
	for i := range want {
		if sums[i] != want[i] {
			t.Errorf("rows are %v, want %v", sums, want)
			break
		}
	}
}
