package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"commonfield/agents/cash"
	"commonfield/agents/payable"
	"commonfield/agents/producer"
	"commonfield/catalog/search"
	"commonfield/marketplace"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/ordertest"
	"commonfield/marketplace/order/talk"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/tally"
)

// plant runs a statement in the market, with its number first and the moment second.
func (h *house) plant(t *testing.T, query string, more ...any) {
	t.Helper()
	must(t, h.DB.Update(t.Context(), h.Market, func(tx *storage.Tx) error {
		_, err := tx.Exec(query, append([]any{tx.Market, tx.Now}, more...)...)
		return err
	}))
}

func TestEveryDeedThatWaitsIsNamedOnTheDeskWithThePageWhereItIsDone(t *testing.T) {
	h := newHouse(t)
	ctx, market, by := t.Context(), h.Market, h.Operator.ID
	boss := h.visitor(t, h.operator(t, market))
	if strings.Contains(boss.page(t, h.way("/desk/operator")), `class="todos"`) {
		t.Error("something waits in a market where nothing is")
	}
	var payee id.ID
	must(t, h.DB.View(ctx, market, func(tx *storage.Tx) error {
		return tx.Get(&payee, "SELECT payee_id FROM market_agents WHERE market_id = $1 AND agent_id = $2", market, h.Agent.ID)
	}))
	post := func(legs ...ledger.Leg) {
		must(t, h.DB.Update(ctx, market, func(tx *storage.Tx) error {
			return ledger.Post(tx, ledger.Entry{Cause: "capital:" + id.New().String(), Legs: legs})
		}))
	}
	frozen := func(t *testing.T) (order.Order, id.ID) {
		o, err := h.Orders.Find(ctx, h.UpTo(t, order.Delivered))
		must(t, err)
		freeze := id.New()
		h.plant(t, "INSERT INTO freezes (market_id, id, order_id, reason, opened_at, opened_by) VALUES ($1, $3, $4, 'test', $2, $5)", freeze, o.ID, by)
		return o, freeze
	}
	anybody := h.Person(t, "种枣的")
	for _, one := range []struct {
		page string
		does func(t *testing.T)
	}{
		{"/desk/operator/refunds#to-send", func(t *testing.T) {
			ask := h.Ask(2500)
			ask.Way = "bank"
			b, err := h.Orders.Place(ctx, noKey, ask)
			must(t, err)
			as := order.By{Person: h.Operator.Person, As: order.AsOperator}
			_, err = h.Orders.Confirm(ctx, as, market, b.Payment, b.Total, "R-1")
			must(t, err)
			_, err = h.Orders.Refund(ctx, noKey, as, b.Orders()[0], nil, "没货了")
			must(t, err)
		}},
		{"/desk/operator/refunds#chargebacks", func(t *testing.T) {
			o, err := h.Orders.Find(ctx, h.UpTo(t, order.Accepted))
			must(t, err)
			var object string
			must(t, h.DB.View(ctx, market, func(tx *storage.Tx) error {
				return tx.Get(&object, "SELECT object FROM payments WHERE market_id = $1 AND id = $2", market, o.Payment)
			}))
			must(t, h.Sandbox.TakeBack(ctx, market, object, 13000))
			h.Drain(t)
			has(t, boss.page(t, h.way("/desk/operator")), "被银行拒付", "前要答复")
		}},
		{"/desk/operator/refunds#chargebacks", func(t *testing.T) { // another sum than what was asked
			_, p := h.transfer(t)
			h.plant(t, "UPDATE payments SET state = 'closed' WHERE market_id = $1 AND id = $3 AND $2::timestamptz IS NOT NULL", p.ID)
			h.plant(t, "INSERT INTO payment_oddities (market_id, payment_id, why, object, asked_minor, asked_in, seen_minor, seen_in, seen_at) VALUES ($1, $3, 'amount', 'x', 1, 'CNY', 2, 'CNY', $2)", p.ID)
		}},
		{"/desk/operator/refunds#unclaimed", func(t *testing.T) {
			_, p := h.transfer(t)
			as := order.By{Person: h.Operator.Person, As: order.AsOperator}
			_, err := h.Orders.Confirm(ctx, as, market, p.ID, p.Due+500, "R-2")
			must(t, err)
		}},
		{"/desk/operator/offline", func(t *testing.T) { h.transfer(t) }},
		{"/desk/operator/bank", func(t *testing.T) {
			boss.send(t, h.way("/desk/operator/bank"), "file", []byte("date,reference,amount,party,text\n2026-11-24,A3,9.00,x,y\n"))
		}},
		{"/desk/operator/bank#statements", func(t *testing.T) {
			boss.send(t, h.way("/desk/operator/bank"), "file", []byte("date,reference,amount,party,text,balance\n2026-11-25,A4,9.00,x,y,777777.00\n"))
		}},
		{"/desk/operator/gateway", func(t *testing.T) {
			h.plant(t, `INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, amount_minor, fee_minor, currency, moved_at, usable_at, state, created_at)
				VALUES ($1, $3, 'stripe', 'txn_1', 'fee', -5, 0, 'CNY', $2, $2, 'waits', $2)`, id.New())
		}},
		{"/desk/operator/payouts/accounts", func(t *testing.T) {
			must(t, payable.SetAccount(ctx, h.DB, market, payee, payable.Account{Holder: "别人", Bank: "农业银行", Number: "6228480099990000"}, h.Box, h.AgentBy.ID))
		}},
		{"/desk/operator/payouts#left", func(t *testing.T) {
			must(t, h.DB.Update(ctx, market, func(tx *storage.Tx) error {
				tx.Keyed()
				nobody := payable.NewPayee(tx, payable.Producer, "不上网的", id.None)
				payable.Add(tx, payable.Row{Payee: nobody, Cause: "test", Amount: 900})
				return nil
			}))
		}},
		{"/desk/operator/payouts", func(t *testing.T) {
			h.plant(t, "INSERT INTO payout_batches (market_id, id, number, state, currency, total_minor, payouts, created_by, created_at) VALUES ($1, $3, 'D1', 'draft', 'CNY', 5, 1, $4, $2)", id.New(), by)
		}},
		{"/desk/operator/cash", func(t *testing.T) {
			must(t, h.Desk.Capital(ctx, market, by, 100_000, "start"))
			must(t, cash.Trust(ctx, h.DB, market, payee, 5000, by))
			must(t, cash.Give(ctx, h.DB, market, payee, by, 1000, "G-1"))
			if strings.Contains(boss.page(t, h.way("/desk/operator")), "/desk/operator/cash?") {
				t.Error("a hand within its limit waits for an operator")
			}
			must(t, cash.Stop(ctx, h.DB, market, payee, by, "走了"))
		}},
		{"/desk/operator/between", func(*testing.T) {
			post(ledger.Leg{Debit: ledger.BankOperating, Credit: ledger.Intermarket(2), Amount: 100})
		}},
		{"/desk/operator/members", func(t *testing.T) {
			wants := application(anybody.ID)
			wants.State = producer.Applied
			_, err := h.m.Producers.Apply(ctx, noKey, market, anybody, wants)
			must(t, err)
		}},
		{"/desk/operator/applications", func(t *testing.T) {
			_, err := h.m.Agents.Apply(ctx, market, anybody)
			must(t, err)
		}},
		{"/desk/operator/hooks", func(t *testing.T) {
			h.plant(t, "INSERT INTO hooks (market_id, id, url, events, state, why, secret, created_by, created_at, changed_at) VALUES ($1, $3, 'https://example.org', '{}', 'paused', 'gone', '', $4, $2, $2)", id.New(), by)
		}},
		{"/desk/operator/jobs", func(t *testing.T) {
			h.plant(t, "INSERT INTO jobs (market_id, id, kind, key, state, run_at, created_at, finished_at) VALUES ($1, $3, 'payment:news', 'x', 'failed', $2, $2, $2)", id.New())
		}},
		{"/desk/operator/disputes", func(t *testing.T) {
			o, freeze := frozen(t)
			h.plant(t, `INSERT INTO disputes (market_id, id, order_id, freeze_id, state, reason, lines, opened_by, opened_at, answer_by, escalate_at)
				VALUES ($1, $3, $4, $5, 'escalated', 'less', '{1}', $6, $2, $2, $2)`, id.New(), o.ID, freeze, by)
		}},
		{"/desk/operator/returns", func(t *testing.T) {
			o, freeze := frozen(t)
			h.plant(t, "INSERT INTO returns (market_id, id, order_id, freeze_id, state, lines, asked_by, asked_at) VALUES ($1, $3, $4, $5, 'called', '{}', $6, $2)", id.New(), o.ID, freeze, by)
		}},
		{"/desk/operator/messages", func(t *testing.T) {
			ref := h.UpTo(t, order.Secured)
			_, err := h.m.Talks.Say(ctx, noKey, order.By{Person: h.Buyer.Person, As: order.AsBuyer}, ref, talk.Said{Text: "请运营看看"})
			must(t, err)
			h.plant(t, "UPDATE order_talks SET called_at = $2, called_by = $3 WHERE market_id = $1", h.Buyer.ID)
		}},
	} {
		way, piece, _ := strings.Cut(one.page, "#")
		if piece != "" {
			piece = "#" + piece
		}
		link := fmt.Sprintf(`href="%s?market=%d%s"`, way, market, piece)
		before := strings.Count(boss.page(t, h.way("/desk/operator")), link)
		one.does(t)
		if n := strings.Count(boss.page(t, h.way("/desk/operator")), link); n != before+1 {
			t.Errorf("%s is named %d times, and %d before", one.page, n, before)
		}
		boss.page(t, h.way(way)) // and there is such a page
	}
	before := strings.Count(boss.page(t, h.way("/desk/operator")), "#chargebacks")
	h.plant(t, "UPDATE chargebacks SET evidence = 'x', evidence_by = $3, evidence_at = $2 WHERE market_id = $1", by)
	if n := strings.Count(boss.page(t, h.way("/desk/operator")), "#chargebacks"); n != before-1 {
		t.Error("a chargeback that was answered waits for somebody")
	}
	boss.lang = "en"
	has(t, boss.page(t, h.way("/desk/operator")), "refund for you to send", "connected system", "owed to one other market")
}

