package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/returns"
	"commonfield/storage/fault"
	"commonfield/storage/once"
)

// The buyer asks with a picture, the seller says where to, the buyer sends, the seller
// looks: the money goes back and nobody else sees any of it.
func TestABuyerGivesGoodsBackOnItsPageAndTheSellerTakesThemIn(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Delivered)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	back := way + "/return"
	buyer, seller, operator := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.visitor(t, h.operator(t, h.Market))
	has(t, buyer.page(t, way), back)
	if strings.Contains(seller.page(t, way), back) {
		t.Error("a seller is offered to give back")
	}
	for name, want := range map[*visitor]int{h.visitor(t, h.AgentBy): http.StatusForbidden, h.visitor(t, h.Person(t, "Stranger")): http.StatusNotFound, h.nobody(): http.StatusNotFound} {
		if a := name.get(t, back); a.status != want {
			t.Errorf("the page answers %d, not %d", a.status, want)
		}
	}
	if a := buyer.send(t, back, "", nil, "back.1", ""); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "请填要退多少") {
		t.Fatalf("with nothing it answers %d", a.status)
	}
	if a := buyer.send(t, back, "", nil, "back.1", "99", "text", "买多了"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "买多了") || !strings.Contains(a.body, "最多能退") {
		t.Fatalf("with too much it answers %d", a.status)
	}
	went(t, back, buyer.send(t, back, "photo", picture(t), "back.1", "2", "text", "买多了"))
	has(t, buyer.page(t, way), "看看退到哪里了")
	has(t, seller.page(t, "/desk/producer"), "/desk/producer/returns")
	has(t, seller.page(t, "/desk/producer/returns"), "等您答复")
	photo := seen.FindString(seller.page(t, back))
	if a := buyer.get(t, photo); photo == "" || a.status != http.StatusOK {
		t.Errorf("the picture answers %d", a.status)
	}
	if a := h.visitor(t, h.AgentBy).get(t, photo); a.status == http.StatusOK {
		t.Error("an agent sees the picture")
	}
	all, err := h.m.Returns.Of(t.Context(), ref)
	must(t, err)
	deed := back + "/" + all[0].ID.String()
	if a := buyer.post(t, deed+"/approve", "to", "x", "pays", "buyer"); a.status != http.StatusForbidden {
		t.Errorf("a buyer who agrees with themselves is answered %d", a.status)
	}
	if a := seller.post(t, deed+"/approve", "to", "", "pays", "seller"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without where to it answers %d", a.status)
	}
	if a := seller.post(t, deed+"/eat"); a.status != http.StatusNotFound {
		t.Errorf("an unknown deed answers %d", a.status)
	}
	went(t, back, seller.post(t, deed+"/approve", "to", "兴平村 3 号", "pays", "seller"))
	has(t, buyer.page(t, back), "兴平村 3 号", "寄到付")
	went(t, back, buyer.post(t, deed+"/send", "carrier", "sf", "number", "SF100"))
	has(t, operator.page(t, "/desk/operator/returns"), "在回来的路上")
	has(t, seller.page(t, back), "SF100")
	went(t, back, seller.post(t, deed+"/receive", "goods", "back"))
	went(t, back, seller.post(t, deed+"/receive", "goods", "back")) // twice is once
	has(t, buyer.page(t, back), "退您 ¥52.00")
	has(t, buyer.page(t, way), "退货", "52.00")
}

// Somebody has two parts in one order: they do the deeds of a return for one of them.
func TestWhoBoughtOrSoldDoesNotAnswerForTheOtherSide(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	ref := h.UpTo(t, order.Delivered)
	name, err := h.m.Returns.Ask(ctx, once.Key{}, h.Buyer, ref, returns.Wish{Lines: map[int]int64{1: 1000}})
	must(t, err)
	must(t, h.m.Returns.Approve(ctx, h.Seller, returns.Ref{Order: ref, ID: name}, returns.Answer{To: "兴平村 3 号"}))
	must(t, h.m.Returns.Send(ctx, h.Buyer, returns.Ref{Order: ref, ID: name}, "sf", "SF100"))
	all, err := h.m.Returns.Of(ctx, ref)
	must(t, err)
	d := door.New(h.m, door.Options{})
	clerk, operator := []people.Station{{Market: h.Market, Region: h.Producer.RegionCode}}, []int32{h.Market}
	for _, c := range []struct {
		who      order.By
		clerk    []people.Station
		operator []int32
		deed     string
		as       order.Party // empty: refused
		gives    bool
	}{
		{h.Buyer, clerk, nil, returns.DeedReceive, "", false},
		{h.Buyer, clerk, operator, returns.DeedReceive, "", false},
		{h.Buyer, nil, operator, returns.DeedRefuse, "", false},
		{h.Seller, clerk, operator, returns.DeedReceive, order.AsSeller, true},
		{h.Seller, nil, operator, returns.DeedRefuse, order.AsSeller, true},
		{order.By{Person: h.Person(t, "站点")}, clerk, nil, returns.DeedReceive, order.AsSeller, false},
		{order.By{Person: h.Person(t, "站长")}, clerk, operator, returns.DeedRefuse, order.AsOperator, true},
	} {
		p := c.who.Person
		p.Clerk, p.Operator = c.clerk, c.operator
		by, gives, err := d.Giver(ctx, p, ref, c.deed)
		if c.as == "" && !fault.Has(err, "return_not_yours") || c.as != "" && (err != nil || by.As != c.as || gives != c.gives) {
			t.Errorf("%s of %+v: as %q, gives %t, %v", c.deed, c, by.As, gives, err)
		}
		_, as, err := d.Sides(ctx, p, ref)
		must(t, err)
		if may := door.Returning(all[0], as); may[c.deed] != (c.as != "") {
			t.Errorf("%s of %+v: the page offers %v", c.deed, c, may)
		}
	}
}
