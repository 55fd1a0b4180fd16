package api_test

import (
	"bytes"
	"testing"
)

// What the sides of an order write to each other, with an operator who is called and leaves.
func TestTheSidesOfAnOrderWriteAndCallAnOperatorByTheAPI(t *testing.T) {
	x := openTrade(t)
	here, _ := x.bought(x.buyer, 1000)
	talk := here + "/messages"
	var said, photo object
	x.ask("POST", talk+"/call", x.buyer, object{"why": "help"}).refused(409, "talk_nothing")
	x.ask("GET", talk, x.stranger, nil).refused(404, "not_found")
	x.ask("GET", talk, x.boss, nil).refused(403, "talk_not_called")
	x.ask("POST", talk, x.buyer, object{}).refused(422, "talk_empty")
	x.ask("POST", here+"/evidence", x.buyer, jpegOf(t, 50, 30), "Content-Type", "image/jpeg").must(201, &photo)
	for range 2 {
		x.ask("POST", talk, x.buyer, object{"text": "什么时候发？", "photos": []string{photo.text("key")}}, "Idempotency-Key", "m1").must(201, &said)
	}
	if len(said.list("messages")) != 1 || said["open"] != true || said.list("messages")[0].text("as") != "buyer" {
		t.Fatalf("written: %v", said)
	}
	x.ask("GET", photo.text("url"), x.grower, nil).must(200)
	x.ask("GET", photo.text("url"), x.boss, nil).must(403)
	if row := x.only(x.grower, "/messages?as=seller&market=YL"); row.number("unread") != 1 || row.number("messages") != 1 {
		t.Errorf("the seller's list: %v", row)
	}
	x.ask("POST", talk+"/read", x.grower, nil).must(200)
	x.ask("POST", talk, x.grower, object{"text": "加我微信付款便宜"}).must(201)
	if all := x.seen(x.buyer, talk).list("messages"); len(all) != 2 || all[0]["seen"] != true || all[1]["seen"] != false || all[1].text("text") != "加我微信付款便宜" {
		t.Errorf("read: %v", all)
	}

	x.ask("POST", talk+"/call", x.buyer, object{"why": "angry"}).refused(422, "not_one_of")
	x.ask("POST", talk+"/call", x.stranger, object{"why": "outside"}).refused(404, "not_found")
	for range 2 {
		said = object{}
		x.ask("POST", talk+"/call", x.buyer, object{"why": "outside"}).must(200, &said)
	}
	if said.text("called") != "outside" {
		t.Errorf("called: %v", said)
	}
	if row := x.only(x.boss, "/messages?as=operator&market=YL"); row.text("called") != "outside" || row.number("unread") != 2 {
		t.Errorf("the operators' list: %v", row)
	}
	x.ask("POST", talk, x.boss, object{"text": "请在平台内付款"}).must(201)
	if all := x.seen(x.buyer, talk).list("messages"); len(all) != 3 || all[2].text("as") != "operator" {
		t.Errorf("an operator wrote: %v", all)
	}
	x.ask("POST", talk+"/leave", x.grower, nil).refused(403, "talk_not_yours")
	for range 2 {
		x.ask("POST", talk+"/leave", x.boss, nil).must(200)
	}
	x.ask("GET", talk, x.boss, nil).refused(403, "talk_not_called")
	if is := x.seen(x.buyer, talk); is["called"] != nil || len(is.list("messages")) != 3 {
		t.Errorf("they left: %v", is)
	}
	x.drain()
	x.clean()
}

// The papers of an order that was packed smaller: what they say, their files, the
// number of the tax invoice.
func TestAnOrdersPapersAreListedAndGivenByTheAPI(t *testing.T) {
	x := openTrade(t)
	here, bought := x.bought(x.buyer, 5000)
	if paper := x.only(x.buyer, here+"/papers"); paper.text("kind") != "receipt" || paper.number("amount_minor") != 13000 || paper.text("reference") != bought.text("reference") || paper.text("currency") != "CNY" {
		t.Fatalf("the receipt: %v", paper)
	}
	x.does(x.grower, here+"/accept", nil, "accepted")
	x.does(x.grower, here+"/pack", object{"weights": []object{{"line": 1, "quantity": 4900}}}, "packed")
	x.does(x.grower, here+"/ship", object{"carrier": "中通", "number": "1"}, "shipped")
	x.drain()
	papers := x.items(x.grower, here+"/papers")
	kinds := map[string]object{}
	for _, p := range papers {
		kinds[p.text("kind")] = p
	}
	receipt, credit, sale := kinds["receipt"], kinds["credit"], kinds["sale"]
	if len(papers) != 3 || credit.number("amount_minor") != 260 || credit.text("of") != receipt.text("number") || credit.text("why") != "weight" || credit.text("refund") == "" {
		t.Fatalf("the credit note: %v", papers)
	}
	if sale.number("amount_minor") != 12740 || sale.text("seller") != "吐尔逊·买买提" || sale.list("lines")[0].number("quantity") != 4900 {
		t.Errorf("the statement of sale: %v", sale)
	}
	x.ask("GET", here+"/papers", x.stranger, nil).refused(404, "not_found")
	for _, token := range []string{x.buyer, x.grower, x.boss} {
		file := x.ask("GET", here+"/papers/"+sale.text("id")+"/pdf", token, nil).must(200)
		if !bytes.HasPrefix(file.body, []byte("%PDF-")) || file.header.Get("Content-Disposition") != `attachment; filename="`+sale.text("number")+`.pdf"` {
			t.Errorf("the file: %v %.20q", file.header, file.body)
		}
	}
	x.ask("GET", here+"/papers/"+sale.text("id")+"/pdf", x.stranger, nil).refused(404, "not_found")
	x.ask("GET", here+"/papers/"+x.listing+"/pdf", x.buyer, nil).refused(404, "not_found")

	invoice := here + "/papers/" + sale.text("id") + "/invoice"
	x.ask("POST", invoice, x.buyer, object{"number": "24652000000012345678"}).must(403)
	x.ask("POST", here+"/papers/"+receipt.text("id")+"/invoice", x.grower, object{"number": "24652000000012345678"}).must(409)
	for _, number := range []string{"24652000000012345678", "24652000000012345678", ""} {
		var paper object
		x.ask("POST", invoice, x.grower, object{"number": number}).must(200, &paper)
		if paper.text("tax_invoice") != number {
			t.Errorf("entered %q: %v", number, paper)
		}
	}
	x.clean()
}
