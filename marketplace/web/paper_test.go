package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"commonfield/agents/terms"
	"commonfield/marketplace/order"
)

var (
	paperLink = regexp.MustCompile(`/orders/[^"/]+/[^"/]+/papers/[0-9a-f-]{36}"`)
	figure    = regexp.MustCompile(`¥[0-9,]+\.[0-9]{2}`)
	article   = regexp.MustCompile(`(?s)<article class="stack paper">.*</article>`)
)

// figures are the sums of a text, each as often as it stands there.
func figures(s string) []string {
	all := figure.FindAllString(s, -1)
	slices.Sort(all)
	return all
}

func pdfText(t *testing.T, body string) string {
	t.Helper()
	r, err := pdf.NewReader(strings.NewReader(body), int64(len(body)))
	must(t, err)
	var b strings.Builder
	for n := 1; n <= r.NumPage(); n++ {
		text, err := r.Page(n).GetPlainText(nil)
		must(t, err)
		b.WriteString(text)
	}
	return b.String()
}

// The page of a paper and its PDF say the same sums, in both languages; who has no
// side in the order sees neither.
func TestAPapersPageAndItsPDFSayTheSame(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.Terms(t, h.Producer.ID, terms.Terms{Discount: &terms.Discount{RateBP: 1000}})
	ref := h.UpTo(t, order.Accepted)
	must(t, h.Orders.Pack(ctx, h.Seller, ref, map[int]int64{1: 4900}))
	must(t, h.Orders.Ship(ctx, h.Seller, ref, order.Parcel{Carrier: "zto", Number: "A"}))
	h.Drain(t)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller, agent := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
	links := paperLink.FindAllString(buyer.page(t, way), -1)
	if len(links) != 3 {
		t.Fatalf("papers on the order's page: %v", links)
	}
	if strings.Contains(agent.page(t, way), "/papers/") {
		t.Error("the agent is shown papers")
	}
	wants := [][]string{{"收款凭据", "¥117.00", "¥13.00"}, {"退款单", "¥2.34"}, {"销售单", "¥114.66"}}
	var sale string
	for _, link := range links {
		link = strings.TrimSuffix(link, `"`)
		for _, lang := range []string{"?lang=en", "?lang=zh"} {
			page := article.FindString(buyer.page(t, link+lang))
			file := buyer.get(t, link+".pdf"+lang)
			if file.status != http.StatusOK || file.header.Get("Content-Type") != "application/pdf" || !strings.Contains(file.header.Get("Content-Disposition"), h.code(t)+"-") {
				t.Fatalf("the file answers %d, %v", file.status, file.header)
			}
			text := pdfText(t, file.body)
			if a, b := figures(page), figures(text); len(a) == 0 || !slices.Equal(a, b) {
				t.Errorf("%s: the page says %v, the file %v", link, a, b)
			}
			if lang == "?lang=en" {
				continue
			}
			for _, want := range wants {
				if strings.Contains(page, want[0]+"</h1>") {
					has(t, page, want...)
					if want[0] == "销售单" {
						sale = link
					}
				}
			}
		}
		for name, want := range map[*visitor]int{agent: http.StatusForbidden, seller: http.StatusOK, h.visitor(t, h.Person(t, "Stranger")): http.StatusNotFound, h.nobody(): http.StatusNotFound} {
			for _, as := range []string{"", ".pdf"} {
				if a := name.get(t, link+as); a.status != want {
					t.Errorf("%s answers %d, not %d", link+as, a.status, want)
				}
			}
		}
	}
	if a := seller.post(t, sale+"/invoice", "invoice", "发票 1"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "发票号码只有数字") || !strings.Contains(a.body, "发票 1") {
		t.Errorf("what is no number answers %d", a.status)
	}
	went(t, sale, seller.post(t, sale+"/invoice", "invoice", "25652000000012345678"))
	has(t, buyer.page(t, sale), "25652000000012345678")
	if a := buyer.post(t, sale+"/invoice", "invoice", "1"); a.status != http.StatusForbidden {
		t.Errorf("a buyer who enters a number is answered %d", a.status)
	}
	h.clean(t)
}
