package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents"
	"commonfield/agents/attribution"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/marketplace"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/door"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/web/static"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/ledger"
	"commonfield/storage/once"
)

// The three things that somebody may ask for: their own, another's in the same
// market, one of another market.
const (
	own = iota
	anothers
	abroad
)

// things are the rows of one set, by the word that the table calls them.
type things map[string]string

// asker is somebody in a role, with a session of their own.
type asker struct {
	person people.Person
	token  string
	things things // where their own differs from the set's
}

// house is the real doors on two markets with everybody in them.
type house struct {
	t        *testing.T
	m        *marketplace.Marketplace
	app      *fiber.App
	mu       sync.Mutex
	now      time.Time
	sets     [3]things
	askers   map[string]asker
	second   people.Person // the operator who approves
	markets  [3]region.Market
	third    region.Market // where the outsider is a clerk
	minutes  int
	document map[string]any
}

// townships are two places of the first market's county, one of the second's, and one
// of a third's, which holds nothing.
var townships = [4]string{"652823100", "652823200", "522633100", "532528209"}

func (h *house) clock() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

func (h *house) pass(d time.Duration) { h.mu.Lock(); h.now = h.now.Add(d); h.mu.Unlock() }

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	_, address := dbtest.Own(t)
	h := &house{t: t, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), askers: map[string]asker{}}
	var err error
	h.m, err = marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: t.TempDir(), Clock: h.clock, Guard: dbtest.Guard})
	h.ok(err)
	t.Cleanup(func() { _ = h.m.Shut() })
	h.m.People.Cost = people.LightCost
	h.ok(region.LoadSome(t.Context(), h.m.DB, townships[:]...))
	h.ok(catalog.Load(t.Context(), h.m.DB))
	h.app = fiber.New(door.Config(failed))
	mount(h.app, door.New(h.m, door.Options{Trusted: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}))
	for i, code := range []string{"YL", "YL", "CJ"} {
		if i == anothers {
			h.markets[i] = h.markets[own]
			continue
		}
		h.markets[i] = h.market(code, townships[i])
	}
	h.third = h.market("YB", townships[3])
	h.settle()
	return h
}

func (h *house) market(code, township string) region.Market {
	h.t.Helper()
	m, err := h.m.Books.Open(h.t.Context(), region.NewMarket{Code: code, Name: "集市 " + code, RegionCode: township[:6], Currency: "CNY", TimeZone: "Asia/Shanghai"})
	h.ok(err)
	return m
}

// somebody registers a person and signs them in.
func (h *house) somebody(name string) asker {
	h.t.Helper()
	phone := dbtest.Phone()
	_, err := h.m.People.Register(h.t.Context(), once.Key{}, people.Newcomer{Name: name, Phone: phone, Password: "walnut-harvest-1"})
	h.ok(err)
	return h.signIn(phone)
}

func (h *house) signIn(phone string) asker {
	h.t.Helper()
	p, token, err := h.m.People.SignIn(h.t.Context(), phone, "walnut-harvest-1", "test")
	h.ok(err)
	return asker{person: p, token: token}
}

// back signs a role in again: the last deed may have ended its session.
func (h *house) back(role string) {
	h.t.Helper()
	a := h.askers[role]
	switch role {
	case "nobody", "reader":
		return
	case "guest":
		_, token, err := h.m.People.Guest(h.t.Context(), "test")
		h.ok(err)
		a.token = token
	default:
		a.token = h.signIn(a.person.Phone).token
	}
	h.askers[role] = a
}

func (h *house) grant(p people.Person, market int32, role, place string) {
	h.t.Helper()
	h.ok(h.m.DB.Update(h.t.Context(), market, func(tx *storage.Tx) error {
		tx.Keyed()
		return people.Grant(tx, p.ID, role, place, people.System.ID)
	}))
}

