package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"commonfield/marketplace/bank"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// bankLine and readIn are the room's own, under names that the document has once.
type (
	bankLine bank.Line
	readIn   bank.Statement
)

type bankStatement struct {
	Statement readIn `json:"statement"`
	Books     *int64 `json:"books_minor,omitempty" doc:"what the books have for the statement's day"`
	Open      *int64 `json:"open_minor,omitempty" doc:"lines until then that nobody has decided"`
	Off       *int64 `json:"difference_minor,omitempty"`
}

type lineSaid struct {
	Deed   string `json:"deed" enum:"payment,refund,payout,returned,batch,capital,fee,tax,banked,unclaimed,sent_back,cash_in,cash_out,booked"`
	Target string `json:"target,omitempty" doc:"id of the payment, refund, payout, batch or payee; of sent_back: the line that came in"`
	Why    string `json:"why,omitempty" doc:"of booked: where it stands"`
}

// longestStatement is how large a statement may be.
const longestStatement = 8<<20 + 1

// bankSide mounts the bank's statements.
func (s *server) bankSide() {
	handle(s, route{method: http.MethodGet, path: "/bank/statements", says: "List the bank's statements and how they agree with the books", open: known, more: "For operators."}, s.bankStatements)
	handleOperation(s, route{method: http.MethodPost, path: "/bank/statements/{market}", says: "Read the bank's statements in", open: known, status: http.StatusCreated, most: longestStatement,
		more: "By operators: CSV, or ISO 20022 camt.053. The same again changes nothing; what is certain is matched."}, func(op *huma.Operation) {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}, "application/xml": {Schema: &huma.Schema{Type: "string"}}}}
		op.SkipValidateBody = true
	}, s.readStatement)
	quietly(s, route{method: http.MethodPost, path: "/bank/statements/{market}/{id}/difference", says: "Book what a statement differs by", open: known, more: "By operators, with a reason; against recon. Twice is once."}, s.bookDifference)
	handle(s, route{method: http.MethodGet, path: "/bank/lines", says: "List the lines of the bank's statements, the newest first", open: known, more: "For operators. With waits=yes those that nobody has decided, the oldest first."}, s.bankLines)
	handle(s, route{method: http.MethodPost, path: "/bank/lines/{market}/{id}", says: "Say what a line is", open: known, more: "By operators. Booked where the books do not have it yet. Twice is once."}, s.decideLine)
	handle(s, route{method: http.MethodGet, path: "/bank/unclaimed", says: "List the lines of nobody whose money is still here, the oldest first", open: known, more: "For operators."}, s.unclaimedLines)
	quietly(s, route{method: http.MethodPost, path: "/bank/lines/{market}/{id}/match", says: "Say which payment money of nobody was for", open: known,
		more: "By operators. It is then the transfer that it would have been. Twice is once."}, s.matchLine)
}

func (s *server) bankStatements(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[bankStatement], error) {
	m, err := v.operated(in.Market)
	out := list[bankStatement]{Items: []bankStatement{}}
	if err != nil {
		return out, err
	}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		out.Items = []bankStatement{}
		all, err := bank.Statements(tx, 100)
		if err != nil {
			return err
		}
		held, err := bank.Hold(tx, all...)
		for _, one := range all {
			shown := bankStatement{Statement: readIn(one)}
			if h, said := held[one.ID]; said {
				shown.Books, shown.Open, shown.Off = &h.Books, &h.Open, &h.Differ
			}
			out.Items = append(out.Items, shown)
		}
		return err
	})
	return out, err
}

func (s *server) readStatement(v *visit, in *struct {
	Here
	RawBody []byte
}) (list[readIn], error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return list[readIn]{}, err
	}
	got, err := s.Bank.Import(v.ctx, m.ID, v.who.ID, in.RawBody)
	return listed(got, func(one bank.Statement) readIn { return readIn(one) }), err
}

func (s *server) bookDifference(v *visit, in *thisMaybe[why]) error {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return err
	}
	statement, err := row(in.ID)
	if err != nil {
		return err
	}
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return s.Bank.Reconcile(v.ctx, m.ID, statement, v.who.ID, reason)
}

func (s *server) bankLines(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
	Waits  string `query:"waits" enum:"yes" doc:"only those that nobody has decided"`
}) (list[bankLine], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[bankLine]{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return list[bankLine]{}, err
	}
	out := list[bankLine]{}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		if in.Waits != "" {
			rows, err := bank.Undecided(tx, 200)
			out = listed(rows, func(l bank.Line) bankLine { return bankLine(l) })
			return err
		}
		rows, err := bank.Lines(tx, after, in.size()+1)
		out = paged(rows, in.size(), func(l bank.Line) bankLine { return bankLine(l) }, func(l bank.Line) id.ID { return l.ID })
		return err
	})
	return out, err
}

func (s *server) unclaimedLines(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[bankLine], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[bankLine]{}, err
	}
	var rows []bank.Line
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = bank.Waits(tx, 200); return })
	return listed(rows, func(l bank.Line) bankLine { return bankLine(l) }), err
}

type matched struct {
	Payment string `json:"payment" doc:"id"`
}

func (s *server) matchLine(v *visit, in *thisWith[matched]) error {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return err
	}
	line, err := row(in.ID)
	if err != nil {
		return err
	}
	pay, ok := id.Parse(in.Body.Payment)
	if !ok {
		return fault.Invalid("payment", "no_such_payment")
	}
	if err := s.Bank.Match(v.ctx, m.ID, line, v.who, pay); err != nil {
		return err
	}
	s.Worker.Wake()
	return nil
}

func (s *server) decideLine(v *visit, in *thisWith[lineSaid]) (bankLine, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return bankLine{}, err
	}
	line, err := row(in.ID)
	if err != nil {
		return bankLine{}, err
	}
	l, err := s.Bank.Decide(v.ctx, m.ID, line, v.who, bank.Say{Deed: in.Body.Deed, Target: in.Body.Target, Why: in.Body.Why})
	return bankLine(l), err
}
