// Package gallery shows every page of the web door with made-up data in every
// state: empty, full, with long names, refused, in both languages. People, places
// and figures are invented. The design is reviewed here, and a test renders all.
package gallery

import (
	"embed"
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
)

//go:embed pictures
var drawings embed.FS

// Prefix is where a server of the gallery puts its pictures.
const Prefix = "/gallery/pictures/"

// Picture gives one of the gallery's drawings.
func Picture(name string) ([]byte, error) { return drawings.ReadFile("pictures/" + name) }

// Shown is one page in one state.
type Shown struct {
	Name, State string
	Component   func(tongue.Reader) templ.Component
}

// Pages lists every page in every state.
func Pages() []Shown {
	var all []Shown
	for _, group := range [][]Shown{pieces(), finding(), baskets(), buying(), orders(), disputes(), givenBack(), paperPages(), pickupPages(), talks(), accounts(), producers(), agents(), operators(), banking(), hooked(), rooms(), inCash(), atGateway(), machine(), book(), notices(), others(), termsPages()} {
		all = append(all, group...)
	}
	return all
}

const yuan = "CNY"

// now is when the made-up visits happen.
var (
	place = time.FixedZone("market", 8*3600)
	now   = time.Date(2026, 11, 24, 15, 27, 0, 0, place)
)

func days(n int) time.Time { return now.AddDate(0, 0, n) }

// in gives the sentence of the reader's language; made-up data has two.
func in(r tongue.Reader, zh, en string) string {
	if r.Lang() == tongue.English {
		return en
	}
	return zh
}

func visit(r tongue.Reader, path string) part.Frame {
	r = r.At(place, now)
	return part.Frame{
		Reader: r, Path: path, Host: "https://market.example", CSRF: "token", Request: "7F3K-2291",
		Market: in(r, "尉犁县集市", "Yuli county market"), Operator: in(r, "尉犁县共田农产品服务中心", "Yuli Commonfield Farm Service Centre"),
	}
}

func signedIn(r tongue.Reader, path, zh, en string, roles part.Roles) part.Frame {
	f := visit(r, path)
	f.Person, f.Roles = in(r, zh, en), roles
	return f
}

func buyer(r tongue.Reader, path string) part.Frame {
	return signedIn(r, path, "陈女士", "Ms Chen", part.Roles{})
}

func grower(r tongue.Reader, path string) part.Frame {
	return signedIn(r, path, "吐尔逊·买买提", "Tursun Memet", part.Roles{Producer: true})
}

func seller(r tongue.Reader, path string) part.Frame {
	return signedIn(r, path, "马春兰", "Ma Chunlan", part.Roles{Agent: true})
}

func operator(r tongue.Reader, path string) part.Frame {
	return signedIn(r, path, "李会计", "Li Wen", part.Roles{Operator: true})
}

func picture(name, alt string) part.Picture {
	return part.Picture{URL: Prefix + name + ".svg", Alt: alt}
}

var shares = part.Parts{Producer: 11814, Agent: 924, Transport: 2000, Platform: 462}

func walnuts(r tongue.Reader) string {
	return in(r, "纸皮核桃 185 型，2026 年新货", "Paper-shell walnuts 185, 2026 crop")
}

func dates(r tongue.Reader) string {
	return in(r, "骏枣一级，自然风干", "Jun dates, first grade, air-dried")
}

func long(r tongue.Reader) string {
	return in(r, "名字特别特别长的一样货，来自一个名字也很长的村子，还带着一长串说明和等级，不知道手机上放不放得下",
		"Goods with an exceedingly long name from a village whose name is long as well, followed by a description and a grade that nobody expected to fit on a phone")
}

func cards(r tongue.Reader) []part.Goods {
	card := func(title, zh, en, pic string, price int64, unit string, parts part.Parts) part.Goods {
		return part.Goods{
			Href: part.ListingWay("652824", "1"), Title: title, Place: in(r, zh, en), Picture: picture(pic, title),
			Price: price, Currency: yuan, Unit: unit, Parts: parts,
		}
	}
	out := []part.Goods{
		card(walnuts(r), "尉犁县 · 兴平镇", "Yuli · Xingping town", "walnut-paper-shell", 1320, "jin", shares),
		card(in(r, "梯田红米，当季新碾", "Terrace red rice, milled this season"), "元阳县 · 新街镇", "Yuanyang · Xinjie town", "rice-new-crop", 680, "jin", part.Parts{Producer: 76, Agent: 6, Transport: 15, Platform: 3}),
		card(dates(r), "尉犁县 · 塔里木乡", "Yuli · Tarim township", "red-dates", 960, "jin", part.Parts{Producer: 75, Transport: 20, Platform: 5}),
		card(in(r, "长绒棉皮棉，228 千克一包", "Long-staple cotton lint, bale of 228 kg"), "尉犁县 · 墩阔坦乡", "Yuli · Donkotan township", "cotton-long-staple", 412000, "bale", part.Parts{Producer: 91, Agent: 2, Transport: 5, Platform: 2}),
		card(in(r, "库尔勒香梨，5 斤一箱", "Korla fragrant pears, box of 5 jin"), "尉犁县 · 兴平镇", "Yuli · Xingping town", "fragrant-pear", 4600, "piece", part.Parts{Producer: 71, Agent: 6, Transport: 19, Platform: 4}),
	}
	out[4].Sold = true
	return out
}
func categories(r tongue.Reader) []page.Choice {
	return []page.Choice{
		{Code: "nuts", Name: in(r, "坚果干果", "Nuts and dried fruit")}, {Code: "grain", Name: in(r, "米面杂粮", "Grain")},
		{Code: "cotton", Name: in(r, "棉花", "Cotton")}, {Code: "fruit", Name: in(r, "鲜果", "Fresh fruit")},
	}
}
