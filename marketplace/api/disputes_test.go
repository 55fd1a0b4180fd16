package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A complaint walked to an operator's decision: shown, answered, handed on, decided.
func TestAComplaintIsShownAnsweredAndDecidedByTheAPI(t *testing.T) {
	x := openTrade(t)
	here := x.delivered(5000)

	// Both sides show pictures, and nobody else sees them.
	var photo, one object
	x.ask("POST", here+"/evidence", x.stranger, jpegOf(t, 40, 30), "Content-Type", "image/jpeg").refused(404, "not_found")
	x.ask("POST", here+"/evidence", x.buyer, []byte("no picture"), "Content-Type", "image/jpeg").refused(422, "photo_unreadable")
	x.ask("POST", here+"/evidence", x.buyer, jpegOf(t, 40, 30), "Content-Type", "image/jpeg").must(201, &photo)
	x.ask("GET", photo.text("url"), x.buyer, nil).refused(404, "photo_unknown") // it is nobody's yet
	complaint := object{"lines": []int{1}, "reason": "damaged", "text": "一半是碎的", "photos": []string{photo.text("key")}}
	x.ask("POST", here+"/disputes", x.grower, complaint).refused(403, "dispute_not_yours")
	x.ask("POST", here+"/disputes", x.stranger, complaint).refused(404, "not_found")
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "damaged", "text": " "}).refused(422, "required")
	for range 2 {
		x.ask("POST", here+"/disputes", x.buyer, complaint, "Idempotency-Key", "c1").must(201, &one)
	}
	if one.text("state") != "open" || one.text("turn") != "seller" || one.text("currency") != "CNY" || !one.has("may", "withdraw") || one.has("may", "escalate") {
		t.Fatalf("opened: %v", one)
	}
	x.ask("POST", here+"/disputes", x.buyer, complaint).refused(409, "dispute_open")
	x.ask("POST", here+"/complete", x.buyer, nil).must(409) // its money stays where it is
	for _, token := range []string{x.buyer, x.grower, x.boss} {
		if s := x.ask("GET", photo.text("url"), token, nil).must(200); http.DetectContentType(s.body) != "image/jpeg" || !strings.HasPrefix(s.header.Get("Cache-Control"), "private") {
			t.Errorf("the picture is %s, %s", s.header.Get("Content-Type"), s.header.Get("Cache-Control"))
		}
	}
	x.ask("GET", photo.text("url"), x.stranger, nil).refused(404, "not_found")
	x.ask("GET", strings.Replace(photo.text("url"), "/640", "/11", 1), x.buyer, nil).must(404)

	// The seller answers with words alone; then it is the buyer's turn, and either may call.
	deed := here + "/disputes/" + one.text("id") + "/"
	x.ask("POST", deed+"escalate", x.buyer, nil).refused(409, "dispute_answer_first")
	x.ask("POST", deed+"take", x.buyer, object{"offer_minor": 0}).refused(409, "dispute_no_offer")
	x.ask("POST", deed+"decide", x.boss, object{"goods": "kept", "reason": " "}).refused(422, "required")
	x.ask("POST", deed+"say", x.boss, object{"text": "x", "offer_minor": 5}).refused(403, "dispute_not_yours")
	x.does(x.grower, deed+"say", object{"text": "发货前都看过"}, "answered")
	for range 2 {
		one = x.does(x.buyer, deed+"escalate", nil, "escalated")
	}
	if one.text("turn") != "operator" || one["until"] != nil || len(one.list("words")) != 2 || one.list("words")[1].text("as") != "seller" {
		t.Fatalf("an operator was called: %v", one)
	}
	x.ask("POST", deed+"escalate", x.stranger, nil).refused(404, "not_found")

	// It is on the operator's list, who decides once.
	x.ask("GET", "/disputes?market=YL", x.buyer, nil).refused(403, "operator_only")
	if row := x.only(x.boss, "/disputes?market=YL"); row.text("id") != one.text("id") || !row.has("may", "decide") {
		t.Errorf("to decide: %v", row)
	}
	half := object{"lines": []object{{"line": 1, "amount_minor": 6500}}, "goods": "kept", "reason": "一半碎了"}
	x.ask("POST", deed+"decide", x.grower, half).refused(403, "dispute_not_yours")
	x.ask("POST", deed+"decide", x.boss, object{"lines": []object{{"line": 2}}, "goods": "kept", "reason": "x"}).refused(422, "dispute_other_line")
	if p := x.ask("POST", deed+"decide", x.boss, object{"lines": []object{{"line": 1, "amount_minor": 13001}}, "goods": "kept", "reason": "x"}).refused(422, "refund_too_large"); p.Field != "lines" {
		t.Errorf("more than there is, at %q", p.Field)
	}
	for range 2 {
		one = object{}
		x.ask("POST", deed+"decide", x.boss, half, "Idempotency-Key", "d1").must(200, &one)
	}
	if one.text("state") != "decided" || one.number("back_minor") != 6500 || one.text("why") != "一半碎了" || one["turn"] != nil {
		t.Fatalf("decided: %v", one)
	}
	x.ask("POST", deed+"decide", x.boss, half).refused(409, "dispute_ended")
	x.ask("POST", deed+"say", x.buyer, object{"text": "还有"}).refused(409, "dispute_ended")
	x.ask("POST", here+"/disputes", x.buyer, complaint).refused(409, "dispute_decided")
	x.drain()
	if order := x.seen(x.buyer, here); order.number("net_minor") != 6500 || order.text("payment_state") != "part_refunded" {
		t.Errorf("half of it came back: %v", order)
	}
	if refund := x.only(x.buyer, here+"/refunds"); refund.number("amount_minor") != 6500 || refund.text("state") != "succeeded" || refund.text("reason") != "一半碎了" {
		t.Errorf("the refund: %v", refund)
	}
	if len(x.items(x.boss, "/disputes?market=YL")) != 0 {
		t.Error("what is decided waits for somebody")
	}
	x.clean()
}

