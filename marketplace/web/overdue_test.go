package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/order"
)

// The order's page says by when it is to be sent; until then its buyer asks to have it
// cancelled, and from then on cancels it.
func TestTheBuyerAsksToCancelAndCancelsWhatIsNotSentByItsDay(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Accepted)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	buyer, seller := h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person)
	has(t, buyer.page(t, way), "前要发出；到时还没发，您可以取消", "问能不能取消")
	has(t, seller.page(t, way), "前要发出；过了这天", "这回没有货")
	if a := buyer.post(t, way+"/cancel"); a.status != http.StatusConflict || !strings.Contains(a.body, "过了这天您可以自己取消") {
		t.Errorf("a cancel before its day is answered %d", a.status)
	}
	if a := seller.post(t, way+"/ask"); a.status != http.StatusForbidden {
		t.Errorf("a seller who asks is answered %d", a.status)
	}
	went(t, way, buyer.post(t, way+"/ask"))
	page := buyer.page(t, way)
	has(t, page, "您问过卖家能不能取消", "买家问卖家能不能取消")
	if strings.Contains(page, way+"/ask") {
		t.Error("it is offered to be asked twice")
	}
	has(t, seller.page(t, way), "买家想取消这一单", "同意，取消")
	h.Clock.Advance(7 * 24 * time.Hour)
	buyer, seller = h.visitor(t, h.Buyer.Person), h.visitor(t, h.Seller.Person)
	has(t, buyer.page(t, way), "还没发。您现在就可以取消", way+"/cancel")
	has(t, seller.page(t, way), "买家随时可以取消")
	went(t, way, buyer.post(t, way+"/cancel"))
	has(t, buyer.page(t, way), "过了说好的日子没有发货，买家取消了")
	h.Must(t, ref, order.Cancelled)
}

// While a parcel is out an operator is not offered to end the order.
func TestAnOperatorIsNotOfferedToEndWhatIsOnItsWay(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Shipped)
	way := "/orders/" + h.code(t) + "/" + ref.ID.String()
	boss := h.visitor(t, h.operator(t, h.Market))
	if strings.Contains(boss.page(t, way), way+"/cancel") {
		t.Error("it is offered")
	}
	if a := boss.post(t, way+"/cancel", "why", "x"); a.status != http.StatusConflict || !strings.Contains(a.body, "还有包裹在路上") {
		t.Errorf("it is answered %d", a.status)
	}
	h.Must(t, ref, order.Shipped)
}
