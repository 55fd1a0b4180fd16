package api_test

import (
	"testing"
	"time"
)

// Goods go back without a reason: asked, taken on, sent, received, each once.
func TestGoodsAreGivenBackStepByStepByTheAPI(t *testing.T) {
	x := openTrade(t)
	here := x.shipped(5000)
	wish := object{"lines": []object{{"line": 1, "quantity": 2000}}, "text": "买多了"}
	x.ask("POST", here+"/returns", x.buyer, wish).refused(409, "return_not_now")
	x.does(x.buyer, here+"/deliver", nil, "delivered")
	if line := x.seen(x.buyer, here).list("lines")[0]; line.number("return_days") != 7 {
		t.Errorf("the days are not told: %v", line)
	}
	x.ask("POST", here+"/returns", x.stranger, wish).refused(404, "not_found")
	x.ask("POST", here+"/returns", x.grower, wish).refused(403, "return_not_yours")
	x.ask("POST", here+"/returns", x.buyer, object{"lines": []object{}}).refused(422, "return_which")
	if p := x.ask("POST", here+"/returns", x.buyer, object{"lines": []object{{"line": 1, "quantity": 5001}}}).refused(422, "return_more"); p.Field != "lines" || p.Args["line"] != float64(1) || p.Args["left"] != float64(5000) {
		t.Errorf("more than there is: %+v", p)
	}
	var photo, back object
	x.ask("POST", here+"/evidence", x.buyer, jpegOf(t, 60, 30), "Content-Type", "image/jpeg").must(201, &photo)
	wish["photos"] = []string{photo.text("key")}
	for range 2 {
		x.ask("POST", here+"/returns", x.buyer, wish, "Idempotency-Key", "r1").must(201, &back)
	}
	for _, token := range []string{x.grower, x.boss} {
		x.ask("GET", photo.text("url"), token, nil).must(200)
	}
	x.ask("GET", photo.text("url"), x.stranger, nil).refused(404, "not_found")
	if back.text("state") != "asked" || back.text("turn") != "seller" || back.list("lines")[0].number("quantity") != 2000 || !back.has("may", "withdraw") || back.has("may", "send") {
		t.Fatalf("asked: %v", back)
	}
	x.ask("POST", here+"/returns", x.buyer, wish).refused(409, "return_open")
	x.ask("POST", here+"/disputes", x.buyer, object{"reason": "quality", "text": "x"}).refused(409, "dispute_returning")

	deed := here + "/returns/" + back.text("id") + "/"
	x.ask("POST", deed+"send", x.buyer, object{"carrier": "顺丰", "number": "1"}).refused(409, "return_turn")
	if p := x.ask("POST", deed+"approve", x.grower, object{"send_to": " "}).refused(422, "required"); p.Field != "send_to" {
		t.Errorf("where to is missing at %q", p.Field)
	}
	x.ask("POST", deed+"approve", x.buyer, object{"send_to": "x"}).refused(403, "return_not_yours")
	for range 2 {
		back = x.does(x.grower, deed+"approve", object{"send_to": "兴平镇 3 队", "pays": "seller"}, "approved")
	}
	if back.text("turn") != "buyer" || back.text("send_to") != "兴平镇 3 队" || back.text("pays") != "seller" || back.text("approved_at") == "" {
		t.Errorf("taken on: %v", back)
	}
	x.ask("POST", deed+"receive", x.grower, object{"goods": "back"}).refused(409, "return_turn")
	for range 2 {
		back = x.does(x.buyer, deed+"send", object{"carrier": "顺丰", "number": "SF1"}, "sent")
	}
	if back.text("turn") != "seller" || back.text("carrier") != "顺丰" || back.text("number") != "SF1" {
		t.Errorf("sent: %v", back)
	}
	x.ask("POST", deed+"withdraw", x.buyer, nil).refused(409, "return_turn")
	if row := x.only(x.boss, "/returns?market=YL"); row.text("state") != "sent" {
		t.Errorf("on the operators' list: %v", row)
	}
	before := x.seen("", "/listings/YL/"+x.listing).number("available")
	for range 2 {
		back = x.does(x.grower, deed+"receive", object{"goods": "back"}, "refunded")
	}
	// 2 of 5 kg: 52.00 of 130.00.
	if back.number("back_minor") != 5200 || back.text("goods") != "back" || back["turn"] != nil || back.text("came_at") == "" || len(back["may"].([]any)) != 0 {
		t.Errorf("received: %v", back)
	}
	if now := x.seen("", "/listings/YL/"+x.listing).number("available"); now != before+2000 {
		t.Errorf("of what came, %d are on the shelf", now-before)
	}
	x.drain()
	if order := x.seen(x.buyer, here); order.number("net_minor") != 7800 || order.text("payment_state") != "part_refunded" {
		t.Errorf("what is left: %v", order)
	}
	x.ask("GET", "/returns?market=YL", x.buyer, nil).refused(403, "operator_only")
	if all := x.items(x.boss, "/returns?market=YL"); len(all) != 0 {
		t.Errorf("what has ended waits: %v", all)
	}
	x.clean()
}

