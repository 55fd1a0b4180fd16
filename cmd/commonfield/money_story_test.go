package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"commonfield/marketplace/order"
	"commonfield/storage/id"
)

// get asks the program as somebody, by the API's token or, on a page, by the cookie.
func (l *lane) get(token, path string) []byte {
	l.t.Helper()
	r, err := http.NewRequest(http.MethodGet, l.now.address+path, nil)
	l.ok(err)
	r.Header.Set("Authorization", "Bearer "+token)
	if !strings.HasPrefix(path, "/api/") {
		r.Header.Del("Authorization")
		r.AddCookie(&http.Cookie{Name: "cf_session", Value: token})
	}
	a, err := http.DefaultClient.Do(r)
	l.ok(err)
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	l.ok(err)
	if a.StatusCode != http.StatusOK {
		l.fail("%s: %d %s", path, a.StatusCode, text)
	}
	return text
}

// books are one order's postings, as the terminal prints them for a script.
type books struct {
	Number   string `json:"order"`
	Postings []struct {
		Cause  string `json:"cause"`
		Debit  string `json:"debit"`
		Credit string `json:"credit"`
		Amount int64  `json:"amount_minor"`
	} `json:"postings"`
}

// net is what came to the accounts whose names begin so, less what left them.
func (b books) net(account string) (sum int64) {
	for _, p := range b.Postings {
		if strings.HasPrefix(p.Credit, account) {
			sum += p.Amount
		}
		if strings.HasPrefix(p.Debit, account) {
			sum -= p.Amount
		}
	}
	return sum
}

// toldOrder is how an order stands by the API.
type toldOrder struct {
	Number string `json:"number"`
	Net    int64  `json:"net_minor"`
	Total  int64  `json:"total_minor"`
	Parts  struct {
		Seller int64 `json:"seller_minor"`
		Agent  int64 `json:"agent_minor"`
		Fee    int64 `json:"fee_minor"`
		Tax    int64 `json:"tax_minor"`
	} `json:"parts"`
	Refunds []struct {
		Amount int64  `json:"amount_minor"`
		State  string `json:"state"`
	} `json:"refunds"`
}

