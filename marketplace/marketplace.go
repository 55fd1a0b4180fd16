// Package marketplace is the wiring: it opens every room once and is the only
// place where everything is known at the same time. What lower rooms must be
// told about upper ones is handed in here: the kinds of order, the gateways,
// the checks of the audit, the handlers of the jobs.
package marketplace

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"commonfield/agents"
	"commonfield/agents/cash"
	"commonfield/agents/clicks"
	"commonfield/agents/commission"
	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/agents/statement"
	"commonfield/catalog"
	"commonfield/catalog/photo"
	"commonfield/catalog/search"
	"commonfield/catalog/search/meili"
	"commonfield/catalog/search/pg"
	"commonfield/catalog/shelf"
	"commonfield/catalog/stock"
	"commonfield/marketplace/bank"
	"commonfield/marketplace/hook"
	"commonfield/marketplace/kept"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/order"
	"commonfield/marketplace/order/dispute"
	"commonfield/marketplace/order/returns"
	"commonfield/marketplace/order/talk"
	"commonfield/marketplace/paper"
	"commonfield/marketplace/payment"
	"commonfield/marketplace/payment/offline"
	"commonfield/marketplace/payment/sandbox"
	"commonfield/marketplace/payment/stripe"
	"commonfield/marketplace/recon"
	"commonfield/marketplace/retail"
	"commonfield/marketplace/told"
	"commonfield/storage"
	"commonfield/storage/audit"
	"commonfield/storage/blob"
	"commonfield/storage/jobs"
	"commonfield/storage/ledger"
	"commonfield/storage/seal"
	"commonfield/storage/tally"
)

// Config is what the program needs to know to open.
type Config struct {
	URL        string           // the database, the owner's login
	Data       string           // folder of pictures, bank files and the key set
	Production bool             // no sandbox
	Pool       int              // connections; 0 is the default
	Clock      func() time.Time // Go's clock when nil
	Guard      storage.Guard    // tests only
	MeiliURL   string           // of a Meilisearch server for search; empty: search in the database
	MeiliKey   string           // its key; empty where it asks for none
	Engine     search.Engine    // of search, instead of both; tests only
	Log        *slog.Logger
	Letters    notice.Sender  // nil: nobody gets letters
	Texter     notice.Texter  // nil: nobody gets short messages
	MostTexts  int            // in a day and market; 0 is notice.MostTexts
	Home       string         // "https://market.example", for the links in letters and the way back from a gateway
	Stripe     stripe.Options // without a key: no Stripe
	Kinds      []order.Kind   // of order, beside the program's own; tests only
}

// Marketplace is the open program, without its doors.
type Marketplace struct {
	DB        *storage.DB
	Box       *seal.Box
	Blobs     *blob.Store
	Books     *region.Books
	People    *people.Directory
	Producers *producer.Room
	Agents    *agents.Room
	Clicks    *clicks.Counter
	Catalog   *catalog.Catalog
	Stock     *stock.Stock
	Shelf     *shelf.Shelf
	Search    *search.Desk
	Photos    *photo.Studio
	Desk      *payment.Desk
	Sandbox   *sandbox.Gateway // nil in production
	Stripe    *stripe.Gateway  // nil without a key
	Kept      *kept.Room
	Orders    *order.Pipeline
	Disputes  *dispute.Room
	Returns   *returns.Room
	Papers    *paper.Room
	Talks     *talk.Room
	Payouts   *payout.Desk
	Recon     *recon.Desk
	Bank      *bank.Desk
	Notices   *notice.Room
	Outward   *hook.Room // operators' own systems are told
	Teller    *told.Teller
	Worker    *jobs.Worker
	kinds     []order.Kind // beside the program's own
	log       *slog.Logger
}

// Open opens every room on a migrated database.
func Open(ctx context.Context, c Config) (*Marketplace, error) {
	m := &Marketplace{log: c.Log, kinds: c.Kinds}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if m.DB, err = storage.Open(ctx, storage.Options{URL: c.URL, Pool: c.Pool, Clock: c.Clock, Guard: c.Guard}); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, m.failed(err)
	}
	if m.Box, err = seal.Open(filepath.Join(c.Data, "keys.json")); err != nil {
		return nil, m.failed(err)
	}
	if m.Blobs, err = blob.Open(ctx, filepath.Join(c.Data, "blobs")); err != nil {
		return nil, m.failed(err)
	}
	m.open(c)
	return m, nil
}

func (m *Marketplace) failed(err error) error {
	_ = m.DB.Close()
	return err
}

// Engine gives the engine of search that c names: Meilisearch where it has an
// address, else the one in the database.
func Engine(c Config, db *storage.DB) search.Engine {
	switch {
	case c.Engine != nil:
		return c.Engine
	case c.MeiliURL != "":
		return search.Late("meili", func(ctx context.Context) (search.Engine, error) {
			return meili.Open(ctx, meili.Options{URL: c.MeiliURL, Key: c.MeiliKey, Log: c.Log})
		})
	}
	return pg.Open(db)
}