// An offer that is taken ends a complaint; one that changed meanwhile is not taken.
func TestAnOfferIsTakenOnceAndAComplaintIsTakenBackByTheAPI(t *testing.T) {
	x := openTrade(t)
	here := x.delivered(5000)
	var first, second object
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "less", "text": "少了"}).must(201, &first)
	deed := here + "/disputes/" + first.text("id") + "/"
	x.ask("POST", deed+"withdraw", x.grower, nil).refused(403, "dispute_not_yours")
	for range 2 {
		if one := x.does(x.buyer, deed+"withdraw", nil, "withdrawn"); one.number("back_minor") != 0 || len(one["may"].([]any)) != 0 {
			t.Errorf("taken back: %v", one)
		}
	}
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "less", "text": "还是少了"}).must(201, &second)
	deed = here + "/disputes/" + second.text("id") + "/"
	if p := x.ask("POST", deed+"say", x.grower, object{"offer_minor": 13001}).refused(422, "refund_too_large"); p.Field != "offer_minor" || !strings.Contains(p.Detail, "130") {
		t.Errorf("more than there is: %+v", p)
	}
	x.does(x.grower, deed+"say", object{"text": "赔一点", "offer_minor": 1000}, "answered")
	one := x.does(x.grower, deed+"say", object{"offer_minor": 2000}, "answered")
	if one.number("offer_minor") != 2000 || one.text("turn") != "buyer" {
		t.Errorf("offered: %v", one)
	}
	x.ask("POST", deed+"take", x.buyer, object{"offer_minor": 1000}).refused(409, "dispute_offer_changed")
	x.ask("POST", deed+"take", x.grower, object{"offer_minor": 2000}).refused(403, "dispute_not_yours")
	for range 2 {
		one = x.does(x.buyer, deed+"take", object{"offer_minor": 2000}, "settled")
	}
	if one.number("back_minor") != 2000 || one.text("goods") != "kept" {
		t.Errorf("taken: %v", one)
	}
	if all := x.items(x.grower, here+"/disputes"); len(all) != 2 || all[0].text("id") != second.text("id") || all[1].text("state") != "withdrawn" {
		t.Errorf("what was complained of: %v", all)
	}
	x.ask("GET", here+"/disputes", x.stranger, nil).refused(404, "not_found")
	order := x.seen(x.buyer, here)
	// 110.00 are left: 2 % of them is the market's.
	if order.number("net_minor") != 11000 || order.within("parts").number("seller_minor") != 10780 || order.within("parts").number("fee_minor") != 220 || order.list("lines")[0].within("parts").number("seller_minor") != 10780 {
		t.Errorf("shared out: %v", order)
	}
	x.drain()
	x.clean()
}

// Silence: three days after which the buyer calls, eight after which it is an operator's.
func TestAComplaintNeverOutlastsSilence(t *testing.T) {
	x := openTrade(t)
	here := x.shipped(1000)
	var one object
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "damaged", "text": "碎了"}).refused(422, "dispute_only_missing")
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "not_arrived", "text": "没到"}).must(201, &one)
	x.pass(3*24*time.Hour + time.Minute)
	way := here + "/disputes"
	if is := x.only(x.buyer, way); is.text("turn") != "buyer" || !is.has("may", "escalate") || is.text("until") != one.text("escalate_at") {
		t.Errorf("after three days: %v", is)
	}
	x.pass(5 * 24 * time.Hour)
	if is := x.only(x.buyer, way); is.text("state") != "escalated" || is.text("turn") != "operator" {
		t.Errorf("on the eighth day: %v", is)
	}
	deed := way + "/" + one.text("id") + "/decide"
	if is := x.does(x.boss, deed, object{"lines": []object{{"line": 1}}, "goods": "lost", "reason": "承运人丢了"}, "decided"); is.number("back_minor") != 2600 || is.text("goods") != "lost" {
		t.Errorf("decided: %v", is)
	}
	x.drain()
	if order := x.seen(x.buyer, here); order.text("state") != "cancelled" || order.number("net_minor") != 0 || order.text("payment_state") != "refunded" {
		t.Errorf("all of it is lost: %v", order)
	}
	x.clean()
}
