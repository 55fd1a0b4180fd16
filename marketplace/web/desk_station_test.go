package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"commonfield/agents/people"
	"commonfield/marketplace/door"
	"commonfield/marketplace/order"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
)

// way is an address that says this market.
func (h *house) way(base string) string { return fmt.Sprintf("%s?market=%d", base, h.Market) }

// clerk registers somebody who works in a region of the market.
func (h *house) clerk(t *testing.T, market int32, region string) people.Person {
	t.Helper()
	p := h.Person(t, "站点")
	must(t, h.DB.Update(t.Context(), market, func(tx *storage.Tx) error {
		_, err := tx.Exec(`INSERT INTO roles (market_id, person_id, role, region_code, granted_by, granted_at) VALUES ($1, $2, 'clerk', $3, $2, $4)`, market, p.ID, region, tx.Now)
		return err
	}))
	return p
}

func TestAClerkWorksForTheProducersOfTheirRegion(t *testing.T) {
	h := newHouse(t)
	v := h.visitor(t, h.clerk(t, h.Market, h.Producer.RegionCode))
	ref := h.UpTo(t, order.Secured)
	for _, lang := range []string{"zh", "en"} {
		v.lang = lang
		desk := v.page(t, "/desk/station")
		has(t, desk, h.Producer.Name, "producer="+h.Producer.ID.String())
		if lang == "en" {
			has(t, desk, "Yuli county, Xinjiang") // and no Chinese name of a place
		}
	}
	desk := v.page(t, h.way("/desk/producer")+"&producer="+h.Producer.ID.String())
	if strings.Contains(desk, `name="holder"`) {
		t.Error("a clerk is offered the bank account")
	}
	v.page(t, "/desk/producer/listings/new") // the desk's own links say no producer
	of := fmt.Sprintf("/orders/%d/%s", h.Market, ref.ID)
	v.page(t, of)
	for _, move := range []string{"decline", "cancel", "refund"} {
		a := v.post(t, of+"/"+move, "why", "x", "reason", "x", "line.1", "1.00", "whole", "yes")
		if a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("%s by a clerk answers %d: %s", move, a.status, plain(a.body))
		}
	}
	v.does(t, of+"/accept")
	o, err := h.Orders.Find(t.Context(), ref)
	if err != nil || o.State != order.Accepted {
		t.Errorf("accepted by a clerk: %+v %v", o.State, err)
	}
	bank := h.way("/desk/producer/bank") + "&producer=" + h.Producer.ID.String()
	if a := v.post(t, bank, "holder", "x", "bank", "x", "number", "6228480012345678"); a.status != http.StatusForbidden {
		t.Errorf("a bank account by a clerk answers %d", a.status)
	}
	for _, way := range operating {
		if a := v.get(t, h.way("/desk/operator"+way)); a.status != http.StatusForbidden {
			t.Errorf("/desk/operator%s answers %d to a clerk", way, a.status)
		}
	}
}

func TestAClerkOfAnotherRegionOrMarketSeesNothing(t *testing.T) {
	h := newHouse(t)
	o := h.UpTo(t, order.Secured)
	elsewhere := dbtest.Market(t, h.DB)
	for what, p := range map[string]people.Person{
		"another region": h.clerk(t, h.Market, "652823999"), "another market": h.clerk(t, elsewhere, h.Producer.RegionCode),
	} {
		v := h.visitor(t, p)
		if a := v.get(t, h.way("/desk/producer")+"&producer="+h.Producer.ID.String()); a.status != http.StatusForbidden {
			t.Errorf("%s: the producer's desk answers %d", what, a.status)
		}
		if a := v.get(t, fmt.Sprintf("/orders/%d/%s", h.Market, o.ID)); a.status != http.StatusNotFound {
			t.Errorf("%s: the order answers %d", what, a.status)
		}
		if a := v.post(t, fmt.Sprintf("/orders/%d/%s/accept", h.Market, o.ID)); a.status != http.StatusNotFound {
			t.Errorf("%s: accepting answers %d", what, a.status)
		}
	}
	if a := h.visitor(t, h.Buyer.Person).get(t, "/desk/station"); a.status != http.StatusForbidden {
		t.Errorf("the station's desk answers %d to a buyer", a.status)
	}
}

func TestSomebodyWithTwoRolesIsNobodyInTheThirdMarket(t *testing.T) {
	h := newHouse(t)
	d := door.New(h.m, door.Options{})
	first, second := dbtest.Market(t, h.DB), dbtest.Market(t, h.DB)
	p := h.operator(t, first)
	p.Operator = []int32{first}
	p.Clerk = []people.Station{{Market: second, Region: h.Producer.RegionCode}}
	o, err := h.Orders.Find(t.Context(), h.UpTo(t, order.Secured))
	must(t, err)
	ctx := t.Context()
	if as, err := d.Parties(ctx, p, o); err != nil || len(as) != 0 {
		t.Errorf("to the order they are %v %v", as, err)
	}
	if _, _, err := d.Watch(ctx, p, o.Ref()); err == nil {
		t.Error("they see the order")
	}
	for _, to := range []order.State{order.Accepted, order.Packed, order.Shipped, order.Cancelled, order.Completed} {
		if _, err := d.Act(ctx, p, o.Ref(), to); err == nil {
			t.Errorf("they move it to %s", to)
		}
	}
	if _, err := d.Refunder(ctx, p, o.Ref()); err == nil {
		t.Error("they refund it")
	}
	if err := d.Grower(ctx, p, h.Market, h.Producer.ID); err == nil {
		t.Error("they act for the producer")
	}
	for _, market := range []int32{h.Market, second, storage.Platform} {
		if err := d.Operator(p, market); err == nil {
			t.Errorf("they operate market %d", market)
		}
	}
	if err := d.Grower(ctx, p, first, id.New()); err != nil {
		t.Errorf("where they operate: %v", err)
	}
	if err := d.Grower(ctx, p, second, h.Producer.ID); err == nil {
		t.Error("a producer of another market is theirs by the same region")
	}
	p.Clerk = append(p.Clerk, people.Station{Market: h.Market, Region: h.Producer.RegionCode})
	if err := d.Grower(ctx, p, h.Market, h.Producer.ID); err != nil {
		t.Errorf("as a clerk here: %v", err)
	}
	if _, err := d.Refunder(ctx, p, o.Ref()); err == nil {
		t.Error("a clerk refunds")
	}
	if _, err := d.Act(ctx, p, o.Ref(), order.Cancelled); err == nil {
		t.Error("a clerk declines")
	}
	by, err := d.Act(ctx, p, o.Ref(), order.Accepted)
	if err != nil || by.As != order.AsSeller || by.ID != p.ID {
		t.Errorf("a clerk accepts as %+v %v", by.As, err)
	}
	p.ReadOnly = true
	if err := d.Grower(ctx, p, h.Market, h.Producer.ID); err == nil {
		t.Error("a token that may only read writes")
	}
}
