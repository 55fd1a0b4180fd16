package api

import (
	"net/http"

	"commonfield/marketplace/recon"
	"commonfield/storage"
	"commonfield/storage/id"
)

// gatewayLine and gatewayRun are the room's own, under names that the document has once.
type (
	gatewayLine recon.Line
	gatewayRun  recon.Run
)

type movementSaid struct {
	Deed   string `json:"deed" enum:"refund,unclaimed,recon,payout,fee,bank,capital,booked"`
	Target string `json:"target,omitempty" doc:"of refund: every, or market/order/line/charge with 0 for none; of unclaimed: the payment, or the refund that failed"`
	Why    string `json:"why,omitempty" doc:"of booked: where it stands"`
}

// gatewaySide mounts the movements of the gateway's balance.
func (s *server) gatewaySide() {
	handle(s, route{method: http.MethodGet, path: "/gateway/runs", says: "List the readings of the gateway's balance, the newest first", open: known, more: "For operators of the market whose bank the gateway pays."}, s.gatewayRuns)
	quietly(s, route{method: http.MethodPost, path: "/gateway/runs/{market}", says: "Read the gateway's balance now", open: known, more: "By operators of the market whose bank the gateway pays; once a minute."}, s.readGateway)
	handle(s, route{method: http.MethodGet, path: "/gateway/lines", says: "List the movements of the gateway's balance, the newest first", open: known, more: "For operators: those of the market's payments; in the market whose bank the gateway pays also those of no payment. With waits=yes those that a person must decide or explain, the oldest first."}, s.gatewayLines)
	handle(s, route{method: http.MethodPost, path: "/gateway/lines/{market}/{id}", says: "Say what a movement is", open: known, more: "By operators. Twice is once."}, s.decideMovement)
}

func (s *server) gatewayRuns(v *visit, in *struct {
	Market string `query:"market" required:"true" doc:"code or number"`
}) (list[gatewayRun], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[gatewayRun]{}, err
	}
	out := list[gatewayRun]{}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		rows, err := recon.Runs(tx, 100)
		out = listed(rows, func(r recon.Run) gatewayRun { return gatewayRun(r) })
		return err
	})
	return out, err
}

func (s *server) readGateway(v *visit, in *Here) error {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return err
	}
	return s.Recon.Now(v.ctx, m.ID)
}

func (s *server) gatewayLines(v *visit, in *struct {
	Page
	Market string `query:"market" required:"true" doc:"code or number"`
	Waits  string `query:"waits" enum:"yes" doc:"only those that a person must look at"`
}) (list[gatewayLine], error) {
	m, err := v.operated(in.Market)
	if err != nil {
		return list[gatewayLine]{}, err
	}
	after, err := in.cursor()
	if err != nil {
		return list[gatewayLine]{}, err
	}
	out := list[gatewayLine]{}
	err = v.view(m.ID, func(tx *storage.Tx) error {
		if in.Waits != "" {
			rows, err := recon.Undecided(tx, 200)
			out = listed(rows, func(l recon.Line) gatewayLine { return gatewayLine(l) })
			return err
		}
		rows, err := recon.Lines(tx, after, in.size()+1)
		out = paged(rows, in.size(), func(l recon.Line) gatewayLine { return gatewayLine(l) }, func(l recon.Line) id.ID { return l.ID })
		return err
	})
	return out, err
}

func (s *server) decideMovement(v *visit, in *thisWith[movementSaid]) (gatewayLine, error) {
	m, err := v.operatedHere(in.Market)
	if err != nil {
		return gatewayLine{}, err
	}
	line, err := row(in.ID)
	if err != nil {
		return gatewayLine{}, err
	}
	l, err := s.Recon.Decide(v.ctx, m.ID, line, v.who, recon.Say{Deed: in.Body.Deed, Target: in.Body.Target, Why: in.Body.Why})
	return gatewayLine(l), err
}
