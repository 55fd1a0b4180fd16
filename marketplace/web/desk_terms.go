package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/cash"
	"commonfield/agents/region"
	"commonfield/agents/terms"
	"commonfield/catalog"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// place is a province by its code, in both languages.
type place struct{ code, name, nameEN string }

// provinces lists the provinces that something can be sent to.
func (w *Web) provinces(ctx context.Context, more ...string) ([]place, error) {
	var all []place
	err := w.DB.ViewShared(ctx, func(tx *storage.Tx) error {
		all = nil
		top, err := region.Children(tx, "")
		if err != nil {
			return err
		}
		var codes []string
		for _, p := range top {
			codes = append(codes, p.Code)
		}
		for _, code := range more {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
		}
		said, err := region.Say(tx, codes...)
		for _, code := range codes {
			all = append(all, place{code, said[code].Name, said[code].English})
		}
		return err
	})
	return all, err
}

// termsOf is the page of a seller's terms, or of the market's. Money is not a
// clerk's: they do not get there.
func (d *desk) termsOf(c *fiber.Ctx, s seat) error {
	if s.clerk {
		return fault.Forbidden("forbidden")
	}
	var kept terms.Kept
	err := d.view(c, s, func(tx *storage.Tx) (err error) { kept, err = terms.Find(tx, s.grower.ID); return })
	if err != nil {
		return err
	}
	values, picked := termsForm(d.reader(c, s), kept.Terms, s.m.Location())
	return d.showTerms(c, s, fiber.StatusOK, part.Form{Values: values}, picked, strconv.Itoa(kept.Version))
}

// termsForm writes terms as the form's fields, and the places of each zone.
func termsForm(r tongue.Reader, t terms.Terms, zone *time.Location) (map[string]string, [][]string) {
	values := map[string]string{"delivery": "none", "rest": "no"}
	var picked [][]string
	put := func(at string, tariff terms.Tariff) {
		values[at+".first"], values[at+".further"] = typedCents(tariff.First), typedCents(tariff.Further)
		if tariff.FreeFrom > 0 {
			values[at+".free"] = typedCents(tariff.FreeFrom)
		}
	}
	if d := t.Delivery; d != nil {
		values["delivery"] = "tariff"
		for _, z := range d.Zones {
			if len(z.Regions) == 0 {
				values["rest"] = "yes"
				put("rest", z.Tariff)
				continue
			}
			put("zone."+strconv.Itoa(len(picked)), z.Tariff)
			picked = append(picked, z.Regions)
		}
		if d.PieceGrams > 0 {
			values["piece"] = r.Amount(d.PieceGrams, "kg")
		}
	}
	if p := t.Pickup; p != nil {
		values["pickup_name"], values["pickup_address"], values["pickup_hours"] = p.Name, p.Address, p.Hours
	}
	if k := t.Cash; k != nil {
		values["cash"] = "self"
		if k.Hand != id.None {
			values["cash"] = k.Hand.String()
		}
		if k.Most > 0 {
			values["cash_most"] = typedCents(k.Most)
		}
	}
	if o := t.Discount; o != nil {
		values["off"] = typedCents(int64(o.RateBP))
		if o.From > 0 {
			values["off_from"] = typedCents(o.From)
		}
		if !o.Until.IsZero() {
			values["off_until"] = o.Until.Add(-time.Second).In(zone).Format(time.DateOnly) // the last day counts
		}
	}
	return values, picked
}

// typedCents writes hundredths as somebody would type them.
func typedCents(n int64) string {
	text := fmt.Sprintf("%d.%02d", n/100, n%100)
	return strings.TrimSuffix(text, ".00")
}

func (d *desk) showTerms(c *fiber.Ctx, s seat, status int, form part.Form, picked [][]string, version string) error {
	all, err := d.provinces(c.UserContext(), slices.Concat(picked...)...)
	if err != nil {
		return err
	}
	way, around, at := part.TermsWay, page.Around{}, part.Operator
	if s.grower.ID != id.None {
		way, around, at = part.ProducerTermsWay, s.around(), part.Producer
	}
	form.Action, form.Key = s.way(way), newKey()
	var hands []cash.Holder
	err = d.view(c, s, func(tx *storage.Tx) (err error) { hands, err = collectors(tx, s.grower.PayeeID); return })
	if err != nil {
		return err
	}
	return d.show(c, s, status, around, func(f part.Frame) templ.Component {
		v := page.Terms{Frame: f, Desk: at, Form: form, Currency: s.m.Currency, Version: version, Most: terms.MostCash}
		if s.grower.ID != id.None {
			v.Cash = cashOptions(f.Reader, s, hands)
		}
		if s.grower.ID != id.None {
			v.Name = either(f.Reader, s.grower.Name, s.grower.NameEN)
		}
		for n := range len(picked) + 1 { // an empty one for what is to come
			z := page.TermsZone{N: strconv.Itoa(n)}
			for _, p := range all {
				on := n < len(picked) && slices.Contains(picked[n], p.code)
				if len(p.code) > 2 && !on {
					continue
				}
				z.Places = append(z.Places, page.TermsPlace{Code: p.code, Name: either(f.Reader, p.name, p.nameEN), On: on})
			}
			v.Zones = append(v.Zones, z)
		}
		return v.View()
	})
}

