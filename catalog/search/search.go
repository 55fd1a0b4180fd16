// Package search finds what people look for the way they think of it: Chinese,
// English, pinyin whole or by initials, with typing errors. It knows documents
// and no listing: rooms hand in a Source each of what they want found, and a
// document is a pure function of its row. Two engines implement Engine and pass
// one suite (search/searchtest): search/pg in the database, search/meili beside
// it. What a page shows of a hit is read from the rows again; a sale never
// trusts the index.
package search

import (
	"context"
	"time"

	"commonfield/storage/id"
)

// The kinds of documents.
const (
	Listing  = "listing"
	Producer = "producer"
)

// Key names a document: a row of one market.
type Key struct {
	Kind   string
	Market int32
	ID     id.ID
}

// Document is what an engine knows of one row. The order of texts is their
// weight: a title counts more than a word, a word more than the story.
type Document struct {
	Key
	Version   int64 // a smaller one never replaces a larger one
	Title     string
	TitleEN   string
	Words     []string // names of category, producer, place, grade; in both languages
	Story     string
	StoryEN   string
	Category  string    // code; "" for what has none
	Parent    string    // the category above it, "" at the top
	Producer  id.ID     // whose it is
	Region    string    // division code, down to the township
	Price     int64     // minor units per kg (weight) or per piece (count); 0: none
	Currency  string    //
	InStock   bool      //
	HarvestOn time.Time // zero: none
	ListedAt  time.Time // for "newest"
}

// Sort is an order of hits; each ends with the key, so that pages are stable.
type Sort string

// The orders of hits.
const (
	ByRelevance Sort = ""           // best first; of equals what is in stock, then the newest
	ByPrice     Sort = "price"      // cheapest first
	ByPriceDown Sort = "price_down" //
	ByNewest    Sort = "newest"     // listed last first
	ByHarvest   Sort = "harvest"    // harvested last first
	ByNear      Sort = "near"       // nearest to Query.Near, by how much of the division code is shared; of equals as by relevance
)

// Query is what somebody looks for; zero fields do not filter. An engine gets
// it cleaned (Clean), with the operator's synonyms.
type Query struct {
	Text      string // at most 200 runes count
	Kind      string
	Market    int32
	Category  string // with what is below it
	Region    string // with what is below it: a code's leading digits
	Producer  id.ID
	PriceFrom int64 // minor units per kg or piece
	PriceTo   int64
	InStock   bool
	Harvest   int // year
	Near      string
	Sort      Sort
	After     string // the cursor that an answer gave
	N         int    // 0: 20; at most 100
	Facets    bool   // count them too
	Synonyms  *Synonyms
}

// Facet is one value and how many hits have it, the most first.
type Facet struct {
	Value string
	Count int64
}

// The names of facets in an answer.
const (
	FacetCategory = "category"
	FacetMarket   = "market"
	FacetRegion   = "region" // counties
	FacetHarvest  = "harvest"
)

// Piece is a part of a title; Found ones are shown marked.
type Piece struct {
	Text  string
	Found bool
}

// Hit is one document found.
type Hit struct {
	Key
	Title   []Piece
	TitleEN []Piece
}

// Answer is one page of hits. A facet counts under all filters but its own.
type Answer struct {
	Hits      []Hit
	Total     int64
	Exact     bool // false: there are at least Total
	Facets    map[string][]Facet
	Next      string // "" at the end
	Corrected string // what was looked for instead, when nothing had been found as typed
	Partly    bool   // nothing has all that was typed: these have some of it
}

// Suggestion completes what somebody is typing.
type Suggestion struct {
	Text string
	Kind string // of what is found by it
}

// Health is how an engine is.
type Health struct {
	Engine    string // pg, meili
	Version   string
	Documents int64
	Lag       time.Duration // age of the oldest change that is not found yet
}

// Engine finds documents. It is asked by the Desk alone, which knows sources,
// synonyms and outbox. Every verb may be called twice. An engine that cannot
// be reached answers with fault.Unavailable ("search_down"), a wrong cursor,
// facet value or sort with fault.Invalid.
type Engine interface {
	Name() string
	Search(ctx context.Context, q Query) (Answer, error)
	Suggest(ctx context.Context, text, lang string, n int) ([]Suggestion, error)
	// Put writes documents, each only over an older version of itself, and
	// returns when they can be found.
	Put(ctx context.Context, docs []Document) error
	// Remove takes documents out; what is not there is gone already.
	Remove(ctx context.Context, keys []Key) error
	// Rebuild makes an empty index beside the live one. What is put and removed
	// meanwhile reaches both.
	Rebuild(ctx context.Context) (Build, error)
	// Each walks what can be found, for the audit.
	Each(ctx context.Context, market int32, see func(Key, int64) error) error
	Health(ctx context.Context) (Health, error)
}

// Build is an index in the making.
type Build interface {
	Put(ctx context.Context, docs []Document) error
	// Swap makes it the live one in a moment; the old one goes.
	Swap(ctx context.Context) error
	// Drop gives it up.
	Drop(ctx context.Context) error
}