func (m *Marketplace) open(c Config) {
	m.Books = region.New(m.DB)
	m.People = people.New(m.DB)
	m.Producers = producer.New(m.DB)
	m.Agents = agents.New(m.DB)
	m.Clicks = clicks.New(m.DB)
	m.Catalog = catalog.New(m.DB)
	m.Stock = stock.New(m.DB)
	m.Shelf = shelf.New(m.DB, m.Books)
	m.Search = search.New(m.DB, Engine(c, m.DB), m.log, m.Shelf.Listings(), m.Shelf.Producers())
	m.Photos = photo.New(m.Blobs)
	m.Kept = kept.New(m.DB, m.Shelf)
	gateways := []payment.Gateway{offline.Bank{}, offline.Cash{}}
	if !c.Production {
		m.Sandbox = sandbox.New(m.DB)
		gateways = append(gateways, m.Sandbox)
	}
	if c.Stripe.Key != "" {
		c.Stripe.Home = cmp.Or(c.Stripe.Home, c.Home)
		m.Stripe = stripe.New(c.Stripe)
		gateways = append(gateways, m.Stripe)
	}
	m.Desk = payment.New(m.DB, gateways...)
	if m.Sandbox != nil {
		m.Sandbox.Deliver(m.Desk.Receive)
	}
	m.Orders = order.New(m.DB, m.Desk, m.Box, m.Books, append([]order.Kind{retail.Goods()}, c.Kinds...)...)
	m.Disputes = dispute.New(m.DB, m.Orders, m.Photos)
	m.Papers = paper.New(m.DB, m.Books)
	m.Returns = returns.New(m.DB, m.Orders, m.Box, m.Photos)
	m.Talks = talk.New(m.DB, m.Box, m.Photos)
	m.Payouts = payout.New(m.DB, m.Box, m.Blobs, nil)
	if m.Stripe != nil {
		m.Payouts.Through(m.Stripe)
		m.Stripe.Tell(hearers{m.Books, m.Payouts})
	}
	m.Recon = recon.New(m.DB, m.Orders, m.Desk, m.Books.All, c.Stripe.Bank)
	m.Recon.Paying(m.Payouts)
	m.Bank = bank.New(m.DB, m.Orders, m.Recon, m.Desk, m.Payouts)
	m.Notices = notice.New(m.DB, m.Books, m.Box, notice.Options{Sender: c.Letters, Texter: c.Texter, MostTexts: c.MostTexts, Home: c.Home, Log: m.log})
	m.Outward = hook.New(m.DB, m.Box, hook.Options{Private: !c.Production, Log: m.log})
	m.Teller = told.New(m.DB, m.Books, m.People, m.Orders, m.Disputes, m.Returns, m.Talks, m.Notices, m.found)
	m.Worker = jobs.NewWorker(m.DB, m.handlers(), jobs.Options{Log: m.log})
}

// Shut lets the rooms go; running work is the callers' to finish first. It is
// not called Close: the doors hold the marketplace, and what a request keeps
// is closed with the request when it has a Close (fasthttp's user values).
func (m *Marketplace) Shut() error {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	if err := m.Clicks.Write(ctx); err != nil {
		m.log.Warn("opened links were not written down", "error", err.Error())
	}
	err := m.Blobs.Close()
	if e := m.DB.Close(); e != nil {
		err = e
	}
	return err
}

// handlers says who does which job.
func (m *Marketplace) handlers() map[string]jobs.Handler {
	h := map[string]jobs.Handler{
		jobs.IndexKind:       m.Teller.Indexed(m.Search.Bring),
		search.RebuildJob:    m.Search.Rebuilder(),
		search.JobLook:       {Call: m.Search.Look},
		stock.JobTurn:        {Do: stock.Turn},
		order.JobExpire:      {Call: m.Orders.Expire},
		order.JobTimer:       {Do: m.Orders.Timer},
		order.JobSeen:        {Call: m.Orders.Seen},
		order.JobSpread:      {Call: m.Orders.Spread},
		order.JobFollow:      {Call: m.Orders.Follow},
		order.JobClaim:       {Do: m.Orders.Claimed},
		order.JobCharge:      {Call: m.Orders.Called},
		order.JobDrop:        {Call: m.Orders.Dropped},
		order.JobRest:        {Do: m.Orders.Rest},
		order.JobSweep:       {Call: m.sweep},
		dispute.JobTimer:     {Do: m.Disputes.Timer},
		dispute.JobOver:      {Do: m.Disputes.Over},
		returns.JobTimer:     {Do: m.Returns.Timer},
		returns.JobOver:      {Do: m.Returns.Over},
		kept.JobBought:       {Call: m.Kept.Handle},
		jobForget:            {Call: m.forget},
		payment.JobNews:      {Call: m.Orders.News},
		payment.JobRefund:    {Call: m.Desk.Carry},
		payment.JobBack:      {Call: m.Desk.Returned},
		payment.JobUsable:    {Do: payment.Usable},
		payment.JobSquare:    {Call: m.Desk.Squared},
		payment.JobEvidence:  {Call: m.Desk.SendEvidence},
		payment.JobKept:      {Call: m.Desk.Kept},
		payment.JobForget:    {Call: m.Desk.Forget},
		recon.JobRead:        {Call: m.Recon.Read},
		recon.JobMatch:       {Call: m.Recon.Match},
		order.JobBank:        {Call: m.Orders.Bank},
		commission.MatureJob: told.Mature(order.Frozen),
		payout.SubmitJob:     m.Payouts.Handler(),
		payout.DraftJob:      m.Payouts.Drafter(),
		payout.JobCollect:    {Do: m.Payouts.Collector},
		payout.JobTransfer:   m.Payouts.Carrier(),
		payout.JobReverse:    m.Payouts.Reverser(),
		payout.JobLook:       m.Payouts.Looker(),
		payout.JobAsk:        m.Payouts.Asker(),
		bank.JobMatch:        m.Bank.Matcher(),
		statement.CloseJob:   statement.Handler(m.DB),
	}
	if m.Sandbox != nil {
		h[sandbox.JobNews] = jobs.Handler{Call: m.Sandbox.Tell}
	}
	maps.Copy(h, m.Teller.Handlers())
	h[told.JobMove] = m.Papers.After(h[told.JobMove], told.OrderOf)
	h[payment.JobRefundNews] = m.Papers.After(h[payment.JobRefundNews], paper.OfRefund)
	maps.Copy(h, m.Outward.Handlers())
	return h
}