// setTerms writes what the form says.
func (d *desk) setTerms(c *fiber.Ctx, s seat) error {
	if s.clerk {
		return fault.Forbidden("forbidden")
	}
	said, lists := typed(c), sent(c)
	t, picked, err := readTerms(said, lists, s.m.Location())
	version, bad := whole("version", said["version"])
	if err = fault.All(err, bad); err == nil {
		_, err = terms.Set(c.UserContext(), d.DB, s.m.ID, s.grower.ID, s.p.ID, version, t)
	}
	if err == nil {
		way := part.TermsWay
		if s.grower.ID != id.None {
			way = part.ProducerTermsWay
		}
		return d.done(c, s.way(way), "terms_set")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, on(err, termsFields(t, picked)))
	return d.showTerms(c, s, status, form, picked, said["version"])
}

// termsFields are the names that the form gives to what the terms refuse.
func termsFields(t terms.Terms, picked [][]string) map[string]string {
	names := map[string]string{"discount_rate": "off", "discount_from": "off_from", "piece_grams": "piece", "zones": "delivery"}
	if t.Delivery == nil {
		return names
	}
	n := 0
	for i, z := range t.Delivery.Zones {
		at := "rest"
		if len(z.Regions) > 0 {
			for n < len(picked) && len(picked[n]) == 0 {
				n++
			}
			at = "zone." + strconv.Itoa(n)
			n++
		}
		for field, to := range map[string]string{"first": ".first", "further": ".further", "free_from": ".free", "regions": ".place"} {
			names[fmt.Sprintf("zones.%d.%s", i, field)] = at + to
		}
	}
	return names
}

// readTerms reads the form; the places of each zone come along for showing it
// again. A zone without a place is left out.
func readTerms(said map[string]string, lists map[string][]string, zone *time.Location) (terms.Terms, [][]string, error) {
	var t terms.Terms
	var wrong []error
	var picked [][]string
	tariff := func(at string) terms.Tariff {
		var sums [3]int64
		for i, name := range []string{".first", ".further", ".free"} {
			if name == ".free" && said[at+name] == "" {
				continue
			}
			sum, err := cents(at+name, said[at+name])
			wrong, sums[i] = append(wrong, err), sum
		}
		return terms.Tariff{First: sums[0], Further: sums[1], FreeFrom: sums[2]}
	}
	bring := &terms.Delivery{}
	for n := range terms.MostZones {
		at := "zone." + strconv.Itoa(n)
		places := lists[at+".place"]
		if _, there := said[at+".first"]; !there {
			break
		}
		picked = append(picked, places)
		if len(places) > 0 && said["delivery"] == "tariff" {
			bring.Zones = append(bring.Zones, terms.Zone{Regions: places, Tariff: tariff(at)})
		}
	}
	for len(picked) > 0 && len(picked[len(picked)-1]) == 0 {
		picked = picked[:len(picked)-1] // the empty one is shown anyway
	}
	if said["delivery"] == "tariff" {
		if said["rest"] == "yes" {
			bring.Zones = append(bring.Zones, terms.Zone{Tariff: tariff("rest")})
		}
		if said["piece"] != "" {
			grams, err := base("piece", said["piece"], catalog.Unit{Code: "kg", Dimension: catalog.Weight, Base: terms.Kilogram}, false)
			wrong, bring.PieceGrams = append(wrong, err), grams
		}
		t.Delivery = bring
	}
	if said["off"] != "" && !nothing(said["off"]) {
		off := &terms.Discount{}
		var e1, e2, e3 error
		off.RateBP, e1 = points("off", said["off"])
		if said["off_from"] != "" {
			off.From, e2 = cents("off_from", said["off_from"])
		}
		if off.Until, e3 = day("off_until", said["off_until"], zone); !off.Until.IsZero() {
			off.Until = off.Until.AddDate(0, 0, 1).UTC() // the last day counts
		}
		wrong, t.Discount = append(wrong, e1, e2, e3), off
	}
	switch said["cash"] {
	case "", "no":
	case "self":
		t.Cash = &terms.Cash{}
	default:
		hand, err := row(said["cash"])
		if err != nil {
			err = fault.Invalid("cash", "invalid")
		}
		wrong, t.Cash = append(wrong, err), &terms.Cash{Hand: hand}
	}
	if said["cash_most"] != "" {
		most, err := cents("cash_most", said["cash_most"])
		wrong, t.Cash = append(wrong, err), &terms.Cash{Most: most}
	}
	if said["pickup_name"]+said["pickup_address"]+said["pickup_hours"] != "" {
		t.Pickup = &terms.Point{Name: said["pickup_name"], Address: said["pickup_address"], Hours: said["pickup_hours"]}
	}
	return t, picked, fault.All(wrong...)
}
