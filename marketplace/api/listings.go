package api

import (
	"net/http"
	"time"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/catalog/stock"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type newListing struct {
	Market   string   `json:"market" doc:"code or number"`
	Producer string   `json:"producer,omitempty" doc:"yours when it is left out"`
	State    string   `json:"state,omitempty" enum:"draft,live" doc:"draft when it is left out"`
	Category string   `json:"category"`
	Title    string   `json:"title" doc:"1 to 80 characters"`
	TitleEN  string   `json:"title_en,omitempty"`
	Story    string   `json:"story,omitempty"`
	StoryEN  string   `json:"story_en,omitempty"`
	Grade    string   `json:"grade,omitempty"`
	Harvest  string   `json:"harvest_on,omitempty" doc:"a day, 2026-09-20"`
	Unit     string   `json:"unit"`
	Price    int64    `json:"price_minor" doc:"of one unit"`
	Minimum  int64    `json:"minimum" doc:"smallest order, base units"`
	BandBP   int32    `json:"weight_band_bp,omitempty" doc:"0 to 2000; counted goods have none"`
	Photos   []string `json:"photos,omitempty" doc:"keys from POST /photos, the cover first"`
}

type changedListing struct {
	Version  int       `json:"version" doc:"the one you have seen; another is refused (conflict)"`
	Category *string   `json:"category,omitempty"`
	Title    *string   `json:"title,omitempty"`
	TitleEN  *string   `json:"title_en,omitempty"`
	Story    *string   `json:"story,omitempty"`
	StoryEN  *string   `json:"story_en,omitempty"`
	Grade    *string   `json:"grade,omitempty"`
	Harvest  *string   `json:"harvest_on,omitempty" doc:"a day; empty: unknown"`
	Unit     *string   `json:"unit,omitempty"`
	Price    *int64    `json:"price_minor,omitempty"`
	Minimum  *int64    `json:"minimum,omitempty"`
	BandBP   *int32    `json:"weight_band_bp,omitempty"`
	Photos   *[]string `json:"photos,omitempty"`
}

// listings mounts what producers do with their goods.
func (s *server) listings() {
	handle(s, route{method: http.MethodPost, path: "/listings", says: "Offer goods", open: known, status: http.StatusCreated, more: "By the producer or an operator."}, s.offer)
	handle(s, route{method: http.MethodPatch, path: "/listings/{market}/{id}", says: "Change goods", open: known,
		more: "What is left out stays. Orders that were placed keep their own copy."}, s.editListing)
	for _, m := range []struct {
		word, says string
		do         func(v *visit, market int32, listing id.ID) error
	}{
		{"publish", "Put goods on sale", func(v *visit, m int32, l id.ID) error { return s.Catalog.Publish(v.ctx, m, l, v.who.ID) }},
		{"pause", "Take goods off the shelf for a while", func(v *visit, m int32, l id.ID) error { return s.Catalog.Pause(v.ctx, m, l, v.who.ID) }},
		{"archive", "Put goods away for good", func(v *visit, m int32, l id.ID) error { return s.Catalog.Archive(v.ctx, m, l, v.who.ID) }},
	} {
		handle(s, route{method: http.MethodPost, path: "/listings/{market}/{id}/" + m.word, says: m.says, open: known, more: "Twice is once."},
			func(v *visit, in *This) (listing, error) { return s.moveListing(v, *in, m.do) })
	}
	handle(s, route{method: http.MethodGet, path: "/listings/{market}/{id}/batches", says: "List what lies in the barn", open: known, more: "For the producer and operators."}, s.listBatches)
	handle(s, route{method: http.MethodPost, path: "/listings/{market}/{id}/batches", says: "Receive stock", open: known, status: http.StatusCreated}, s.receive)
	handle(s, route{method: http.MethodPost, path: "/listings/{market}/{id}/batches/{batch}/corrections", says: "Correct what is on hand", open: known, status: http.StatusCreated,
		more: "After counting, spoiling or finding; the reason is kept."}, s.correct)
}

func (s *server) offer(v *visit, in *with[newListing]) (listing, error) {
	b := in.Body
	m, err := v.named(b.Market)
	if err != nil {
		return listing{}, err
	}
	producer, err := s.grows(v, m.ID, b.Producer)
	if err != nil {
		return listing{}, err
	}
	if err := s.Grower(v.ctx, v.who, m.ID, producer); err != nil {
		return listing{}, err
	}
	harvest, err := day("harvest_on", b.Harvest)
	if err != nil {
		return listing{}, err
	}
	l, err := s.Catalog.Offer(v.ctx, v.key, m.ID, v.who.ID, catalog.Draft{ProducerID: producer, Category: b.Category, Title: b.Title, TitleEN: b.TitleEN,
		Story: b.Story, StoryEN: b.StoryEN, Grade: b.Grade, HarvestOn: harvest, Unit: b.Unit, PriceMinor: b.Price, Minimum: b.Minimum,
		WeightBandBP: b.BandBP, Photos: b.Photos, State: catalog.State(b.State)})
	if err != nil {
		return listing{}, err
	}
	return s.goods(v, m, l.ID)
}

// grows is the producer that a body names, or the asker's own.
func (s *server) grows(v *visit, market int32, named string) (id.ID, error) {
	if named != "" {
		return reference("producer", named)
	}
	p, err := s.ProducerOf(v.ctx, v.who, market)
	if fault.Has(err, "producer_unknown") {
		err = fault.Invalid("producer", "required")
	}
	return p.ID, err
}

