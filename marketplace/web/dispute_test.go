package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"commonfield/marketplace/order"
)

var seen = regexp.MustCompile(`/orders/[^"/]+/[^"/]+/evidence/[0-9a-f]{64}/1200\.jpg`)

// The buyer complains with a picture, the seller offers, the buyer takes it; the
// picture is nobody else's to see.
func TestABuyerComplainsOnItsPageAndTakesTheSellersOffer(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Delivered)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller, agent := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
	has(t, buyer.page(t, way), way+"/dispute")
	if strings.Contains(seller.page(t, way), way+"/dispute") {
		t.Error("a seller is offered to complain")
	}
	if a := buyer.send(t, way+"/dispute", "", nil, "reason", "damaged"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "这一格不能空着") {
		t.Fatalf("without words it answers %d", a.status)
	}
	if a := buyer.send(t, way+"/dispute", "photo", []byte("GIF89a"), "reason", "damaged", "text", "碎了"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "碎了") {
		t.Fatalf("with what is no picture it answers %d", a.status)
	}
	went(t, way+"/dispute", buyer.send(t, way+"/dispute", "photo", picture(t), "reason", "damaged", "text", "箱子压扁了"))
	body := seller.page(t, way+"/dispute")
	has(t, body, "箱子压扁了", "买家说货有问题")
	const asked = "1 单买家说货有问题，等您答"
	has(t, seller.page(t, h.way("/desk/producer")), asked, "/orders/", ref.ID.String()+"/dispute")
	photo := seen.FindString(body)
	if photo == "" {
		t.Fatal("the picture is not shown")
	}
	for name, want := range map[*visitor]int{buyer: http.StatusOK, seller: http.StatusOK, agent: http.StatusForbidden, h.visitor(t, h.Person(t, "Stranger")): http.StatusNotFound, h.nobody(): http.StatusNotFound} {
		if a := name.get(t, photo); a.status != want {
			t.Errorf("the picture answers %d, not %d", a.status, want)
		}
	}
	if a := h.nobody().get(t, "/photos/"+strings.Split(photo, "/")[5]+"/1200.jpg"); a.status != http.StatusNotFound {
		t.Errorf("the public's door gives the picture: %d", a.status)
	}
	all, err := h.m.Disputes.Of(t.Context(), ref)
	must(t, err)
	deed := way + "/dispute/" + all[0].ID.String()
	went(t, way+"/dispute", seller.send(t, deed+"/say", "", nil, "text", "路上压的", "offer", "20"))
	if strings.Contains(seller.page(t, h.way("/desk/producer")), asked) {
		t.Error("what is answered still waits on the desk")
	}
	if a := seller.post(t, deed+"/take", "offer", "2000"); a.status != http.StatusForbidden {
		t.Errorf("a seller who takes their own offer is answered %d", a.status)
	}
	has(t, buyer.page(t, way+"/dispute"), "同意，退 ¥20.00")
	went(t, way+"/dispute", buyer.post(t, deed+"/take", "offer", "2000"))
	if page := buyer.get(t, way).body; strings.Contains(page, "damaged") || !strings.Contains(page, "坏了、压烂了") {
		t.Error("the order does not say in words why money came back")
	}
	has(t, buyer.page(t, way+"/dispute"), "退您 ¥20.00")
}
