package gallery

import (
	"github.com/a-h/templ"

	"commonfield/agents/region"
	"commonfield/marketplace/door"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func paperPages() []Shown {
	var out []Shown
	for _, kind := range []paper.Kind{paper.Receipt, paper.Sale, paper.Credit} {
		out = append(out, Shown{"paper", string(kind), func(r tongue.Reader) templ.Component { return papered(r, kind, page.AsBuyer).View() }})
	}
	return append(out,
		Shown{"paper", "sale, seller", func(r tongue.Reader) templ.Component { return papered(r, paper.Sale, page.AsSeller).View() }},
		Shown{"paper", "sale, seller, refused", func(r tongue.Reader) templ.Component {
			v := papered(r, paper.Sale, page.AsSeller)
			v.Form = v.Form.Refused(r, fault.Invalid("invoice", "invoice_number"), map[string]string{"invoice": "发票 25"})
			return v.View()
		}},
		Shown{"paper", "sale, with its invoice", func(r tongue.Reader) templ.Component { return invoiced(r).View() }},
		Shown{"paper", "long", func(r tongue.Reader) templ.Component { return longPaper(r).View() }},
		Shown{"order", "buyer, with papers", func(r tongue.Reader) templ.Component {
			v := order(r, page.AsBuyer, "completed")
			v.Papers = []page.PaperRow{
				{Href: way, Number: "YL-R-000012", Kind: "receipt", At: days(-3), Minor: 20600},
				{Href: way, Number: "YL-S-000009", Kind: "sale", At: days(-2), Minor: 20336},
				{Href: way, Number: "YL-C-000002", Kind: "credit", At: days(-2), Minor: 264},
			}
			return v.View()
		}},
	)
}

func paperOf(kind paper.Kind) paper.Paper {
	p := paper.Paper{Kind: kind, No: 12, Currency: yuan, Amount: 20600, At: days(-3), Says: paper.Says{
		Market: "尉犁集市", MarketEN: "Yuli market", Operator: "尉犁县供销农业服务有限公司", Licence: "91652823MA775EXAM1",
		Seller: "吐尔逊·买买提", SellerEN: "Tursun Memet", Exempt: "自产自销的农产品",
		Order: "YL-20261124-7F3K-1", Reference: "CF7K3M9QXZ", Way: "stripe", Tax: 1486,
		Lines: []paper.Line{
			{Title: "薄皮核桃", TitleEN: "Paper-shell walnuts", Unit: "jin", Quantity: 5000, Price: 1320, Off: 1320, Amount: 11880},
			{Title: "红枣", TitleEN: "Red dates", Unit: "jin", Quantity: 2500, Price: 960, Amount: 4800},
		},
		Besides: []paper.Beside{{Label: "delivery", Amount: 3920}},
	}}
	if kind == paper.Credit {
		of, no := paper.Sale, int64(9)
		p.OfKind, p.OfNo, p.Label, p.Tax, p.Amount = &of, &no, "weight", 22, 264
		p.Lines, p.Besides = []paper.Line{{Title: "薄皮核桃", TitleEN: "Paper-shell walnuts", Amount: 264}}, nil
	}
	return p
}

func papered(r tongue.Reader, kind paper.Kind, as string) page.Paper {
	return paperPage(r, paperOf(kind), as)
}

func paperPage(r tongue.Reader, p paper.Paper, as string) page.Paper {
	v := page.Paper{Frame: buyer(r, way), Sheet: door.PaperSheet(r, region.Market{Code: "YL"}, p, in(r, "陈女士", "Ms Chen")), As: as,
		Order: p.Says.Order, OrderHref: way, PDFHref: way, Form: part.Form{Action: way, Key: "k"}}
	if as == page.AsSeller {
		v.Frame, v.Enter, v.Invoice = grower(r, way), true, p.Invoice
	}
	return v
}

func invoiced(r tongue.Reader) page.Paper {
	p := paperOf(paper.Sale)
	p.Invoice = "25652000000012345678"
	return paperPage(r, p, page.AsSeller)
}

func longPaper(r tongue.Reader) page.Paper {
	p := paperOf(paper.Receipt)
	p.Operator, p.Seller, p.SellerEN = long(r), long(r), long(r)
	for range 30 {
		p.Lines = append(p.Lines, paper.Line{Title: long(r), Unit: "jin", Quantity: 50_000_000, Price: 999_999, Amount: 99_999_999_900})
	}
	return paperPage(r, p, page.AsBuyer)
}