func (s *server) editListing(v *visit, in *thisWith[changedListing]) (listing, error) {
	m, i, err := v.place(in.This)
	if err != nil {
		return listing{}, err
	}
	l, err := s.mine(v, m.ID, i)
	if err != nil {
		return listing{}, err
	}
	d := catalog.Draft{Category: l.Category, Title: l.Title, TitleEN: l.TitleEN, Story: l.Story, StoryEN: l.StoryEN, Grade: l.Grade, HarvestOn: l.HarvestOn,
		Unit: l.Unit, PriceMinor: l.PriceMinor, Minimum: l.Minimum, WeightBandBP: l.WeightBandBP, Photos: l.Photos}
	b := in.Body
	set(&d.Category, b.Category)
	set(&d.Title, b.Title)
	set(&d.TitleEN, b.TitleEN)
	set(&d.Story, b.Story)
	set(&d.StoryEN, b.StoryEN)
	set(&d.Grade, b.Grade)
	set(&d.Unit, b.Unit)
	set(&d.PriceMinor, b.Price)
	set(&d.Minimum, b.Minimum)
	set(&d.WeightBandBP, b.BandBP)
	set(&d.Photos, b.Photos)
	if b.Harvest != nil {
		if d.HarvestOn, err = day("harvest_on", *b.Harvest); err != nil {
			return listing{}, err
		}
	}
	if _, err = s.Catalog.Edit(v.ctx, m.ID, i, b.Version, d, v.who.ID); err != nil {
		return listing{}, err
	}
	return s.goods(v, m, i)
}

// set takes over what a body says, if it says something.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func (s *server) moveListing(v *visit, in This, do func(*visit, int32, id.ID) error) (listing, error) {
	m, i, err := v.place(in)
	if err != nil {
		return listing{}, err
	}
	if _, err := s.mine(v, m.ID, i); err != nil {
		return listing{}, err
	}
	if err := do(v, m.ID, i); err != nil {
		return listing{}, err
	}
	return s.goods(v, m, i)
}

type holding struct {
	ID        string    `json:"id"`
	HarvestOn string    `json:"harvest_on"`
	Grade     string    `json:"grade"`
	Place     string    `json:"place"`
	OnHand    int64     `json:"on_hand" doc:"base units"`
	Reserved  int64     `json:"reserved" doc:"promised to orders"`
	Free      int64     `json:"free"`
	BaseUnit  string    `json:"base_unit" enum:"g,piece"`
	CreatedAt time.Time `json:"created_at"`
}

type newBatch struct {
	Quantity int64  `json:"quantity,omitempty" doc:"base units; or amount and unit"`
	Amount   string `json:"amount,omitempty" doc:"as people write it: 9.8"`
	Unit     string `json:"unit,omitempty" doc:"of the amount; the listing's when it is left out"`
	Harvest  string `json:"harvest_on,omitempty" doc:"a day"`
	Grade    string `json:"grade,omitempty"`
	Place    string `json:"place,omitempty"`
}

func showBatch(h stock.Holding, unit string) holding {
	return holding{h.ID.String(), dayOf(h.HarvestOn), h.Grade, h.Place, h.OnHand, h.Reserved, h.Free(), baseUnit(unit), h.CreatedAt}
}

// barn finds a listing that the asker may act for.
func (s *server) barn(v *visit, in This) (region.Market, catalog.Listing, error) {
	m, i, err := v.place(in)
	if err != nil {
		return m, catalog.Listing{}, err
	}
	l, err := s.mine(v, m.ID, i)
	return m, l, err
}

func (s *server) listBatches(v *visit, in *This) (list[holding], error) {
	m, l, err := s.barn(v, *in)
	if err != nil {
		return list[holding]{}, err
	}
	var rows []stock.Holding
	err = v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = stock.Batches(tx, l.ID); return })
	return listed(rows, func(h stock.Holding) holding { return showBatch(h, l.Unit) }), err
}

func (s *server) receive(v *visit, in *thisWith[newBatch]) (holding, error) {
	m, l, err := s.barn(v, in.This)
	if err != nil {
		return holding{}, err
	}
	harvest, err := day("harvest_on", in.Body.Harvest)
	if err != nil {
		return holding{}, err
	}
	quantity, err := measure("", in.Body.Quantity, in.Body.Amount, in.Body.Unit, l.Unit)
	if err != nil {
		return holding{}, err
	}
	h, err := s.Stock.Receive(v.ctx, v.key, m.ID, v.who.ID, l.ID, stock.Batch{HarvestOn: harvest, Grade: in.Body.Grade, Place: in.Body.Place, Quantity: quantity})
	return showBatch(h, l.Unit), err
}

type correction struct {
	Difference int64  `json:"difference" doc:"base units, signed"`
	Why        string `json:"why"`
}

func (s *server) correct(v *visit, in *struct {
	This
	Batch string `path:"batch" doc:"id of the batch"`
	Body  correction
}) (holding, error) {
	m, l, err := s.barn(v, in.This)
	if err != nil {
		return holding{}, err
	}
	i, err := row(in.Batch)
	if err != nil {
		return holding{}, err
	}
	var rows []stock.Holding
	if err := v.view(m.ID, func(tx *storage.Tx) (err error) { rows, err = stock.Batches(tx, l.ID); return }); err != nil {
		return holding{}, err
	}
	for _, h := range rows {
		if h.ID == i {
			h, err := s.Stock.Correct(v.ctx, v.key, m.ID, v.who.ID, i, in.Body.Difference, in.Body.Why)
			return showBatch(h, l.Unit), err
		}
	}
	return holding{}, fault.NotFound("batch_unknown") // of another listing, perhaps of another producer
}
