package door_test

import (
	"testing"

	"commonfield/agents/payable"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
)

func TestWhoMaySayThatCashWasTaken(t *testing.T) {
	for _, c := range []struct {
		kind string
		as   []order.Party
		may  bool
	}{
		{payable.Producer, []order.Party{order.AsSeller}, true},
		{payable.Producer, []order.Party{door.AsClerk}, true},
		{payable.Agent, []order.Party{order.AsSeller}, false}, // an agent collects for them
		{payable.Agent, []order.Party{door.AsClerk}, false},
		{payable.Agent, []order.Party{door.AsHand}, true},
		{payable.Agent, []order.Party{door.AsAgent}, false},
		{payable.Producer, []order.Party{order.AsBuyer}, false},
		{payable.Producer, []order.Party{order.AsOperator}, true},
		{payable.Producer, []order.Party{order.AsBuyer, order.AsOperator}, false},
	} {
		if may := door.Takes(order.Collection{Kind: c.kind}, c.as); may != c.may {
			t.Errorf("a %s collects, %v: %v", c.kind, c.as, may)
		}
	}
}
