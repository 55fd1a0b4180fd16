package web_test

import (
	"net/http"
	"strings"
	"testing"

	"commonfield/marketplace/order"
)

// The carrier brings the only parcel back: the seller looks, says so on the order's
// page, and the order is over with its money.
func TestASellerSaysThatAParcelCameBack(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Shipped)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person)
	has(t, seller.page(t, way), "退回来了")
	if strings.Contains(buyer.page(t, way), "退回来了") {
		t.Error("a buyer is offered to say so")
	}
	s, err := h.m.Orders.Story(t.Context(), ref)
	must(t, err)
	parcel := s.Shipments[0].ID.String()
	if a := buyer.post(t, way+"/returned", "parcel", parcel, "why", "x", "goods", "back"); a.status != http.StatusForbidden {
		t.Errorf("a buyer who says so is answered %d", a.status)
	}
	if a := seller.post(t, way+"/returned", "parcel", parcel, "why", "没人收"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "没人收") {
		t.Errorf("without a look it answers %d", a.status)
	}
	went(t, way, seller.post(t, way+"/returned", "parcel", parcel, "why", "没人收", "goods", "back"))
	has(t, buyer.page(t, way), "快递把货退回来了", "退回了")
	h.Must(t, ref, order.Cancelled)
}
