package api

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"commonfield/agents/payout"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/trail"
)

type newPayout struct {
	Market string   `json:"market" doc:"code or number"`
	Payees []string `json:"payees,omitempty" doc:"ids; everybody when they are left out"`
	Way    string   `json:"way,omitempty" enum:"bank,cash,transfers" doc:"bank when it is left out; cash: those whom an agent pays; transfers: those who have an account at the gateway"`
}

// answers are the bank's, as rows or as a file.
type answers struct {
	Rows []bankAnswer `json:"rows"`
}

type bankAnswer struct {
	Payout    string `json:"payout,omitempty" doc:"id; or the number or reference of the file"`
	Reference string `json:"reference,omitempty"`
	State     string `json:"state" enum:"paid,failed,pending"`
	Reason    string `json:"reason,omitempty"`
}

// payouts mounts money on its way to those it belongs to.
func (s *server) payouts() {
	handle(s, route{method: http.MethodGet, path: "/payouts", says: "List who is to be paid, and the batches so far", open: known, more: "For operators."}, s.listPayouts)
	handle(s, route{method: http.MethodPost, path: "/payouts", says: "Draft a batch of payouts", open: known, status: http.StatusCreated,
		more: "By operators. Who is left out is named in skipped, with the reason."}, s.draft)
	handle(s, route{method: http.MethodGet, path: "/payouts/{market}/{id}", says: "Show a batch with its payouts", open: known, more: "For operators."}, s.showBatch)
	handle(s, route{method: http.MethodPost, path: "/payouts/{market}/{id}/approve", says: "Let a batch go", open: known,
		more: "By another operator than its maker. Writes the bank file. Twice is once."}, s.approve)
	handle(s, route{method: http.MethodPost, path: "/payouts/{market}/{id}/cancel", says: "Give a draft up", open: known, more: "By operators."}, s.giveUp)
	send(s, route{method: http.MethodGet, path: "/payouts/{market}/{id}/file", says: "Give the bank file", open: known,
		more: "By operators. It holds account numbers; that it was read is written down."}, "text/csv", s.bankFile, "application/xml")
	s.answersRoute()
	handle(s, route{method: http.MethodPost, path: "/payouts/{market}/{id}/{payout}/returned", says: "Say that the bank gave a payout back", open: known,
		more: "By operators. Twice is once."}, s.returned)
	handle(s, route{method: http.MethodPost, path: "/payouts/{market}/{id}/{payout}/recall", says: "Ask a transfer back from the payee's account", open: known,
		more: "By operators. Twice is once. The payout is returned when the gateway has done it; what the payee has spent stays paid, and bank_status says so."}, s.recall)
}

// batchHere finds a batch for those who operate its market.
func (s *server) batchHere(v *visit, in This) (region.Market, payout.Batch, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return m, payout.Batch{}, err
	}
	i, err := row(in.ID)
	if err != nil {
		return m, payout.Batch{}, err
	}
	var b payout.Batch
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { b, err = payout.Find(tx, i); return })
	return m, b, err
}

func (s *server) listPayouts(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
}) (payoutList, error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return payoutList{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return payoutList{}, err
	}
	out := payoutList{Currency: m.Currency}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		ready, err := payout.Due(tx)
		if err != nil {
			return err
		}
		out.Due = listed(ready, showDue).Items
		rows, err := payout.Batches(tx, after, in.size()+1)
		page := paged(rows, in.size(), func(b payout.Batch) Batch { return showPayoutBatch(m, b) }, func(b payout.Batch) id.ID { return b.ID })
		out.Items, out.Next = page.Items, page.Next
		return err
	})
	return out, err
}

func (s *server) draft(v *visit, in *with[newPayout]) (Batch, error) {
	m, err := v.operated(in.Body.Market)
	if err != nil {
		return Batch{}, err
	}
	var payees []id.ID
	for _, text := range in.Body.Payees {
		p, err := reference("payees", text)
		if err != nil {
			return Batch{}, err
		}
		payees = append(payees, p)
	}
	draft := s.Payouts.Draft
	switch in.Body.Way {
	case payout.Cash:
		draft = s.Payouts.DraftCash
	case payout.Transfers:
		draft = s.Payouts.DraftTransfers
	}
	b, err := draft(v.ctx, v.key, m.ID, v.who.ID, payees)
	return showPayoutBatch(m, b), err
}

func (s *server) showBatch(v *visit, in *This) (batchShown, error) {
	m, b, err := s.batchHere(v, *in)
	if err != nil {
		return batchShown{}, err
	}
	out := batchShown{Batch: showPayoutBatch(m, b)}
	var rows []payout.Payout
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return })
	out.Rows = listed(rows, func(o payout.Payout) payoutRow { return showPayout(o, m.Currency) }).Items
	return out, err
}

func (s *server) approve(v *visit, in *This) (Batch, error) {
	m, b, err := s.batchHere(v, *in)
	if err != nil {
		return Batch{}, err
	}
	b, err = s.Payouts.Approve(v.ctx, m.ID, b.ID, v.who.ID)
	return showPayoutBatch(m, b), err
}

func (s *server) giveUp(v *visit, in *thisMaybe[why]) (Batch, error) {
	m, b, err := s.batchHere(v, in.This)
	if err != nil {
		return Batch{}, err
	}
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	if err := s.Payouts.Cancel(v.ctx, m.ID, b.ID, v.who.ID, reason); err != nil {
		return Batch{}, err
	}
	_, b, err = s.batchHere(v, in.This)
	return showPayoutBatch(m, b), err
}

