package told_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/talk"
)

func TestAMessageIsToldOnceUntilItIsReadAndNothingOfItStandsInALetter(t *testing.T) {
	v := open(t)
	ctx := t.Context()
	ref := v.UpTo(t, order.Secured)
	v.Drain(t)
	buyer, seller, agent := v.of(t, v.Buyer.ID), v.of(t, v.Seller.ID), v.of(t, v.AgentBy.ID)
	say := func(by order.By, text string) {
		t.Helper()
		_, err := v.talks.Say(ctx, onceKey(), by, ref, talk.Said{Text: text})
		must(t, err)
	}
	say(v.Buyer, "家里没人，请放门卫王芳那里")
	v.told(t, v.Seller.ID, seller...) // who looks within two minutes is not told
	v.Clock.Advance(3 * time.Minute)
	v.told(t, v.Seller.ID, append(seller, notice.SaleMessage)...)
	if n := v.last(t, v.Seller.ID); !strings.HasSuffix(n.Way, "/talk") {
		t.Errorf("the notice leads to %s", n.Way)
	}
	say(v.Buyer, "还有一句")
	v.Clock.Advance(3 * time.Minute)
	v.told(t, v.Seller.ID, append(seller, notice.SaleMessage)...) // not read yet: once is enough
	v.told(t, v.AgentBy.ID, agent...)                             // has not written
	must(t, v.talks.Seen(ctx, v.Seller, ref))
	say(v.Seller, "好的")
	must(t, v.talks.Seen(ctx, v.Buyer, ref))
	v.Clock.Advance(3 * time.Minute)
	v.told(t, v.Buyer.ID, buyer...) // was looking
	say(order.By{Person: v.AgentBy, As: talk.AsAgent}, "我来帮忙")
	v.Clock.Advance(3 * time.Minute)
	v.told(t, v.Buyer.ID, append(buyer, notice.MessageWaits)...)
	v.told(t, v.Seller.ID, append(seller, notice.SaleMessage, notice.SaleMessage)...)
	say(v.Seller, "谢谢")
	v.Clock.Advance(3 * time.Minute)
	v.told(t, v.AgentBy.ID, append(agent, notice.SaleMessage)...)
	for _, l := range v.post.Letters {
		if strings.Contains(l.Subject+l.Text, "门卫") {
			t.Errorf("a letter repeats what was written: %s", l.Subject)
		}
	}
}

func TestOperatorsAreToldWhenTheyAreCalled(t *testing.T) {
	v := open(t)
	ref := v.UpTo(t, order.Secured)
	_, err := v.talks.Say(t.Context(), onceKey(), v.Buyer, ref, talk.Said{Text: "在吗"})
	must(t, err)
	v.Drain(t)
	before := v.of(t, v.Operator.ID)
	must(t, v.talks.Call(t.Context(), v.Buyer, ref, "help"))
	must(t, v.talks.Call(t.Context(), v.Buyer, ref, "help"))
	v.told(t, v.Operator.ID, append(before, notice.DeskTalk)...)
}
