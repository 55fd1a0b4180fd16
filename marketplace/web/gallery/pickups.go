package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/storage/fault"
)

func pickupPages() []Shown {
	shown := func(name string, change func(v *page.Order, r tongue.Reader), as, state string) Shown {
		return Shown{"order", name, func(r tongue.Reader) templ.Component {
			v := order(r, as, state)
			v.Note = in(r, "下午四点以后来取", "I come after four in the afternoon")
			v.Pickup = page.Pickup{Chosen: true, Name: in(r, "兴平镇供销社", "Xingping co-operative"), Address: in(r, "尉犁县兴平镇团结路 12 号", "12 Tuanjie Road, Xingping, Yuli"), Hours: in(r, "每天 9:00–19:00", "every day, 9:00–19:00")}
			v.Keys["pickup"], v.Keys["ready"], v.Keys["collect"] = "p", "r", "t"
			v.Due, v.Shipments = time.Time{}, nil
			v.May.Deliver = v.May.Deliver && as == page.AsBuyer
			change(&v, r)
			return v.View()
		}}
	}
	return []Shown{
		shown("buyer, could pick it up", func(v *page.Order, _ tongue.Reader) { v.Pickup.Chosen, v.May.PickUp, v.Pickup.Back = false, true, 2600 }, page.AsBuyer, "accepted"),
		shown("buyer, waits at its point", func(v *page.Order, _ tongue.Reader) { v.Pickup.Code = "482915" }, page.AsBuyer, "shipped"),
		shown("seller, packed, picked up", func(v *page.Order, _ tongue.Reader) { v.May.Ship, v.May.Ready = false, true }, page.AsSeller, "packed"),
		shown("seller, waits for its buyer", func(v *page.Order, _ tongue.Reader) { v.May.Collect = true }, page.AsSeller, "shipped"),
		shown("seller, wrong code", func(v *page.Order, r tongue.Reader) {
			v.May.Collect = true
			v.Form = v.Form.Refused(r, fault.Invalid("code", "pickup_code"), map[string]string{"code": "123456"})
			v.Form.Action = "collect"
		}, page.AsSeller, "shipped"),
		shown("watcher, waits at its point, long", func(v *page.Order, r tongue.Reader) {
			v.Pickup.Name, v.Pickup.Address, v.Pickup.Hours = long(r), long(r), long(r)
		}, page.AsOther, "shipped"),
	}
}