// hearers let the markets hear of payees' accounts at the gateway, and of transfers.
type hearers struct {
	books *region.Books
	*payout.Desk
}

// Markets lists those where payees may be.
func (h hearers) Markets(ctx context.Context) ([]int32, error) {
	all, err := h.books.All(ctx)
	ids := make([]int32, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	return ids, err
}

// found says what the audit of one market finds, as operators are told of it, and
// writes down how it ended.
func (m *Marketplace) found(ctx context.Context, market int32) (told.Found, error) {
	r, err := m.Audit(ctx, market)
	var f told.Found
	for _, c := range r.Checks {
		if !c.OK {
			f.Broken = append(f.Broken, c.Name)
		}
	}
	for _, a := range r.Alarms {
		f.Alarms = append(f.Alarms, a.Name)
	}
	if err == nil {
		err = m.DB.Update(ctx, market, func(tx *storage.Tx) error { audit.Keep(tx, r); return nil })
	}
	return f, err
}

// Postings are all rules by which money is moved, by the rooms that move it.
func Postings() []ledger.Rule {
	return slices.Concat(order.Postings(), payment.Postings(), cash.Postings(), payout.Postings(), commission.Postings(), recon.Postings(), bank.Postings())
}

// Checks are all checks of the books, by the rooms that answer for them, and what is
// posted of kinds beside the program's own.
func Checks(kinds ...order.Kind) []audit.Check {
	rules := Postings()
	for _, k := range kinds {
		rules = append(rules, k.Postings...)
	}
	all := []audit.Check{ledger.Ruled(rules)}
	for _, of := range [][]audit.Check{ledger.Checks(), payment.Checks(), order.Checks(), dispute.Checks(), returns.Checks(), paper.Checks(), retail.Checks(),
		commission.Checks(), payable.Checks(), cash.Checks(), payout.Checks(), recon.Checks(), bank.Checks(), statement.Checks(), stock.Checks()} {
		all = append(all, of...)
	}
	return all
}

// Alarms are all that a person should look at though no rule is broken, by the same rooms.
func Alarms() []audit.Alarm {
	return slices.Concat(ledger.Alarms(), jobs.Alarms(), cash.Alarms(), payout.Alarms(), payment.Alarms(), order.Alarms(), recon.Alarms(), bank.Alarms(), paper.Alarms(), hook.Alarms())
}

// Tallies are all that can wait for an operator, by the rooms that know it.
func Tallies() []tally.Of {
	return slices.Concat(jobs.Tallies(), payment.Tallies(), dispute.Tallies(), returns.Tallies(), bank.Tallies(), recon.Tallies(), payable.Tallies(),
		payout.Tallies(), cash.Tallies(), agents.Tallies(), producer.Tallies(), hook.Tallies())
}

// Audit checks the books of the given markets, or of all.
func (m *Marketplace) Audit(ctx context.Context, markets ...int32) (audit.Report, error) {
	if len(markets) == 0 {
		all, err := m.Books.All(ctx)
		if err != nil {
			return audit.Report{}, err
		}
		markets = append(markets, storage.Platform)
		for _, b := range all {
			if b.ID != storage.Platform {
				markets = append(markets, b.ID)
			}
		}
	}
	return audit.Run(ctx, m.DB, markets, slices.Concat(Checks(m.kinds...), m.Search.Checks()), Alarms())
}

// Prepare loads what every installation needs: regions, units, categories, synonyms.
// Calling it again changes nothing.
func Prepare(ctx context.Context, db *storage.DB) error {
	if err := region.Load(ctx, db); err != nil {
		return fmt.Errorf("regions: %w", err)
	}
	if err := catalog.Load(ctx, db); err != nil {
		return fmt.Errorf("units and categories: %w", err)
	}
	if err := search.Load(ctx, db); err != nil {
		return fmt.Errorf("synonyms: %w", err)
	}
	return nil
}
