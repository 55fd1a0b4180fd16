package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"commonfield/agents/commission"
	"commonfield/agents/payout"
	"commonfield/catalog"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

func (h *house) balance(t *testing.T, account string) int64 {
	t.Helper()
	var have map[string]int64
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { have, err = ledger.Balance(tx, account); return }))
	return have[account]
}

// clean fails unless the books balance.
func (h *house) clean(t *testing.T) {
	t.Helper()
	r, err := h.m.Audit(t.Context(), h.Market)
	must(t, err)
	for _, c := range r.Checks {
		for _, v := range c.Violations {
			t.Errorf("audit: %s: %s", c.Name, v)
		}
	}
}

// ripe makes a sale whose shares can be paid out, with accounts for both payees.
func (h *house) ripe(t *testing.T) {
	t.Helper()
	h.UpTo(t, order.Completed)
	h.Clock.Advance(8 * 24 * time.Hour)
	h.Drain(t)
	h.bank(t, h.Producer.PayeeID, "6228480011112222")
	var payee id.ID
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) error {
		return tx.Get(&payee, "SELECT payee_id FROM market_agents WHERE market_id = $1 AND agent_id = $2", h.Market, h.Agent.ID)
	}))
	h.bank(t, payee, "6228480033334444")
	must(t, h.Desk.Capital(t.Context(), h.Market, h.Operator.ID, 100_000, "start"))
}

var keyed = regexp.MustCompile(`[0-9a-f]{64}`)

func TestAPayoutWalksFromDraftToPaid(t *testing.T) {
	h := newHouse(t)
	h.ripe(t)
	a, b := h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.operator(t, h.Market))
	list := fmt.Sprintf("/desk/operator/payouts?market=%d", h.Market)
	has(t, a.page(t, list), "吐尔逊", "马春兰", "¥119.60", "2222")
	if got := a.post(t, list); got.status != http.StatusConflict {
		t.Errorf("nobody chosen answers %d", got.status)
	}
	batch := a.does(t, list, "key", "d", "all", "yes")
	if again := a.does(t, list, "key", "d", "all", "yes"); again != batch {
		t.Errorf("the same form drafted another batch: %s, %s", batch, again)
	}
	if got := a.post(t, batch, "fate", "approve"); got.status != http.StatusForbidden || !strings.Contains(got.body, "自己做的打款要别人来同意") {
		t.Fatalf("one's own batch answers %d", got.status)
	}
	if got := a.get(t, batch+"/file"); got.status != http.StatusConflict {
		t.Errorf("the file of a draft answers %d", got.status)
	}
	for range 2 {
		b.does(t, batch, "fate", "approve")
	}
	shown := keyed.FindString(b.page(t, batch))
	file := b.get(t, batch+"/file")
	sum := sha256.Sum256([]byte(file.body))
	if file.status != http.StatusOK || hex.EncodeToString(sum[:]) != shown || !strings.Contains(file.body, "6228480011112222") {
		t.Fatalf("the file is %d with hash %x, the page says %s", file.status, sum, shown)
	}
	if kind := file.header.Get("Content-Disposition"); !strings.HasPrefix(kind, "attachment") {
		t.Errorf("the file comes as %q", kind)
	}
	before := h.balance(t, ledger.BankOperating)
	for range 2 {
		b.does(t, batch, "fate", "paid")
	}
	if paid := before - h.balance(t, ledger.BankOperating); paid != 11960+780 {
		t.Errorf("%d left the bank", paid)
	}
	h.clean(t)
	has(t, h.visitor(t, h.Seller.Person).page(t, "/desk/producer"), "¥119.60")
	has(t, h.visitor(t, h.AgentBy).page(t, "/desk/agent"), "已付")
}

