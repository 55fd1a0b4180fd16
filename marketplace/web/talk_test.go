package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/order"
)

// The buyer writes with a picture, the seller sees on their desk that something
// waits and answers, and an operator sees nothing of it until they are called.
func TestBuyerAndSellerWriteToEachOtherAndAnOperatorReadsWhenCalled(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Accepted)
	h.Drain(t) // the buyer's own list knows the market now
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller, agent, operator := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy), h.visitor(t, h.operator(t, h.Market))
	has(t, buyer.page(t, way), way+"/talk", "写留言")
	if strings.Contains(operator.page(t, way), way+"/talk") {
		t.Error("an operator is shown the way to what nobody has begun")
	}
	if a := buyer.send(t, way+"/talk", "", nil, "text", " "); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "请写一句，或者放一张照片") {
		t.Fatalf("without words it answers %d", a.status)
	}
	if a := buyer.send(t, way+"/talk", "photo", []byte("GIF89a"), "text", "看照片"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "看照片") {
		t.Fatalf("with what is no picture it answers %d", a.status)
	}
	went(t, way+"/talk", buyer.send(t, way+"/talk", "photo", picture(t), "text", "请放门卫<b>那里</b>"))
	has(t, seller.page(t, "/desk/producer"), "1 单有新留言", "/desk/producer/messages")
	has(t, seller.page(t, "/desk/producer/messages"), "1 条没看", way+"/talk")
	body := seller.page(t, way+"/talk")
	has(t, body, "请放门卫&lt;b&gt;那里&lt;/b&gt;")
	photo := seen.FindString(body)
	if photo == "" {
		t.Fatal("the picture is not shown")
	}
	if strings.Contains(seller.page(t, "/desk/producer"), "有新留言") {
		t.Error("what was read still waits")
	}
	has(t, buyer.page(t, way+"/talk"), "对方看过了")
	for name, want := range map[*visitor]int{buyer: http.StatusOK, seller: http.StatusOK, agent: http.StatusOK, operator: http.StatusForbidden, h.visitor(t, h.Person(t, "Stranger")): http.StatusNotFound, h.nobody(): http.StatusNotFound} {
		if a := name.get(t, photo); a.status != want {
			t.Errorf("the picture answers %d, not %d", a.status, want)
		}
		if a := name.get(t, way+"/talk"); a.status != want {
			t.Errorf("the page answers %d, not %d", a.status, want)
		}
	}
	if strings.Contains(operator.page(t, way), way+"/talk") {
		t.Error("an operator is shown the way to what is not theirs")
	}
	if a := operator.send(t, way+"/talk", "", nil, "text", "在吗"); a.status != http.StatusForbidden {
		t.Errorf("an operator who was not called writes: %d", a.status)
	}
	if a := seller.post(t, way+"/talk/call", "why", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a call without a reason answers %d", a.status)
	}
	went(t, way+"/talk", seller.post(t, way+"/talk/call", "why", "rude"))
	has(t, operator.page(t, "/desk/operator/messages"), way+"/talk", "骂人")
	has(t, operator.page(t, way+"/talk"), "请放门卫")
	went(t, way+"/talk", operator.send(t, way+"/talk", "", nil, "text", "请好好说"))
	has(t, agent.page(t, way+"/talk"), "请好好说")
	if a := operator.post(t, way+"/talk/leave"); a.status != http.StatusSeeOther {
		t.Errorf("leaving answers %d", a.status)
	}
	if a := operator.get(t, way+"/talk"); a.status != http.StatusForbidden {
		t.Errorf("who has left reads: %d", a.status)
	}
	has(t, buyer.page(t, "/messages"), way+"/talk", "没看")
}