// settle lets everybody in and makes the three sets.
func (h *house) settle() {
	boss, owner := h.somebody("运营"), h.somebody("平台")
	h.grant(boss.person, h.markets[own].ID, people.Operator, "")
	h.grant(owner.person, storage.Platform, people.Operator, "")
	clerk := h.somebody("站点")
	h.grant(clerk.person, h.markets[own].ID, people.Clerk, townships[own])
	boss, owner, clerk = h.signIn(boss.person.Phone), h.signIn(owner.person.Phone), h.signIn(clerk.person.Phone)
	far := h.somebody("外人")
	h.grant(far.person, h.markets[abroad].ID, people.Operator, "")
	h.grant(far.person, h.third.ID, people.Clerk, townships[3])
	second := h.somebody("第二位")
	h.grant(second.person, h.markets[own].ID, people.Operator, "")
	h.second = second.person
	h.askers = map[string]asker{"nobody": {}, "clerk": clerk, "operator": boss, "owner": owner, "reader": {}, outsider: h.signIn(far.person.Phone)}
	for k := range h.sets {
		h.sets[k] = things{}
		h.fill(k, owner.person)
	}
	guest, token, err := h.m.People.Guest(h.t.Context(), "test")
	h.ok(err)
	h.askers["guest"] = asker{person: guest, token: token}
	mine := things{}
	h.buy(own, guest, mine)
	h.askers["guest"] = asker{guest, token, mine}
	_, secret, err := h.m.People.MakeToken(h.t.Context(), owner.person, "reads", people.Read)
	h.ok(err)
	h.askers["reader"] = asker{person: owner.person, token: secret}
}

// fill makes one set: a producer with goods, an agent, a buyer with an order
// that was released and paid out, and one that waits for its seller.
func (h *house) fill(k int, by people.Person) {
	ctx, m, set := h.t.Context(), h.markets[k].ID, h.sets[k]
	set["market"] = h.markets[k].Code
	set["number"] = fmt.Sprint(m)
	set["region"], set["county"], set["book"], set["month"] = townships[k], townships[k][:6], "bank:operating", h.clock().Format("2006-01")
	past := ledger.MonthAt(h.clock().AddDate(0, -2, 0), h.markets[k].Location())
	set["journal_file"], set["past"] = set["month"]+".csv", past.Name
	read, err := h.m.Bank.Import(ctx, m, by.ID, []byte("date,reference,amount,balance\n2026-01-02,A1,1.00,1.00\n"))
	h.ok(err)
	var lines []bank.Line
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { lines, err = bank.Lines(tx, id.None, 1); return }))
	set["bankstatement"], set["statement"], set["bankline"], set["line"] = read[0].ID.String(), read[0].ID.String(), lines[0].ID.String(), lines[0].ID.String()
	movement := id.New()
	h.ok(h.m.DB.Update(ctx, m, func(tx *storage.Tx) error {
		tx.Queue(`INSERT INTO gateway_lines (market_id, id, gateway, reference, kind, amount_minor, fee_minor, currency, moved_at, usable_at, state, why, created_at)
			VALUES ($1, $2, 'stripe', $3, 'unknown', -100, 0, 'USD', $4, $4, 'waits', 'currency', $4)`, m, movement, movement.String(), tx.Now)
		return nil
	}))
	set["gatewayline"] = movement.String()
	h.ok(ledger.CloseMonth(ctx, h.m.DB, m, past, id.New()))
	grower, agent, buyer := h.somebody("农户"), h.somebody("代理"), h.somebody("买家")
	made, err := h.m.Producers.Apply(ctx, once.Key{}, m, by, producer.Application{Text: producer.Text{Name: fmt.Sprintf("农户 %d", k), RegionCode: townships[k], Exemption: "零星农产品"},
		PersonID: grower.person.ID, State: producer.Active})
	h.ok(err)
	set["producer"], set["payee"], set["person"] = made.ID.String(), made.PayeeID.String(), grower.person.ID.String()
	set["purse"] = fmt.Sprintf("%d.%s", m, made.PayeeID)
	alone, err := h.m.Producers.Apply(ctx, once.Key{}, m, by, producer.Application{Text: producer.Text{Name: fmt.Sprintf("老人 %d", k), RegionCode: townships[k], Exemption: "零星农产品"}, State: producer.Active})
	h.ok(err)
	set["alone"] = alone.ID.String()
	h.ok(payable.SetAccount(ctx, h.m.DB, m, made.PayeeID, payable.Account{Holder: "农户", Bank: "农业银行", Number: "6222020200112233"}, h.m.Box, by.ID))
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) error {
		bank, err := payable.AccountOf(tx, made.PayeeID)
		set["bank"] = bank.ID.String()
		return err
	}))
	a, err := h.m.Agents.Apply(ctx, m, agent.person)
	h.ok(err)
	h.ok(h.m.Agents.Approve(ctx, m, a.ID, by))
	set["agent"], set["code"] = a.ID.String(), a.Code
	rate, err := h.m.Catalog.SetRate(ctx, m, catalog.Fee, "", "", 200, time.Time{}, by.ID)
	h.ok(err)
	set["rate"] = rate.ID.String()
	rule, err := commission.AddRule(ctx, h.m.DB, m, commission.Rule{RateBP: 600}, by.ID)
	h.ok(err)
	set["rule"] = rule.ID.String()
	l, err := h.m.Catalog.Offer(ctx, once.Key{}, m, grower.person.ID, catalog.Draft{ProducerID: made.ID, Category: "walnut", Title: "薄皮核桃", Unit: "kg", PriceMinor: 2600, Minimum: 500, State: catalog.Live})
	h.ok(err)
	batch, err := h.m.Stock.Receive(ctx, once.Key{}, m, grower.person.ID, l.ID, stock.Batch{Quantity: 100_000})
	h.ok(err)
	set["listing"], set["batch"] = l.ID.String(), batch.ID.String()
	set["short"] = h.markets[k].Code + "-" + base64.RawURLEncoding.EncodeToString(l.ID[:])
	set["photo"], set["static"] = h.picture(), strings.TrimPrefix(static.URL("favicon.svg"), static.Prefix)
	h.sold(k, buyer.person, a, grower.person)
	h.inCash(k, by.ID, agent.person, a, grower.person)
	h.complained(k, buyer.person, a, grower.person)
	h.givenBack(k, buyer.person, a, grower.person)
	h.takenBack(k, buyer.person, a)
	h.buy(k, buyer.person, set, a)
	h.drain(m)
	h.personal(k, buyer)
	var job, entry id.ID
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) error {
		if err := tx.Get(&job, "SELECT id FROM jobs WHERE market_id = $1 ORDER BY id LIMIT 1", m); err != nil {
			return err
		}
		return tx.Get(&entry, "SELECT id FROM ledger_entries WHERE market_id = $1 ORDER BY id LIMIT 1", m)
	}))
	set["job"], set["entry"] = job.String(), entry.String()
	told, _, err := h.m.Outward.Add(ctx, m, by.ID, fmt.Sprintf("http://127.0.0.1:9/%d", k), hook.Events)
	h.ok(err)
	h.ok(h.m.Outward.TestOne(ctx, m, h.markets[k].Code, told.ID))
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) error {
		all, err := hook.Deliveries(tx, told.ID, "", id.None, 1)
		set["hook"], set["delivery"] = told.ID.String(), all[0].ID.String()
		return err
	}))
	if k == own {
		h.askers["buyer"], h.askers["producer"], h.askers["agent"] = buyer, grower, agent
	}
}

