package told_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
)

func TestBothSidesAreToldOfAComplaintAndOperatorsWhenItIsTheirs(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Delivered)
	v.Drain(t)
	buyer, seller, operator := v.of(t, v.Buyer.ID), v.of(t, v.Seller.ID), v.of(t, v.Operator.ID)
	name, err := v.disputes.Complain(ctx, onceKey(), v.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "王芳说一半发霉了"}, Reason: "quality"})
	must(t, err)
	d := dispute.Ref{Order: ref, ID: name}
	v.told(t, v.Seller.ID, append(seller, notice.DisputeOpened)...)
	if n := v.last(t, v.Seller.ID); n.Facts.Until == nil || !n.Facts.Until.Equal(v.Clock.Now().Add(72*time.Hour)) || !strings.HasSuffix(n.Way, "/dispute") {
		t.Errorf("the seller is told %+v", n)
	}
	v.Clock.Advance(49 * time.Hour)
	v.told(t, v.Seller.ID, append(seller, notice.DisputeOpened, notice.DisputeWaits)...)
	v.Clock.Advance(24 * time.Hour)
	v.told(t, v.Buyer.ID, append(buyer, notice.DisputeSilent)...)
	must(t, v.disputes.Say(ctx, onceKey(), v.Seller, d, dispute.Said{Text: "退一点"}, 1200))
	v.told(t, v.Buyer.ID, append(buyer, notice.DisputeSilent, notice.DisputeOffered)...)
	if n := v.last(t, v.Buyer.ID); n.Facts.Sum != 1200 {
		t.Errorf("the buyer is told of %d", n.Facts.Sum)
	}
	must(t, v.disputes.Escalate(ctx, v.Buyer, d))
	v.told(t, v.Buyer.ID, append(buyer, notice.DisputeSilent, notice.DisputeOffered)...) // who called knows
	v.told(t, v.Operator.ID, append(operator, notice.DeskDispute)...)
	must(t, v.disputes.Decide(ctx, onceKey(), v.Operator, d, dispute.Decision{Parts: []order.Part{{Line: 1, Amount: 3000}}, Goods: dispute.Kept, Why: "照片看得清楚"}))
	v.told(t, v.Seller.ID, append(seller, notice.DisputeOpened, notice.DisputeWaits, notice.DisputeEscalated, notice.DisputeDecided)...)
	if n := v.last(t, v.Seller.ID); n.Facts.Sum != 3000 || n.Facts.Why != "照片看得清楚" {
		t.Errorf("the seller is told %+v", n.Facts)
	}
	for _, l := range v.post.Letters {
		if strings.Contains(l.Subject+l.Text, "王芳") {
			t.Errorf("a letter repeats what was said: %s", l.Subject)
		}
	}
}

func TestACancelledOrderIsNotAlsoToldOfAsAComplaintThatEnded(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Shipped)
	_, err := v.disputes.Complain(t.Context(), onceKey(), v.Buyer, ref, dispute.Complaint{Said: dispute.Said{Text: "没收到"}, Reason: dispute.NotArrived})
	must(t, err)
	v.Drain(t)
	before := v.of(t, v.Seller.ID)
	s, err := v.Orders.Story(t.Context(), ref)
	must(t, err)
	must(t, v.Orders.Lost(t.Context(), v.Operator, ref, s.Shipments[0].ID, "lost"))
	v.told(t, v.Seller.ID, append(before, notice.SaleCancelled)...)
	all, err := v.disputes.Of(t.Context(), ref)
	must(t, err)
	if len(all) != 1 || all[0].State != dispute.Cancelled {
		t.Errorf("there are %+v", all)
	}
}
