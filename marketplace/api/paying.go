package api

import (
	"context"
	"net/http"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/id"
)

// PayoutRules are how a market pays out.
type PayoutRules struct {
	Layout    string `json:"layout" enum:"csv,pain.001.001.03,pain.001.001.09" doc:"of the bank file"`
	Minimum   int64  `json:"minimum_minor" doc:"less is carried forward"`
	Large     int64  `json:"large_minor" doc:"from here on a payout is marked"`
	EveryDays int    `json:"every_days" doc:"the schedule; who waits two days longer is an alarm"`
	ByItself  bool   `json:"by_itself" doc:"the program drafts on schedule"`
}

type newPayoutRules struct {
	Market string `json:"market" doc:"code or number"`
	PayoutRules
}

type payeeAccount struct {
	Market   string    `json:"market"`
	ID       string    `json:"id"`
	Payee    string    `json:"payee"`
	Kind     string    `json:"kind" enum:"producer,agent"`
	Name     string    `json:"name"`
	Holder   string    `json:"holder"`
	Bank     string    `json:"bank"`
	Tail     string    `json:"number_tail" doc:"the last digits"`
	Hand     string    `json:"hand,omitempty" doc:"who pays it in cash; then there is no number"`
	Gateway  string    `json:"gateway,omitempty" doc:"where the account is; then there is no number"`
	State    string    `json:"state" enum:"pending,active,restricted,closed"`
	Why      string    `json:"why"`
	UsableAt time.Time `json:"usable_at"`
	SetAt    time.Time `json:"set_at"`
}

// paying mounts how a market pays out, and the accounts that money goes to.
func (s *server) paying() {
	handle(s, route{method: http.MethodGet, path: "/payout-rules", says: "Show how a market pays out", open: known, more: "For operators."}, s.payoutRulesOf)
	handle(s, route{method: http.MethodPost, path: "/payout-rules", says: "Change how a market pays out", open: known, more: "By operators, from the next draft on. The same again changes nothing."}, s.setPayoutRules)
	handle(s, route{method: http.MethodGet, path: "/payout-accounts", says: "List the accounts that money goes to, the newest first", open: known,
		more: "For operators. With waits=yes only those that somebody must look at."}, s.payeeAccounts)
	for fate, says := range map[string]string{"check": "Say that an account is its payee's", "free": "Let payouts go to an account again", "restrict": "Stop payouts to an account"} {
		quietly(s, route{method: http.MethodPost, path: "/payout-accounts/{market}/{id}/" + fate, says: says, open: known, more: "By operators, never about their own. Twice is once."}, s.stands(fate))
	}
}

func (s *server) payoutRulesOf(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (PayoutRules, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return PayoutRules{}, err
	}
	return s.showRules(v, m)
}

func (s *server) showRules(v *visit, m region.Market) (PayoutRules, error) {
	var r payout.Rules
	err := v.view(m.ID, func(tx *storage.Tx) (err error) { r, err = payout.RulesOf(tx); return })
	return PayoutRules{r.Layout, r.Minimum, r.Large, r.EveryDays, r.ByItself}, err
}

func (s *server) setPayoutRules(v *visit, in *with[newPayoutRules]) (PayoutRules, error) {
	m, err := v.operated(in.Body.Market)
	if err != nil {
		return PayoutRules{}, err
	}
	r := in.Body.PayoutRules
	if err := s.Payouts.SetRules(v.ctx, m.ID, v.who.ID, payout.Rules{Layout: r.Layout, Minimum: r.Minimum, Large: r.Large, EveryDays: r.EveryDays, ByItself: r.ByItself}); err != nil {
		return PayoutRules{}, err
	}
	return s.showRules(v, m)
}

func (s *server) payeeAccounts(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
	Waits  string `query:"waits" enum:"yes" doc:"only those that somebody must look at"`
}) (list[payeeAccount], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[payeeAccount]{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return list[payeeAccount]{}, err
	}
	show := func(k payable.Kept) payeeAccount {
		return payeeAccount{m.Code, k.ID.String(), k.Payee.String(), k.Kind, k.Name, k.Holder, k.Bank, k.Tail, k.Hand, k.Gateway, k.State, k.Why, k.UsableAt, k.SetAt}
	}
	out := list[payeeAccount]{}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		if in.Waits != "" {
			rows, err := payable.ToCheck(tx)
			out = listed(rows, show)
			return err
		}
		rows, err := payable.Accounts(tx, after, in.size()+1)
		out = paged(rows, in.size(), show, func(k payable.Kept) id.ID { return k.ID })
		return err
	})
	return out, err
}

// stands gives the handler that does one thing to an account.
func (s *server) stands(fate string) func(*visit, *thisMaybe[why]) error {
	return func(v *visit, in *thisMaybe[why]) error {
		m, err := v.operatedHere(in.Market)
		if err != nil {
			return err
		}
		account, err := row(in.ID)
		if err != nil {
			return err
		}
		do := map[string]func(context.Context, *storage.DB, int32, id.ID, id.ID) error{"check": payable.CheckAccount, "free": payable.FreeAccount}[fate]
		if do != nil {
			return do(v.ctx, s.DB, m.ID, account, v.who.ID)
		}
		reason := ""
		if in.Body != nil {
			reason = in.Body.Reason
		}
		return payable.RestrictAccount(v.ctx, s.DB, m.ID, account, v.who.ID, reason)
	}
}