// Of each sort of deed the desk's one statement counts one that was planted, and none
// in another market.
func TestEveryTallyCountsWhatWaitsInItsMarketAndNothingElse(t *testing.T) {
	h, other := newHouse(t), ordertest.New(t)
	by := h.Operator.ID
	_, p := h.transfer(t)
	grower := h.Person(t, "想收钱的").ID
	h.plant(t, "INSERT INTO payees (market_id, id, kind, person_id, name, created_at) VALUES ($1, $3, 'producer', $3, '想收钱的', $2)", grower)
	h.plant(t, "INSERT INTO producers (market_id, id, payee_id, person_id, name, region_code, state, created_at, changed_at) VALUES ($1, $3, $3, $3, '想收钱的', '652823', 'active', $2, $2)", grower)
	h.plant(t, `INSERT INTO sale_terms (market_id, owner_id, terms, changed_by, changed_at) VALUES ($1, $3, '{"cash": {}}', $4, $2)`, grower, by)
	refund, line := id.New(), id.New()
	h.plant(t, "INSERT INTO refunds (market_id, id, payment_id, sale_id, cause, amount_minor, state, reason, asked_by, created_at, changed_at) VALUES ($1, $3, $4, $4, 'x', 7, 'failed', '', $5, $2, $2)", refund, p.ID, by)
	h.plant(t, "INSERT INTO bank_statements (market_id, id, account, name, sha256, until_on, lines, fresh, imported_by, imported_at) VALUES ($1, $3, 'a', 'n', 'h', '2026-11-02', 1, 1, $4, $2)", line, by)
	h.plant(t, "INSERT INTO bank_lines (market_id, id, statement_id, account, reference, booked_on, amount_minor, party, words, state, deed, created_at) VALUES ($1, $3, $3, 'a', 'r', '2026-11-02', 7, '', '', 'done', 'unclaimed', $2)", line)
	for _, of := range []id.ID{refund, line} {
		h.plant(t, "INSERT INTO ledger_balances (market_id, account, balance_minor) SELECT $1, 'unclaimed:' || $3::uuid, 7 WHERE $2::timestamptz IS NOT NULL", of)
	}
	h.plant(t, "INSERT INTO payout_batches (market_id, id, number, state, currency, total_minor, payouts, created_by, created_at) VALUES ($1, $3, 'A1', 'approved', 'CNY', 5, 1, $4, $2)", id.New(), by)
	want := map[string]int64{"transfers": 1, "refunds_failed": 1, "nobodys": 1, "at_bank": 1, "cash_asking": 1}
	for market, want := range map[int32]map[string]int64{h.Market: want, other.Market: {}} {
		must(t, h.DB.View(t.Context(), market, func(tx *storage.Tx) error {
			sums, err := tally.Count(tx, marketplace.Tallies()...)
			for _, of := range marketplace.Tallies() {
				if got := sums[of.Name].Count; of.Name != "jobs_due" && got != want[of.Name] {
					t.Errorf("%s: %d, want %d", of.Name, got, want[of.Name])
				}
			}
			return err
		}))
	}
}

