package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

var (
	receiversCode = regexp.MustCompile(`huge-code">([0-9]{3}) ([0-9]{3})<`)
	handsName     = regexp.MustCompile(`CH[0-9A-Z]{8}`)
	payoutField   = regexp.MustCompile(`name="payout" value="([^"]+)"`)
)

func TestACashPayoutIsWalkedFromTheFloatToTheBank(t *testing.T) {
	h := newHouse(t)
	h.UpTo(t, order.Completed)
	h.Clock.Advance(8 * 24 * time.Hour)
	h.Drain(t)
	must(t, h.Desk.Capital(t.Context(), h.Market, h.Operator.ID, 100_000, "start"))
	var hand id.ID
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		return tx.Get(&hand, "SELECT payee_id FROM market_agents WHERE market_id = $1 AND agent_id = $2", h.Market, h.Agent.ID)
	}))
	a, b := h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.operator(t, h.Market))
	grower, agent := h.visitor(t, h.Seller.Person), h.visitor(t, h.AgentBy)
	market := fmt.Sprintf("?market=%d", h.Market)
	desk, mine, list := "/desk/operator/cash"+market, "/desk/agent/cash"+market, "/desk/operator/payouts"+market

	has(t, agent.page(t, mine), "您手里没有集市的现金")
	for _, bad := range [][]string{{"deed", "trust", "payee", hand.String(), "limit", "x"}, {"deed", "give", "payee", hand.String(), "amount", "5"}} {
		if got := a.post(t, desk, bad...); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%v answers %d", bad, got.status)
		}
	}
	a.does(t, desk, "deed", "trust", "payee", hand.String(), "limit", "300")
	if got := a.post(t, desk, "deed", "give", "payee", hand.String(), "amount", "300.01", "bank_reference", "F1"); got.status != http.StatusConflict || !strings.Contains(got.body, "¥300.00") {
		t.Errorf("above the limit answers %d", got.status)
	}
	for range 2 {
		a.does(t, desk, "deed", "give", "payee", hand.String(), "amount", "200", "bank_reference", "F1")
	}
	h.clean(t)
	if got := agent.post(t, desk, "deed", "trust", "payee", hand.String(), "limit", "9000"); got.status != http.StatusForbidden {
		t.Errorf("an agent sets a limit: %d", got.status)
	}

	payee := h.Producer.PayeeID
	of := fmt.Sprintf("%d.%s", h.Market, payee)
	has(t, grower.page(t, "/me/cash"), "还没有选")
	if got := agent.post(t, "/me/cash", "deed", "choose", "payee", of, "hand", hand.String()); got.status != http.StatusNotFound {
		t.Errorf("a stranger chooses: %d", got.status)
	}
	grower.does(t, "/me/cash", "deed", "choose", "payee", of, "hand", hand.String())
	has(t, grower.page(t, "/me"), "找代理领现金")
	has(t, a.page(t, list), "领现金的", "¥119.60", "马春兰")
	batch := a.does(t, list, "key", "c", "all", "yes", "way", "cash")
	h.clean(t)
	if got := a.post(t, batch, "fate", "approve"); got.status != http.StatusForbidden {
		t.Errorf("one's own batch answers %d", got.status)
	}
	b.does(t, batch, "fate", "approve")
	h.Drain(t)
	h.clean(t)
	has(t, b.page(t, batch), "现金在代理手里")
	if got := b.get(t, batch+"/file"); got.status != http.StatusConflict {
		t.Errorf("cash has a file: %d", got.status)
	}
	has(t, agent.page(t, "/desk/agent"), "手里有集市的 ¥200.00")
	has(t, grower.page(t, "/notices"), "等您去领")
	has(t, grower.page(t, "/desk/producer"), "您有 ¥119.60 在马春兰手里", "领款码")
	if strings.Contains(a.page(t, "/desk/operator"), "批打款还没记完") {
		t.Error("the operator is asked to mark what waits to be collected")
	}
	waits := payoutField.FindStringSubmatch(agent.page(t, mine))
	own := payoutField.FindStringSubmatch(grower.page(t, "/me/cash"))
	if waits == nil || own == nil || own[1] != fmt.Sprintf("%d.%s", h.Market, waits[1]) {
		t.Fatalf("waits %v %v", waits, own)
	}
	shown := receiversCode.FindStringSubmatch(grower.post(t, "/me/cash", "deed", "code", "payout", own[1]).body)
	if shown == nil {
		t.Fatal("the receiver sees no code")
	}
	if got := agent.post(t, "/me/cash", "deed", "code", "payout", own[1]); got.status != http.StatusNotFound {
		t.Errorf("the hand sees the receiver's code: %d", got.status)
	}
	if got := agent.post(t, mine, "payout", waits[1], "code", "12"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "还可以试") {
		t.Errorf("a wrong code answers %d", got.status)
	}
	for range 2 {
		agent.does(t, mine, "payout", waits[1], "code", shown[1]+shown[2])
	}
	h.Drain(t)
	h.clean(t)
	page := agent.page(t, mine)
	has(t, page, "¥80.40", "对了领款码")
	has(t, grower.page(t, "/notices"), "您已经领了")
	reference := handsName.FindString(page)

	// What is left is banked: the statement finds whose it is, and by hand it is the same.
	for range 2 {
		a.does(t, desk, "deed", "bank", "payee", hand.String(), "amount", "30", "bank_reference", "B1")
	}
	day := h.Clock.Now().Format(time.DateOnly)
	a.send(t, "/desk/operator/bank"+market, "file", []byte("date,reference,amount,text\n"+day+",B1,30.00,"+reference+"\n"+day+",B2,50.40,cash "+reference+"\n"))
	h.Drain(t)
	h.clean(t)
	if left := h.balance(t, ledger.CashAgent(hand)); left != 0 {
		t.Errorf("%d is left in hand", left)
	}
	has(t, a.page(t, desk), "¥0.00", "没有等人来领的现金")
	a.does(t, desk, "deed", "stop", "payee", hand.String(), "why", "搬走了")
	has(t, agent.page(t, mine), "集市不再给您新的现金")
}