func TestTheBanksAnswersComeAsAFileAndMoneyMayComeBack(t *testing.T) {
	h := newHouse(t)
	h.ripe(t)
	a, b := h.visitor(t, h.operator(t, h.Market)), h.visitor(t, h.operator(t, h.Market))
	batch := a.does(t, fmt.Sprintf("/desk/operator/payouts?market=%d", h.Market), "all", "yes")
	b.does(t, batch, "fate", "approve")
	name, ok := id.Parse(batch[strings.LastIndex(batch, "/")+1:])
	if !ok {
		t.Fatalf("the batch is at %s", batch)
	}
	var rows []payout.Payout
	read := func() {
		must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, name); return }))
	}
	read()
	for text, status := range map[string]int{"": 422, "a,b\n1,2\n": 422, "number,state\n" + rows[0].Number() + ",perhaps\n": 422, "number,state\nNOBODY00,paid\n": 422, "number,state\n\"": 422} {
		got := b.send(t, batch+"/answers", "file", []byte(text))
		if got.status != status || !strings.Contains(got.body, `id="file"`) {
			t.Errorf("%q answers %d", text, got.status)
		}
	}
	good := "number,state,reason\n" + rows[0].Number() + ",paid,\n" + rows[1].Number() + ",failed,户名不符\n"
	for range 2 {
		went(t, batch, b.send(t, batch+"/answers", "file", []byte(good), "key", "f"))
	}
	if read(); rows[0].State != payout.Paid || rows[1].State != payout.Failed {
		t.Fatalf("answered: %+v", rows)
	}
	has(t, b.page(t, batch), "户名不符", `value="returned"`)
	if got := b.post(t, batch, "fate", "returned", "item", rows[0].ID.String()); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a return without a reason answers %d", got.status)
	}
	for range 2 {
		b.does(t, batch, "fate", "returned", "item", rows[0].ID.String(), "why", "账户销户")
	}
	if got := b.post(t, batch, "fate", "paid", "item", rows[1].ID.String()); got.status != http.StatusConflict {
		t.Errorf("another answer than the first gives %d", got.status)
	}
	h.clean(t)
	next := a.does(t, fmt.Sprintf("/desk/operator/payouts?market=%d", h.Market), "all", "yes")
	a.does(t, next, "fate", "cancel")
	h.clean(t)
}

func TestWhoCannotBePaidIsNamedWithTheReason(t *testing.T) {
	h := newHouse(t)
	h.UpTo(t, order.Completed)
	v := h.visitor(t, h.operator(t, h.Market))
	has(t, v.page(t, "/desk/operator/payouts"), "吐尔逊", "没有收款账户")
	if got := v.post(t, fmt.Sprintf("/desk/operator/payouts?market=%d", h.Market), "payee", h.Producer.PayeeID.String()); got.status != http.StatusConflict {
		t.Errorf("a batch of nobody answers %d", got.status)
	}
}

func TestARefundByLineGivesBackThatMuchOnce(t *testing.T) {
	h := newHouse(t)
	ref := h.UpTo(t, order.Shipped)
	o, err := h.Orders.Find(t.Context(), ref)
	must(t, err)
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/refunds?market=%d", h.Market)
	has(t, v.page(t, way+"&number=NONE"), "没有找到")
	has(t, v.page(t, way+"&number="+strings.ToLower(o.Number)), o.Number, "¥130.00", "王芳")
	for name, bad := range map[string][]string{
		"no sum": {"why", "x"}, "too much": {"line.1", "130.01", "why", "x"}, "no number": {"line.1", "many", "why", "x"}, "no reason": {"line.1", "5"},
	} {
		got := v.post(t, way, append(bad, "order", o.ID.String())...)
		if got.status != http.StatusUnprocessableEntity || strings.Contains(got.body, "没有办成") {
			t.Errorf("%s answers %d: %s", name, got.status, plain(got.body))
		}
		if bad[0] == "line.1" {
			has(t, got.body, `value="`+bad[1]+`"`)
		}
	}
	for range 2 {
		v.does(t, way, "key", "r", "order", o.ID.String(), "line.1", "12.50", "why", "压坏了几个")
	}
	s, err := h.Orders.Story(t.Context(), ref)
	must(t, err)
	if len(s.Refunds) != 1 || s.Refunds[0].Amount != 1250 {
		t.Fatalf("refunds: %+v", s.Refunds)
	}
	v.does(t, way, "order", o.ID.String(), "whole", "yes", "why", "都退")
	if s, err = h.Orders.Story(t.Context(), ref); err != nil || s.PaymentState() != "refunded" {
		t.Fatalf("after the whole: %s %v", s.PaymentState(), err)
	}
	if got := v.post(t, way, "order", o.ID.String(), "whole", "yes", "why", "再退"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing left answers %d", got.status)
	}
	must(t, h.Desk.Available(t.Context(), h.Market, h.Operator.ID, 12000, "a"))
	h.clean(t)
}

// transfer places an order that is paid by bank transfer.
func (h *house) transfer(t *testing.T) (order.Ref, payment.Payment) {
	t.Helper()
	ask := h.Ask(5000)
	ask.Way = "bank"
	b, err := h.Orders.Place(t.Context(), once.Key{}, ask)
	must(t, err)
	p, err := h.Orders.Pay(t.Context(), h.Market, b.Payment, "/")
	must(t, err)
	return b.Orders()[0], p
}