// away is an engine that cannot be asked.
type away struct{}

var errAway = fault.Unavailable("search_down")

func (away) Name() string                                                    { return "meili" }
func (away) Search(context.Context, search.Query) (a search.Answer, _ error) { return a, errAway }
func (away) Suggest(context.Context, string, string, int) ([]search.Suggestion, error) {
	return nil, errAway
}
func (away) Put(context.Context, []search.Document) error                     { return errAway }
func (away) Remove(context.Context, []search.Key) error                       { return errAway }
func (away) Rebuild(context.Context) (search.Build, error)                    { return nil, errAway }
func (away) Each(context.Context, int32, func(search.Key, int64) error) error { return errAway }
func (away) Health(context.Context) (h search.Health, _ error)                { return h, errAway }

func TestTheDeskSaysHowWhatRunsIsByWhatIsKnown(t *testing.T) {
	h := newHouse(t)
	boss := h.visitor(t, h.operator(t, h.Market))
	way := h.way("/desk/operator")
	services := func(h *house, v *visitor) string {
		body := plain(v.page(t, h.way("/desk/operator")))
		return body[strings.LastIndex(body, "在跑的事"):]
	}
	has(t, boss.page(t, way), "还没有问过", "没有消息", "毫秒")
	h.UpTo(t, order.Secured)
	if said := services(h, boss); strings.Contains(said, "没有消息") || !strings.Contains(said, "有过回音") {
		t.Errorf("a gateway that answered: %s", said)
	}
	h.plant(t, "UPDATE payment_attempts SET state = 'unknown', answer = '' WHERE market_id = $1 AND $2::timestamptz IS NOT NULL")
	h.Clock.Advance(2 * time.Minute)
	if said := services(h, boss); !strings.Contains(said, "没有回音") {
		t.Errorf("a gateway that is silent: %s", said)
	}
	gone := furnished(t, ordertest.New(t), marketplace.Config{Engine: away{}})
	v := gone.visitor(t, gone.operator(t, gone.Market))
	if said := services(gone, v); !strings.Contains(said, "不通") || !strings.Contains(said, "找不到搜索") {
		t.Errorf("search is away: %s", said)
	}
}