// Five orders of one grower: one is paid out and comes back from the bank, half of one
// is refunded, a complaint is decided, one chargeback is won and another lost. The page,
// the terminal and the grower's statement tell of each the same, to the fen.
func TestPageTerminalAndStatementTellTheSameOfAnOrdersMoney(t *testing.T) {
	t.Parallel()
	l := lanes(t, 1)[0]
	l.start()
	market := l.markets[0].ID
	half := l.upTo("stripe", order.Completed)
	l.ok(l.refund(half, 0, half.Total/2)())
	judged, complaint := l.complained()
	l.ok(l.pressed(l.boss, l.api("orders", market, judged.ref.ID, "disputes", complaint.String(), "decide"),
		object{"lines": []object{{"line": 1, "amount_minor": 4321}}, "goods": "kept", "reason": "三分之一是碎的"})())
	won, dispute := l.disputed(order.Completed)
	l.bank.Decide(dispute, true)
	l.ok(l.heard("charge.dispute.closed")())
	lost, dispute := l.disputed(order.Completed)
	l.bank.Decide(dispute, false)
	l.ok(l.heard("charge.dispute.closed")())
	l.quiet()
	bounced := l.settled()
	row := l.rows(bounced)[0]
	l.ok(l.pressed(l.boss, l.api("payouts", market, bounced.ID, row.ID.String(), "returned"), object{"reason": "户名不符"})())
	l.quiet()
	l.later()

	// The statement, by the order's number.
	var statement struct {
		Closing  int64 `json:"closing_minor"`
		Paid     int64 `json:"paid_minor"`
		Returned int64 `json:"returned_minor"`
		Next     string
		Lines    []struct {
			Number string `json:"number"`
			Amount int64  `json:"amount_minor"`
		} `json:"lines"`
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	l.ok(err)
	month := l.m.DB.Now().In(shanghai).Format("2006-01")
	l.ok(json.Unmarshal(l.get(l.token(l.growers[0]), fmt.Sprintf("/api/v1/me/payees/%d/%s/statements/%s", market, l.payees[0], month)), &statement))
	earned, all := map[string]int64{}, int64(0)
	for _, line := range statement.Lines {
		earned[line.Number] += line.Amount
		all += line.Amount
	}
	if statement.Next != "" || len(earned) != 5 || statement.Closing != all || statement.Paid != -row.Amount || statement.Returned != row.Amount {
		t.Errorf("the statement: %+v, paid and returned %d", statement, row.Amount)
	}

	owed := "owed:" + l.payees[0].String()
	kept := map[id.ID]int64{half.ref.ID: half.Total - half.Total/2, judged.ref.ID: judged.Total - 4321, won.ref.ID: won.Total, lost.ref.ID: 0}
	for name, b := range map[string]bought{"half refunded": half, "a complaint": judged, "won": won, "lost": lost} {
		var told toldOrder
		l.ok(json.Unmarshal(l.get(l.token(l.boss), fmt.Sprintf("/api/v1/orders/%d/%s", market, b.ref.ID)), &told))
		var terminal books
		said := with(t, []string{"DATABASE_URL=" + l.url}, "", "ledger", "order", told.Number, "--json", "--data", l.data).well(t).out
		l.ok(json.Unmarshal([]byte(said), &terminal))
		var back int64
		for _, r := range told.Refunds {
			if back += r.Amount; r.State != "succeeded" {
				t.Errorf("%s: a refund is %s", name, r.State)
			}
		}
		page := string(l.get(l.token(l.boss), fmt.Sprintf("/orders/%s/%s", l.markets[0].Code, b.ref.ID)))
		text := func(sum int64) string { return fmt.Sprintf("%d.%02d", sum/100, sum%100) }
		switch left := kept[b.ref.ID]; {
		case told.Net != left:
			t.Errorf("%s: it costs %d by the API, not %d", name, told.Net, left)
		case told.Parts.Seller+told.Parts.Agent+told.Parts.Fee+told.Parts.Tax != left:
			t.Errorf("%s: %+v share %d", name, told.Parts, left)
		case earned[told.Number] != told.Parts.Seller:
			t.Errorf("%s: the statement says %d, the API %d", name, earned[told.Number], told.Parts.Seller)
		case terminal.net(owed)+terminal.net("receivable:"+l.payees[0].String()) != told.Parts.Seller:
			t.Errorf("%s: the terminal says that the grower has %d and owes %d, the API %d", name, terminal.net(owed), -terminal.net("receivable:"+l.payees[0].String()), told.Parts.Seller)
		case terminal.net("income:fees") != told.Parts.Fee || terminal.net("commission:")+terminal.net("owed:")-terminal.net(owed) != told.Parts.Agent:
			t.Errorf("%s: the terminal says %d of fee and %d of commission, the API %+v", name, terminal.net("income:fees"), terminal.net("commission:"), told.Parts)
		case terminal.net("held:order:") != 0 || terminal.net("reserve:chargeback:") != 0 || terminal.net("transit:refund:") != 0 || terminal.net("gateway:disputed") != 0:
			t.Errorf("%s: something lies between", name)
		case (b.ref == won.ref || b.ref == lost.ref) != strings.Contains(said, `"chargeback:`):
			t.Errorf("%s: the terminal does not say what the bank did:\n%s", name, said)
		case back > 0 && !strings.Contains(page, text(back)), !strings.Contains(page, text(told.Total)), left > 0 && !strings.Contains(page, text(left)):
			t.Errorf("%s: the page does not say %s, %s and %s", name, text(told.Total), text(back), text(left))
		}
	}
	if wrong := l.audit(); len(wrong) > 0 {
		t.Errorf("%s", strings.Join(wrong, "\n"))
	}
}
