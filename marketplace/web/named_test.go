package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/trail"
)

func TestWhoHoldsTheLastOfItIsSentToTheirOwnUnpaidOrder(t *testing.T) {
	h := newHouse(t)
	v, other := h.nobody(), h.nobody()
	h.buy(t, v)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		tx.Queue("UPDATE batches SET on_hand = reserved WHERE market_id = $1 AND listing_id = $2", h.Market, h.Listing.ID)
		return nil
	}))
	mine := v.page(t, h.listing(t))
	has(t, mine, "剩下的在您没付钱的订单里")
	to := href(t, mine, "/orders/"+h.code(t))
	if got := v.get(t, to); got.status != http.StatusOK {
		t.Errorf("%s answers %d", to, got.status)
	}
	if page := other.page(t, h.listing(t)); !strings.Contains(page, "卖完了") || strings.Contains(page, "没付钱的订单") {
		t.Error("another visitor is told of somebody's order")
	}
}

func TestGradesAndVillagesCanBeReadInEnglish(t *testing.T) {
	h := newHouse(t)
	set := func(grade, village string) {
		t.Helper()
		must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
			tx.Queue("UPDATE listings SET grade = $3, version = version + 1 WHERE market_id = $1 AND id = $2", h.Market, h.Listing.ID, grade)
			tx.Queue("UPDATE producers SET village = $3, story = '', story_en = '' WHERE market_id = $1 AND id = $2", h.Market, h.Producer.ID, village)
			return nil
		}))
	}
	v := h.nobody()
	for written, want := range map[string]map[string]string{
		"一级":  {"zh": "一级", "en": "First grade"},
		"大个头": {"zh": "大个头", "en": "大个头"},
	} {
		set(written, "达西村")
		for lang, says := range want {
			v.lang = lang
			has(t, plain(v.page(t, h.listing(t))), says)
		}
	}
	v.lang = "en"
	has(t, plain(v.page(t, h.listing(t))), "Daxi village, ")
	v.lang = "zh"
	has(t, plain(v.page(t, h.listing(t))), "达西村")
}

func TestTheTrailNamesTheDivisionOfARole(t *testing.T) {
	h := newHouse(t)
	op := h.operator(t, h.Market)
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		trail.Write(tx, op.ID, "role.grant", "person:"+h.Buyer.ID.String(), "clerk "+h.Producer.RegionCode)
		return nil
	}))
	v := h.visitor(t, op)
	for lang, want := range map[string]string{"zh": "镇", "en": "county"} {
		v.lang = lang
		page := plain(v.page(t, h.way("/desk/operator/trail")+"&deed=role"))
		if strings.Contains(page, h.Producer.RegionCode) || !strings.Contains(page, want) || !strings.Contains(page, "· "+h.Buyer.Name) {
			t.Errorf("the trail says %s", page)
		}
	}
}

func TestAnOperatorReadsAndTakesTheMonthsSales(t *testing.T) {
	h := newHouse(t)
	h.UpTo(t, order.Completed)
	v := h.visitor(t, h.operator(t, h.Market))
	page := v.page(t, h.way("/desk/operator/books/sales"))
	has(t, plain(page), "按品类", "按农户", h.Producer.Name)
	file := href(t, page, "/desk/operator/books/sales/")
	month := strings.TrimSuffix(strings.Split(file[strings.LastIndex(file, "/")+1:], "?")[0], ".xlsx")
	var names []string
	for _, lang := range []string{"en", "zh"} { // the second time from memory
		v.lang = lang
		got := v.get(t, h.way("/desk/operator/books/sales/"+month+".csv"))
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.body, "\xef\xbb\xbf"))).ReadAll()
		must(t, err)
		book, err := excelize.OpenReader(strings.NewReader(v.get(t, h.way("/desk/operator/books/sales/"+month+".xlsx")).body))
		must(t, err)
		var told [][]string
		for _, by := range book.GetSheetList() {
			sheet, err := book.GetRows(by)
			must(t, err)
			var sum int64
			for _, r := range sheet[1 : len(sheet)-1] {
				told, sum = append(told, r[:5]), sum+minorOf(r[2])
			}
			if end := sheet[len(sheet)-1]; minorOf(end[2]) != sum {
				t.Errorf("%s ends with %q", by, end)
			}
		}
		if len(rows) != 4 || len(told) != 3 || rows[1][1] != "category" || rows[2][1] != "producer" {
			t.Fatalf("%d lines in the file, %d in the workbook:\n%s", len(rows), len(told), got.body)
		}
		for i, r := range rows[1:] {
			if r[2] != told[i][0] || r[3] != told[i][1] || minorOf(r[4]) != minorOf(told[i][2]) || minorOf(r[4]) == 0 {
				t.Errorf("the file says %q, the workbook %q", r, told[i])
			}
		}
		names = append(names, rows[1][2])
	}
	if names[0] == names[1] || names[1] == "" {
		t.Errorf("a category is called %q", names)
	}
	for _, wrong := range []string{"/2026-13.csv", "/2026-11.pdf", "/x.xlsx"} {
		if got := v.get(t, h.way("/desk/operator/books/sales"+wrong)); got.status != http.StatusNotFound {
			t.Errorf("%s answers %d", wrong, got.status)
		}
	}
	has(t, v.page(t, h.way("/desk/operator/trail")+"&about="+url.QueryEscape("month:"+month)), "下载了一个月的销售")
}
