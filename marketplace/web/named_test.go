package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
		if strings.Contains(page, h.Producer.RegionCode) || !strings.Contains(page, want) {
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
	got := v.get(t, h.way("/desk/operator/books/sales/"+month+".csv"))
	if got.status != http.StatusOK || !strings.Contains(got.body, month+",category,") || !strings.Contains(got.body, month+",producer,") {
		t.Errorf("the file answers %d: %s", got.status, got.body)
	}
	for _, wrong := range []string{"/2026-13.csv", "/2026-11.pdf", "/x.xlsx"} {
		if got := v.get(t, h.way("/desk/operator/books/sales"+wrong)); got.status != http.StatusNotFound {
			t.Errorf("%s answers %d", wrong, got.status)
		}
	}
	has(t, v.page(t, h.way("/desk/operator/trail")+"&about="+url.QueryEscape("month:"+month)), "sales.file")
}
