package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/marketplace/web/page"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/money"
	"commonfield/storage/written"
)

// wish is what somebody is about to order, in one market or in several.
type wish struct {
	lines []wanted
	kept  bool // it comes from their basket
}

type wanted struct {
	m    region.Market
	of   shelf.View
	base int64 // how much, in base units
	was  int64 // what a unit cost when it was put aside; 0: the same
}

// markets are those of the lines, in their order.
func (s wish) markets() []region.Market {
	var out []region.Market
	for _, l := range s.lines {
		if !slices.ContainsFunc(out, func(m region.Market) bool { return m.ID == l.m.ID }) {
			out = append(out, l.m)
		}
	}
	return out
}

// transferable says whether what is wanted may be paid by transfer: where the market
// that the payment is at home in has said to which account.
func (s wish) transferable() bool {
	home := slices.MinFunc(s.markets(), func(a, b region.Market) int { return cmp.Compare(a.ID, b.ID) })
	return home.Named()
}

func (s wish) currency() string { return s.lines[0].m.Currency }

// mostLines is how many lines are read; the pipeline has its own limit.
const mostLines = 200

// costs is the line as the shelf knows it, rounded once.
func (l wanted) costs() int64 {
	minor, err := money.MulDiv(l.of.PriceMinor, l.base, l.of.UnitBase)
	if err != nil {
		return 0 // more than a line may cost; the quote refuses it
	}
	return minor
}

// wish reads the tokens of a form's lines: "YL:<listing>:<base units>". One
// listing stands in one line only.
func (w *Web) wish(c *fiber.Ctx, tokens []string) (wish, error) {
	var want wish
	if len(tokens) == 0 || len(tokens) > mostLines {
		return want, fault.Invalid("line", "invalid")
	}
	seen := map[id.ID]bool{}
	for _, t := range tokens {
		piece := strings.Split(t, ":")
		if len(piece) != 3 {
			return want, fault.Invalid("line", "invalid")
		}
		base, err := strconv.ParseInt(piece[2], 10, 64)
		if err != nil || base <= 0 {
			return want, fault.Invalid("line", "invalid")
		}
		m, of, err := w.shown(c, piece[0], piece[1])
		if err != nil {
			return want, err
		}
		if seen[of.ID] {
			return want, fault.Invalid("line", "invalid")
		}
		seen[of.ID] = true
		want.lines = append(want.lines, wanted{m: m, of: of, base: base})
	}
	return want, nil
}

func (s wish) items() []order.Item {
	var items []order.Item
	for _, l := range s.lines {
		items = append(items, order.Item{Market: l.of.Market, Listing: l.of.ID, Quantity: l.base})
	}
	return items
}

// band is by how much a packed weight may differ, at most.
func (s wish) band() int64 {
	var most int32
	for _, l := range s.lines {
		most = max(most, l.of.WeightBandBP)
	}
	return int64(most)
}

// ways are the gateways by the words of the pages.
var ways = map[string]string{"sandbox": "card", byTransfer: "transfer"}

const byTransfer = "bank"

// gateway is the gateway of a page's word.
func gateway(pay string) string {
	for name, word := range ways {
		if word == pay {
			return name
		}
	}
	return pay
}

// typedForm is what a form sent.
type typedForm map[string]string

func (f typedForm) trim() {
	for name, text := range f {
		f[name] = written.Plain(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""))
	}
}

// comes are the sellers of the lines from whom the form says that the buyer comes for
// the goods, and whether it is all of them.
func (s wish) comes(form typedForm) (sellers []id.ID, all bool) {
	all = true
	seen := map[id.ID]bool{}
	for _, l := range s.lines {
		if seen[l.of.ProducerID] {
			continue
		}
		seen[l.of.ProducerID] = true
		if form[page.ComesFor+l.of.ProducerID.String()] == "yes" {
			sellers = append(sellers, l.of.ProducerID)
		} else {
			all = false
		}
	}
	return sellers, all
}

// reckoned says for which province, and for whose goods that are picked up, the sum of
// a form is.
func (s wish) reckoned(form typedForm) string {
	comes, all := s.comes(form)
	said := form["province"]
	if all {
		said = "" // it is not asked for
	}
	for _, seller := range comes {
		said += ";" + seller.String()
	}
	return said
}

// address reads where the parcel goes, or, where nothing is sent, who comes for it. A
// word to the seller travels with it.
func address(form typedForm, fetched bool) (order.Address, error) {
	to := order.Address{Name: form["name"], Region: form["place"], Street: form["street"], Code: form["province"], Note: form["note"]}
	if fetched {
		to.Region, to.Street, to.Code = "", "", ""
	}
	var wrong []error
	for _, field := range []struct {
		name string
		most int
	}{{"name", 60}, {"place", 80}, {"street", 200}, {"note", 200}} {
		text := form[field.name]
		switch {
		case text == "" && (field.name == "name" || field.name != "note" && !fetched):
			wrong = append(wrong, fault.Invalid(field.name, "required"))
		case len([]rune(text)) > field.most:
			wrong = append(wrong, fault.Invalid(field.name, "too_long", fault.Args{"most": field.most}))
		}
	}
	if form["phone"] == "" {
		wrong = append(wrong, fault.Invalid("phone", "required"))
	} else if number, err := people.ReadPhone(form["phone"]); err != nil {
		wrong = append(wrong, fault.Invalid("phone", "bad_phone"))
	} else {
		to.Phone = number
	}
	return to, fault.All(wrong...)
}
