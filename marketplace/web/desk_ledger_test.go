package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/order"
)

var entryLink = regexp.MustCompile(`/desk/operator/books/entries/[0-9a-f-]{36}`)

func TestFromTheTrialBalanceOneComesToAnOrder(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Completed)
	o, err := h.Orders.Find(t.Context(), ref)
	must(t, err)
	v := h.visitor(t, h.operator(t, h.Market))
	account := h.way("/desk/operator/books/account") + "&name="
	has(t, v.page(t, h.way("/desk/operator/books")), "name=owed", "name=held%3Aorder")
	has(t, v.page(t, account+"owed"), "owed:"+h.Producer.PayeeID.String())
	body := v.page(t, account+url.QueryEscape("owed:"+h.Producer.PayeeID.String()))
	entry := entryLink.FindString(body)
	if entry == "" {
		t.Fatal("the account names no entry")
	}
	has(t, body, o.Number, h.Producer.Name) // whose it is, and of which order
	has(t, v.page(t, account+"owed"), h.Producer.Name)
	today := h.DB.Now().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
	one := account + url.QueryEscape("owed:"+h.Producer.PayeeID.String())
	has(t, v.page(t, one+"&from="+today+"&to="+today), "期初余额", o.Number)
	has(t, v.page(t, one+"&to=2020-01-01"), "这几天没有记过账")
	if got := v.get(t, one+"&from=2020-13-01"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "2020-13-01") || !strings.Contains(got.body, "看不懂") {
		t.Errorf("a day that is none answers %d", got.status)
	}
	if got := v.get(t, one+"&from=2020-01-02&to=2020-01-01"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("days that run backwards answer %d", got.status)
	}
	file := strings.Replace(one, "/books/account", "/books/account/file", 1)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(v.get(t, file).body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 4 || rows[1][5] != "opening" || rows[1][9] != "0.00" || rows[len(rows)-1][5] != "closing" {
		t.Errorf("the file is %q, %v", rows, err)
	}
	sum := rows[len(rows)-1][9]
	if sum != rows[len(rows)-2][9] || sum == "0.00" {
		t.Errorf("it closes with %s behind %s", sum, rows[len(rows)-2][9])
	}
	if got := v.get(t, strings.Replace(file, "owed", "pocket", 1)); got.status != http.StatusNotFound {
		t.Errorf("a file of no account answers %d", got.status)
	}
	has(t, v.page(t, entry+fmt.Sprintf("?market=%d", h.Market)), o.Number, "/orders/")
	story := h.way("/desk/operator/books/order") + "&number="
	has(t, v.page(t, story+o.Number), "held:order:"+ref.ID.String(), "owed:"+h.Producer.PayeeID.String(), "¥130.00")
	has(t, v.page(t, story+"NONE"), "NONE")
	for way, status := range map[string]int{
		account + "nothing": http.StatusNotFound, account + "bank:operating&after=x": http.StatusUnprocessableEntity, account + "owed&after=bank": http.StatusUnprocessableEntity,
		h.way("/desk/operator/books/entries/019a0000-0000-7000-8000-000000000000"): http.StatusNotFound, h.way("/desk/operator/books/entries/x"): http.StatusNotFound,
	} {
		if got := v.get(t, way); got.status != status {
			t.Errorf("%s answers %d, not %d", way, got.status, status)
		}
	}
	if got := h.visitor(t, h.Seller.Person).get(t, account+"owed"); got.status != http.StatusForbidden {
		t.Errorf("a producer reads the books: %d", got.status)
	}
}