func (s *server) bankFile(v *visit, in *This) (*download, error) {
	m, b, err := s.batchHere(v, *in)
	if err != nil {
		return nil, err
	}
	f, err := s.Payouts.File(v.ctx, m.ID, b.ID)
	if err != nil {
		return nil, err
	}
	err = s.DB.Update(v.ctx, m.ID, func(tx *storage.Tx) error {
		trail.Write(tx, v.who.ID, "payout.file", "payout_batch:"+b.ID.String(), "")
		return nil
	})
	return &download{Type: f.Type, Name: `attachment; filename="` + f.Name + `"`, Cache: "no-store", Body: f.Data}, err
}

// longestAnswers is how large an answer file may be.
const longestAnswers = 4<<20 + 1

// answersRoute takes either sort of body, so its document is written by hand.
func (s *server) answersRoute() {
	r := route{method: http.MethodPost, path: "/payouts/{market}/{id}/answers", says: "Take the bank's answers", open: known, most: longestAnswers,
		more: "By operators: as JSON rows, or as the file that the bank gave back: CSV (columns number, state, reason) or ISO 20022 pain.002. All of them or none; the same again changes nothing."}
	schema := huma.SchemaFromType(s.huma.OpenAPI().Components.Schemas, typeOf[answers]())
	handleOperation(s, r, func(op *huma.Operation) {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: schema}, "text/csv": {Schema: &huma.Schema{Type: "string"}}, "application/xml": {Schema: &huma.Schema{Type: "string"}}}}
		op.SkipValidateBody = true
	}, s.answered)
}

func (s *server) answered(v *visit, in *struct {
	This
	RawBody []byte
}) (Batch, error) {
	m, b, err := s.batchHere(v, in.This)
	if err != nil {
		return Batch{}, err
	}
	rows, err := readAnswers(v.c.Get("Content-Type"), in.RawBody)
	if err != nil {
		return Batch{}, err
	}
	b, err = s.Payouts.Answer(v.ctx, v.key, m.ID, b.ID, rows)
	return showPayoutBatch(m, b), err
}

// answerStates are what a bank says of one payout.
var answerStates = []string{"paid", "failed", "pending"}

func readAnswers(contentType string, body []byte) (payout.Answers, error) {
	var none payout.Answers
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && kind == "text/csv" || kind == "application/xml" || kind == "text/xml":
		return payout.ReadAnswers(body)
	case contentType != "" && (err != nil || kind != "application/json"):
		return none, refusing(http.StatusUnsupportedMediaType, "media_type")
	}
	var in answers
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return none, refusing(http.StatusBadRequest, "malformed")
	}
	if _, err := d.Token(); err != io.EOF {
		return none, refusing(http.StatusBadRequest, "malformed")
	}
	if len(in.Rows) == 0 {
		return none, fault.Invalid("rows", "required")
	}
	rows := make([]payout.Answer, len(in.Rows))
	for i, r := range in.Rows {
		rows[i] = payout.Answer{Reference: r.Reference, State: r.State, Reason: r.Reason}
		if r.State == "pending" {
			rows[i].State, rows[i].Status = payout.InTransit, "PDNG"
		}
		if r.Payout != "" {
			p, ok := id.Parse(r.Payout)
			if !ok {
				return none, fault.Invalid("rows."+itoa(i)+".payout", "invalid")
			}
			rows[i].Payout = p
		}
		if !slices.Contains(answerStates, r.State) {
			return none, fault.Invalid("rows."+itoa(i)+".state", "not_one_of", fault.Args{"allowed": answerStates})
		}
	}
	return payout.Answers{Rows: rows}, nil
}

type ofBatch struct {
	This
	Payout string `path:"payout" doc:"id of the payout"`
	Body   reason
}

// cameBack does something with one payout of a batch, with a reason.
func (s *server) cameBack(v *visit, in *ofBatch, do func(market int32, o id.ID, why string, by id.ID) error) (batchShown, error) {
	m, b, err := s.batchHere(v, in.This)
	if err != nil {
		return batchShown{}, err
	}
	i, err := row(in.Payout)
	if err != nil {
		return batchShown{}, err
	}
	var rows []payout.Payout
	if err := v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }); err != nil {
		return batchShown{}, err
	}
	for _, o := range rows {
		if o.ID == i {
			if err := do(m.ID, i, in.Body.Reason, v.who.ID); err != nil {
				return batchShown{}, err
			}
			return s.showBatch(v, &in.This)
		}
	}
	return batchShown{}, fault.NotFound("payout_unknown", fault.Args{"number": in.Payout})
}

func (s *server) returned(v *visit, in *ofBatch) (batchShown, error) {
	return s.cameBack(v, in, func(market int32, o id.ID, why string, by id.ID) error {
		return s.Payouts.Returned(v.ctx, market, o, why, by)
	})
}

func (s *server) recall(v *visit, in *ofBatch) (batchShown, error) {
	return s.cameBack(v, in, func(market int32, o id.ID, why string, by id.ID) error {
		defer s.Worker.Wake()
		err := s.Payouts.Recall(v.ctx, market, o, by, why)
		if fault.Has(err, "required") {
			err = fault.Invalid("reason", "required")
		}
		return err
	})
}