// picture takes a photograph and gives its name.
func (h *house) picture() string {
	h.t.Helper()
	var b bytes.Buffer
	h.ok(jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil))
	key, err := h.m.Photos.Take(h.t.Context(), b.Bytes())
	h.ok(err)
	return strings.TrimPrefix(key, "photo/")
}

// personal names what is the buyer's alone.
func (h *house) personal(k int, buyer asker) {
	h.t.Helper()
	set := h.sets[k]
	for thing, way := range map[string]string{"notice": "/api/v1/notices", "session": "/api/v1/sessions"} {
		r := httptest.NewRequest(http.MethodGet, way, nil)
		r.Header.Set("Authorization", "Bearer "+buyer.token)
		res, err := h.app.Test(r, 60_000)
		h.ok(err)
		var list struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		h.ok(json.NewDecoder(res.Body).Decode(&list))
		h.ok(res.Body.Close())
		if len(list.Items) == 0 {
			h.t.Fatalf("the buyer has no %s", thing)
		}
		set[thing] = list.Items[0].ID
	}
	key, _, err := h.m.People.MakeToken(h.t.Context(), buyer.person, "key", people.Read)
	h.ok(err)
	set["token"] = key.ID.String()
}

// sold walks an order to its end and pays it out.
func (h *house) sold(k int, buyer people.Person, a agents.Agent, grower people.Person) {
	ctx, m, set := h.t.Context(), h.markets[k].ID, h.sets[k]
	done := things{}
	h.buy(k, buyer, done, a)
	ref := order.Ref{Market: m, ID: name(done["order"])}
	seller, owner := order.By{Person: grower, As: order.AsSeller}, order.By{Person: buyer, As: order.AsBuyer}
	h.ok(h.m.Orders.Accept(ctx, seller, ref))
	h.ok(h.m.Orders.Pack(ctx, seller, ref, nil))
	h.ok(h.m.Orders.Ship(ctx, seller, ref, order.Parcel{Carrier: "中通"}))
	h.ok(h.m.Orders.Deliver(ctx, owner, ref))
	h.ok(h.m.Orders.Complete(ctx, owner, ref))
	h.drain(m)
	back, err := h.m.Orders.Refund(ctx, once.Key{}, order.By{Person: h.second, As: order.AsOperator}, ref, []order.Part{{Line: 1, Amount: 100}}, "有几颗坏的")
	h.ok(err)
	set["refund"] = back.String()
	var entries []commission.Entry
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { entries, err = commission.OfSale(tx, ref.ID); return }))
	set["commission"] = entries[0].ID.String()
	b, err := h.m.Payouts.Draft(ctx, once.Key{}, m, h.second.ID, nil)
	h.ok(err)
	var rows []payout.Payout
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { rows, err = payout.Payouts(tx, b.ID); return }))
	set["payout"], set["row"] = b.ID.String(), rows[0].ID.String()
}