// A seller's no is not the end: an operator is called and decides.
func TestAReturnIsRefusedCalledAndDecidedByTheAPI(t *testing.T) {
	x := openTrade(t)
	here := x.delivered(1000)
	wish := object{"lines": []object{{"line": 1, "quantity": 1000}}}
	var kept, back object
	x.ask("POST", here+"/returns", x.buyer, wish).must(201, &kept)
	for range 2 {
		x.does(x.buyer, here+"/returns/"+kept.text("id")+"/withdraw", nil, "withdrawn")
	}
	x.ask("POST", here+"/returns", x.buyer, wish).must(201, &back)
	deed := here + "/returns/" + back.text("id") + "/"
	x.ask("POST", deed+"call", x.buyer, nil).refused(409, "return_turn")
	if p := x.ask("POST", deed+"refuse", x.grower, object{"reason": ""}).refused(422, "required"); p.Field != "reason" {
		t.Errorf("the reason is missing at %q", p.Field)
	}
	x.ask("POST", deed+"refuse", x.buyer, object{"reason": "x"}).refused(403, "return_not_yours")
	for range 2 {
		back = x.does(x.grower, deed+"refuse", object{"reason": "拆封了"}, "objected")
	}
	if back.text("turn") != "buyer" || back.text("objection") != "拆封了" {
		t.Errorf("objected to: %v", back)
	}
	x.ask("POST", deed+"call", x.grower, nil).refused(403, "return_not_yours")
	for range 2 {
		back = x.does(x.buyer, deed+"call", nil, "called")
	}
	if back.text("turn") != "operator" || back["due_at"] != nil {
		t.Errorf("called: %v", back)
	}
	if row := x.only(x.boss, "/returns?market=YL"); row.text("id") != back.text("id") || !row.has("may", "approve") || !row.has("may", "refuse") {
		t.Errorf("to decide: %v", row)
	}
	for range 2 {
		back = x.does(x.boss, deed+"refuse", object{"reason": "拆封的不退"}, "refused")
	}
	if back.text("why") != "拆封的不退" || back.number("back_minor") != 0 {
		t.Errorf("refused: %v", back)
	}
	x.ask("POST", deed+"call", x.buyer, nil).refused(409, "return_ended")
	x.ask("POST", here+"/returns", x.buyer, wish).refused(422, "return_decided")
	if all := x.items(x.grower, here+"/returns"); len(all) != 2 || all[0].text("state") != "refused" || all[1].text("state") != "withdrawn" {
		t.Errorf("all of them: %v", all)
	}
	x.ask("GET", here+"/returns", x.stranger, nil).refused(404, "not_found")
	x.clean()
}

// Silence takes a return on, and who does not send lets it lapse; after its days there is none.
func TestAReturnThatNobodyAnswersIsTakenOnAndLapses(t *testing.T) {
	x := openTrade(t)
	here := x.delivered(1000)
	wish := object{"lines": []object{{"line": 1, "quantity": 500}}}
	var back object
	x.ask("POST", here+"/returns", x.buyer, wish).must(201, &back)
	x.pass(3*24*time.Hour + time.Hour)
	is := x.only(x.buyer, here+"/returns")
	if is.text("state") != "approved" || is["send_to"] != nil || is.text("turn") != "seller" { // where to is still to be said
		t.Errorf("after three days: %v", is)
	}
	is = x.does(x.boss, here+"/returns/"+back.text("id")+"/approve", object{"send_to": "兴平镇 3 队"}, "approved")
	if is.text("turn") != "buyer" {
		t.Errorf("where to is said: %v", is)
	}
	x.pass(8 * 24 * time.Hour)
	if is = x.only(x.buyer, here+"/returns"); is.text("state") != "lapsed" || is["turn"] != nil {
		t.Errorf("never sent: %v", is)
	}
	if p := x.ask("POST", here+"/returns", x.buyer, wish).refused(422, "return_late"); p.Args["days"] != float64(7) || p.Field != "lines" {
		t.Errorf("too late: %+v", p)
	}
	x.clean()
}
