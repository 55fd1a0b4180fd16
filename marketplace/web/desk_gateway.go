package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/marketplace/order"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/recon"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
)

// The gateway's side.
const (
	gatewaySideWay = "/desk/operator/gateway"
	gatewayLineWay = gatewaySideWay + "/lines"
)

// gatewayForms are what was refused: of the button, or of a line.
type gatewayForms struct {
	now, one part.Form
	of       string
}

func (d *desk) gatewaySide(c *fiber.Ctx, s seat) error {
	return d.showGateway(c, s, fiber.StatusOK, gatewayForms{})
}

// gatewayRead is what the page reads.
type gatewayRead struct {
	keeper region.Market
	runs   []recon.Run
	waits  []recon.Line
	recent []recon.Line
	lefts  map[id.ID][]order.Left     // of a payment, what could still go back
	failed map[id.ID][]payment.Refund // and the refunds that failed
	free   map[string]int64           // what is unclaimed of it and of them
}

func (g *gatewayRead) read(tx *storage.Tx) (err error) {
	if g.runs, err = recon.Runs(tx, 7); err != nil {
		return err
	}
	if g.waits, err = recon.Undecided(tx, shownOfBank); err != nil {
		return err
	}
	if g.recent, err = recon.Lines(tx, id.None, shownOfBank); err != nil {
		return err
	}
	g.failed = map[id.ID][]payment.Refund{}
	var accounts []string
	failed, err := payment.Unclaimed(tx)
	for _, l := range g.waits {
		if l.Payment == nil || l.Kind != payment.MovedRefund {
			continue
		}
		accounts = append(accounts, ledger.Unclaimed(l.Payment.String()))
		for _, r := range failed {
			if r.Payment == *l.Payment {
				g.failed[r.Payment] = append(g.failed[r.Payment], r)
				accounts = append(accounts, ledger.Unclaimed(r.ID.String()))
			}
		}
	}
	if err != nil || len(accounts) == 0 {
		return err
	}
	g.free, err = ledger.Balance(tx, accounts...)
	return err
}

func (d *desk) showGateway(c *fiber.Ctx, s seat, status int, was gatewayForms) error {
	var g gatewayRead
	if err := d.view(c, s, g.read); err != nil {
		return err
	}
	var err error
	if g.keeper, err = d.Recon.Keeper(c.UserContext()); err != nil && !fault.Has(err, "market_unknown") {
		return err
	}
	g.lefts = map[id.ID][]order.Left{}
	for _, l := range g.waits {
		if l.Payment != nil && l.Kind == payment.MovedRefund && g.lefts[*l.Payment] == nil {
			if g.lefts[*l.Payment], err = d.Orders.Left(c.UserContext(), s.m.ID, *l.Payment); err != nil {
				return err
			}
		}
	}
	return d.show(c, s, status, page.Around{}, func(f part.Frame) templ.Component {
		v := page.GatewaySide{Frame: f, Now: was.now, Way: s.way(gatewayLineWay)}
		switch {
		case d.Recon.Reads() && g.keeper.ID == s.m.ID:
			v.Now.Action, v.Now.Key = s.way(gatewaySideWay), newKey()
		case d.Recon.Reads():
			v.Keeper = d.marketName(c.UserContext(), f.Reader, g.keeper.ID)
		}
		for _, l := range g.waits {
			row := page.GatewayLine{ID: l.ID.String(), Kind: string(l.Kind), Object: l.Object, Words: l.Words, Currency: l.Currency, At: l.At, Minor: l.Net(), Fee: l.Fee,
				Differs: l.State == recon.Differs, Recon: l.Recon, Why: l.Why, Options: g.options(f, l)}
			if row.ID == was.of {
				row.Form = was.one
			}
			row.Form.Action, row.Form.Key, row.Form.ID = v.Way, newKey(), "l"+row.ID+"-"
			v.Lines = append(v.Lines, row)
		}
		for _, r := range g.runs {
			v.Runs = append(v.Runs, page.GatewayRun{Gateway: r.Gateway, Began: r.BeganAt, Lines: r.Lines, Runs: r.EndedAt == nil})
		}
		for _, l := range g.recent {
			if l.State == recon.Done {
				v.Recent = append(v.Recent, page.GatewayDone{At: l.At, Kind: string(l.Kind), Object: l.Object, Deed: l.Deed, Currency: l.Currency, Minor: l.Net()})
			}
		}
		return v.View()
	})
}

// options are what a line may be said to be.
func (g *gatewayRead) options(f part.Frame, l recon.Line) []part.Option {
	all := []part.Option{{Label: f.T("gateway_side.choose")}}
	add := func(deed, target, label string) {
		all = append(all, part.Option{Value: deed + ":" + target, Label: label})
	}
	for _, deed := range l.May() {
		switch deed {
		case recon.Refund:
			lefts := g.lefts[*l.Payment]
			var total int64
			for _, one := range lefts {
				total += one.Part.Amount
				if one.Part.Amount >= -l.Amount {
					title := one.Title
					if one.Label != "" {
						title = f.T("charge." + one.Label)
					}
					add(deed, recon.Name(one), title+" · "+one.Number+" · "+f.Reader.Money(one.Part.Amount, l.Currency))
				}
			}
			if len(lefts) > 1 && total >= -l.Amount {
				add(deed, recon.Every, f.T("gateway_side.every"))
			}
		case recon.Unclaimed:
			of := []id.ID{*l.Payment}
			for _, r := range g.failed[*l.Payment] {
				of = append(of, r.ID)
			}
			for _, one := range of {
				if free := g.free[ledger.Unclaimed(one.String())]; free >= -l.Amount {
					add(deed, one.String(), f.T("gateway_side.unclaimed", "sum", f.Reader.Money(free, l.Currency)))
				}
			}
		default:
			add(deed, "", f.T("gateway_deed."+deed))
		}
	}
	return all
}

// readGateway reads the balance at once.
func (d *desk) readGateway(c *fiber.Ctx, s seat) error {
	err := d.Recon.Now(c.UserContext(), s.m.ID)
	if err == nil {
		d.Worker.Wake()
		return d.done(c, s.way(gatewaySideWay), "gateway_now")
	}
	if !refused(err) {
		return err
	}
	form, status := d.refuse(c, s, err)
	return d.showGateway(c, s, status, gatewayForms{now: form})
}

// decideMovement says what a line is.
func (d *desk) decideMovement(c *fiber.Ctx, s seat) error {
	return d.decides(c, s, gatewaySideWay, "gateway_decided", func(line id.ID, deed, target, why string) error {
		_, err := d.Recon.Decide(c.UserContext(), s.m.ID, line, s.p, recon.Say{Deed: deed, Target: target, Why: why})
		return err
	}, func(form part.Form, status int, line string) error {
		return d.showGateway(c, s, status, gatewayForms{one: form, of: line})
	})
}