// complained walks an order to its buyer, who complains of it with a picture.
func (h *house) complained(k int, buyer people.Person, a agents.Agent, grower people.Person) {
	ctx, m, set := h.t.Context(), h.markets[k].ID, h.sets[k]
	done := things{}
	h.buy(k, buyer, done, a)
	ref := order.Ref{Market: m, ID: name(done["order"])}
	seller, owner := order.By{Person: grower, As: order.AsSeller}, order.By{Person: buyer, As: order.AsBuyer}
	h.ok(h.m.Orders.Accept(ctx, seller, ref))
	h.ok(h.m.Orders.Pack(ctx, seller, ref, nil))
	h.ok(h.m.Orders.Ship(ctx, seller, ref, order.Parcel{Carrier: "中通"}))
	h.ok(h.m.Orders.Deliver(ctx, owner, ref))
	h.drain(m)
	var papers []paper.Paper
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { papers, err = paper.Of(tx, ref.ID); return }))
	set["paper"] = papers[1].ID.String() // the statement of sale
	var b bytes.Buffer
	h.ok(jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 40+k)), nil))
	key, err := h.m.Disputes.Show(ctx, b.Bytes())
	h.ok(err)
	one, err := h.m.Disputes.Complain(ctx, once.Key{}, owner, ref, dispute.Complaint{Said: dispute.Said{Text: "碎了", Photos: []string{key}}, Reason: "damaged"})
	h.ok(err)
	set["brought"], set["complaint"], set["evidence"] = done["order"], one.String(), strings.TrimPrefix(key, "evidence/")
}

// givenBack walks an order to its buyer, who wants to give it back.
func (h *house) givenBack(k int, buyer people.Person, a agents.Agent, grower people.Person) {
	ctx, m, set := h.t.Context(), h.markets[k].ID, h.sets[k]
	done := things{}
	h.buy(k, buyer, done, a)
	ref := order.Ref{Market: m, ID: name(done["order"])}
	seller, owner := order.By{Person: grower, As: order.AsSeller}, order.By{Person: buyer, As: order.AsBuyer}
	h.ok(h.m.Orders.Accept(ctx, seller, ref))
	h.ok(h.m.Orders.Pack(ctx, seller, ref, nil))
	h.ok(h.m.Orders.Ship(ctx, seller, ref, order.Parcel{Carrier: "中通"}))
	h.ok(h.m.Orders.Deliver(ctx, owner, ref))
	back, err := h.m.Returns.Ask(ctx, once.Key{}, owner, ref, returns.Wish{Lines: map[int]int64{1: 500}})
	h.ok(err)
	h.drain(m)
	set["going"], set["return"] = done["order"], back.String()
}