func TestATransferIsConfirmedOnce(t *testing.T) {
	h := newHouse(t)
	ref, p := h.transfer(t)
	_, other := h.transfer(t)
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/offline?market=%d", h.Market)
	has(t, v.page(t, way), p.Reference, "王芳")
	if got := v.post(t, way, "payment", p.ID.String(), "sum", "130,00"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="130,00"`) {
		t.Errorf("a sum that is none answers %d", got.status)
	}
	v.does(t, way, "payment", p.ID.String(), "sum", "100", "reference", "B-1")
	has(t, v.page(t, way), "¥100.00", "¥30.00")
	for range 2 {
		v.does(t, way, "key", "k", "payment", p.ID.String(), "sum", "30.00", "reference", "B-2")
	}
	h.Must(t, ref, order.Secured)
	if got := v.post(t, way, "payment", other.ID.String(), "sum", "130", "reference", "B-2"); got.status != http.StatusConflict || !strings.Contains(got.body, `value="B-2"`) {
		t.Errorf("a reference that was booked answers %d", got.status)
	}
	if bank := h.balance(t, ledger.BankOperating); bank != 13000 {
		t.Errorf("the bank has %d", bank)
	}
	h.clean(t)
	refundsOfTransfers(t, h, v, ref)
}

// refundsOfTransfers gives the transfer back and notes that it was sent.
func refundsOfTransfers(t *testing.T, h *house, v *visitor, ref order.Ref) {
	t.Helper()
	way := fmt.Sprintf("/desk/operator/refunds?market=%d", h.Market)
	v.does(t, way, "order", ref.ID.String(), "line.1", "10", "why", "少了")
	h.Drain(t)
	has(t, v.page(t, way), "要您汇出的退款", "¥10.00")
	s, err := h.Orders.Story(t.Context(), ref)
	must(t, err)
	for range 2 {
		v.does(t, fmt.Sprintf("/desk/operator/refunds/sent?market=%d", h.Market), "key", "s", "refund", s.Refunds[0].ID.String(), "fate", "sent")
	}
	if bank := h.balance(t, ledger.BankOperating); bank != 12000 {
		t.Errorf("the bank has %d after the refund", bank)
	}
	h.clean(t)
}

func TestAJobThatGaveUpIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	h.Drain(t) // what giving the role has added
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		jobs.Add(tx, order.JobSweep, "once more", struct{}{})
		return nil
	}))
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		_, err := tx.Exec("UPDATE jobs SET state = 'failed', attempts = 10, error = 'no signal', finished_at = $2 WHERE market_id = $1 AND key = 'once more'", h.Market, tx.Now)
		return err
	}))
	gaveUp, err := jobs.Failed(t.Context(), h.DB, h.Market)
	must(t, err)
	if len(gaveUp) != 1 {
		t.Fatalf("gave up: %+v", gaveUp)
	}
	has(t, v.page(t, "/desk/operator"), "/desk/operator/jobs")
	has(t, v.page(t, "/desk/operator/jobs"), "no signal", order.JobSweep)
	way := fmt.Sprintf("/desk/operator/jobs?market=%d", h.Market)
	for range 2 {
		v.does(t, way, "job", gaveUp[0].ID.String())
	}
	if h.Drain(t) != 1 {
		t.Error("the job did not run once")
	}
	if got := v.post(t, way, "job", id.New().String()); got.status != http.StatusNotFound {
		t.Errorf("no such job answers %d", got.status)
	}
}

func TestRatesAndRulesAreSetOnceAndRefusedWithTheirField(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	q := fmt.Sprintf("?market=%d", h.Market)
	for range 2 {
		v.does(t, "/desk/operator/rates"+q, "key", "a", "what", "fee", "category", "walnut", "rate", "2.5", "from", "2026-12-01")
		v.does(t, "/desk/operator/rules"+q, "key", "b", "category", "walnut", "rate", "8", "hold", "3", "position", "1")
	}
	if got := v.post(t, "/desk/operator/rates"+q, "what", "fee", "rate", "51"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="51"`) {
		t.Errorf("a rate over one half answers %d", got.status)
	}
	if got := v.post(t, "/desk/operator/rules"+q, "category", "gold", "rate", "x", "hold", "3"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="x"`) {
		t.Errorf("a rule without a rate answers %d", got.status)
	}
	var rates []catalog.Rate
	var rules []commission.Rule
	must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) {
		if rates, err = catalog.Rates(tx); err == nil {
			rules, err = commission.List(tx)
		}
		return err
	}))
	if len(rates) != 2 || rates[0].RateBP != 250 || len(rules) != 2 || rules[0].RateBP != 800 || rules[0].HoldDays != 3 {
		t.Fatalf("rates %+v, rules %+v", rates, rules)
	}
	has(t, v.page(t, "/desk/operator/rates"), "2.5%", "8%")
	v.does(t, "/desk/operator/rules/close"+q, "rule", rules[0].ID.String())
	h.Clock.Advance(time.Second)
	has(t, v.page(t, "/desk/operator/rates"), "过了")
}

func TestTheTreasuryBooksALineOnce(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	way := fmt.Sprintf("/desk/operator/treasury?market=%d", h.Market)
	for range 2 {
		v.does(t, way, "key", "k", "deed", "capital_in", "sum", "5000", "reference", "T-1")
	}
	v.does(t, way, "deed", "capital_out", "sum", "1000.50", "reference", "T-2")
	if got := v.post(t, way, "deed", "capital_in", "sum", "5000", "reference", "T-1"); got.status != http.StatusConflict {
		t.Errorf("the same reference answers %d", got.status)
	}
	for name, bad := range map[string][]string{"no sum": {"deed", "banked", "reference", "x"}, "no reference": {"deed", "banked", "sum", "5"}, "no deed": {"sum", "5", "reference", "x"}} {
		if got := v.post(t, way, bad...); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", name, got.status)
		}
	}
	if bank := h.balance(t, ledger.BankOperating); bank != 399_950 {
		t.Errorf("the bank has %d", bank)
	}
	h.UpTo(t, order.Secured)
	for _, deed := range []string{"available", "banked", "capital_out", "tax", "kept", "guarantee"} {
		if got := v.post(t, way, "deed", deed, "sum", "50000", "reference", "too much"); got.status != http.StatusConflict || !strings.Contains(got.body, "账上的钱不够") {
			t.Errorf("more than is there, %s, answers %d", deed, got.status)
		}
	}
	v.does(t, way, "deed", "available", "sum", "129.22", "reference", "G-1")
	v.does(t, way, "deed", "banked", "sum", "100", "reference", "G-2")
	has(t, v.page(t, way), "¥29.22", "¥4,099.50")
	h.UpTo(t, order.Completed)
	v.does(t, way, "deed", "kept", "sum", "0.50", "reference", "M-1")
	v.does(t, way, "deed", "guarantee", "sum", "2000", "reference", "M-2")
	has(t, v.page(t, way), "留着赔的钱", "¥2,000.00", "¥2,000.00")
	has(t, v.page(t, "/desk/operator/books"), "账是平的")
	h.clean(t)
}

func TestARuleOfCommissionIsMovedUpAndDown(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.operator(t, h.Market))
	q := fmt.Sprintf("?market=%d", h.Market)
	v.does(t, "/desk/operator/rules"+q, "category", "walnut", "rate", "8", "hold", "3")
	rules := func() (found []commission.Rule) {
		t.Helper()
		must(t, h.DB.View(t.Context(), h.Market, func(tx *storage.Tx) (err error) { found, err = commission.List(tx); return }))
		return found
	}
	first, last := rules()[0], rules()[1]
	try := "/desk/operator/rates/try" + q + "&category=walnut&sum=100"
	has(t, v.page(t, try), "¥6.00")
	page := v.page(t, "/desk/operator/rates"+q)
	has(t, page, "往前，到第 1 位", "往后，到第 2 位")
	for range 2 { // pressed twice is pressed once: the button names the place
		v.does(t, "/desk/operator/rules/place"+q, "rule", last.ID.String(), "place", "1")
	}
	if now := rules(); now[0].ID != last.ID || now[1].ID != first.ID {
		t.Fatalf("the rules stand as %+v", now)
	}
	has(t, v.page(t, try), "¥8.00")
	for name, bad := range map[string][]string{"no place": {"rule", last.ID.String()}, "beyond the last": {"rule", last.ID.String(), "place", "3"}, "no rule": {"rule", "x", "place", "1"}, "none such": {"rule", h.Listing.ID.String(), "place", "1"}} {
		if got := v.post(t, "/desk/operator/rules/place"+q, bad...); got.status < 400 || got.status > 422 {
			t.Errorf("%s answers %d", name, got.status)
		}
	}
	if got := v.post(t, "/desk/operator/rates/try"+q, "sum", "5"); got.status < 400 {
		t.Errorf("trying by a form answers %d", got.status)
	}
	if got := v.get(t, try+"&category=nothing"); got.status == http.StatusInternalServerError {
		t.Errorf("goods that there are not answer %d", got.status)
	}
}