// takenBack is an order whose payer's bank takes the sum back.
func (h *house) takenBack(k int, buyer people.Person, a agents.Agent) {
	ctx, m := h.t.Context(), h.markets[k].ID
	done := things{}
	h.buy(k, buyer, done, a)
	h.drain(m)
	var paid payment.Payment
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) (err error) { paid, err = payment.Find(tx, name(done["payment"])); return }))
	h.ok(h.m.Sandbox.TakeBack(ctx, m, paid.Object, 0))
	h.drain(m)
	h.ok(h.m.DB.View(ctx, m, func(tx *storage.Tx) error {
		banks, err := payment.Chargebacks(tx, 1)
		h.sets[k]["chargeback"] = banks[0].ID.String()
		return err
	}))
}

// buy places and pays one kilo and puts its names into a set.
func (h *house) buy(k int, buyer people.Person, set things, by ...agents.Agent) {
	ctx, m := h.t.Context(), h.markets[k].ID
	ask := order.Ask{Kind: retail.Name, Buyer: buyer, PlacedBy: buyer, Seen: -1, Way: "sandbox", Items: []order.Item{{Market: m, Listing: name(h.sets[k]["listing"]), Quantity: 1000}},
		DeliverTo: &order.Address{Name: "王芳", Phone: "+8613900000000", Region: "北京市", Street: "学院路 1 号"}}
	if len(by) > 0 {
		ask.Agent = attribution.Ask{Link: by[0].Code, LinkAt: h.clock()}
	}
	b, err := h.m.Orders.Place(ctx, once.Key{}, ask)
	h.ok(err)
	due, err := h.m.Orders.Pay(ctx, m, b.Payment, "/")
	h.ok(err)
	h.ok(h.m.Sandbox.Pay(ctx, m, due.Object, sandbox.News{}))
	_, err = h.m.Orders.Settle(ctx, m, b.Payment)
	h.ok(err)
	ref := b.Orders()[0]
	o, err := h.m.Orders.Find(ctx, ref)
	h.ok(err)
	set["order"], set["basket"], set["payment"], set["order_number"] = ref.ID.String(), b.Baskets[0].ID.String(), b.Payment.String(), o.Number
}

func (h *house) drain(market int32) {
	h.pass(time.Minute)
	_, err := h.m.Worker.Drain(h.t.Context(), market)
	h.ok(err)
}

func name(text string) id.ID { i, _ := id.Parse(text); return i }

// request sends one and gives the answer's letter: y let in, s sign in first,
// n refused, h hidden.
func (h *house) request(role string, r *http.Request) (string, string) {
	h.t.Helper()
	h.minutes++
	h.pass(time.Minute) // no limit of a minute is met
	r.Header.Set("User-Agent", role)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.%d.%d", h.minutes/250%250, h.minutes%250+1)) // nor of an hour
	res, err := h.app.Test(r, 60_000)
	if err != nil {
		return "?", err.Error()
	}
	defer res.Body.Close()
	said := fmt.Sprint(res.StatusCode)
	switch {
	case res.StatusCode == http.StatusUnauthorized, res.StatusCode/100 == 3 && strings.HasPrefix(res.Header.Get("Location"), "/sign-in"):
		return "s", said
	case res.StatusCode == http.StatusForbidden:
		return "n", said
	case res.StatusCode == http.StatusNotFound:
		return "h", said
	case res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusMethodNotAllowed:
		return "?", said
	}
	return "y", said
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// cookies are what a browser of this role has, with the token of its forms.
func (h *house) cookies(a asker) (string, string) {
	h.t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	session := ""
	if a.token != "" {
		session = "cf_session=" + a.token
		r.Header.Set("Cookie", session)
	}
	res, err := h.app.Test(r, 60_000)
	h.ok(err)
	defer res.Body.Close()
	jar := []string{}
	if session != "" {
		jar = append(jar, session)
	}
	for _, c := range res.Cookies() {
		jar = append(jar, c.Name+"="+c.Value)
	}
	text, err := io.ReadAll(res.Body)
	h.ok(err)
	found := token.FindStringSubmatch(string(text))
	if found == nil {
		return strings.Join(jar, "; "), ""
	}
	return strings.Join(jar, "; "), found[1]
}
