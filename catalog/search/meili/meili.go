// Package meili finds documents with Meilisearch, a search server beside the
// database. It is used when its address is given; search/pg is the default.
//
// The server's own cutting of Chinese into words misses half of what grows
// (木耳 in 黑木耳), and depends on how the server was built. So documents are
// sent cut already: pairs of characters, single characters, stemmed words,
// pinyin and initials, each in a field of its own; Chinese is written in an
// alphabet that no tokenizer cuts. What the server adds is typing errors,
// unfinished words and order.
//
// The server has no conditional write. Within one process a larger version is
// never replaced by a smaller one: writes to one key are made one after the
// other, each after a look at what stands there. Two processes that write the
// same key in the same moment may leave the smaller version; who writes looks
// at the row again afterwards, and the audit compares.
package meili

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"commonfield/catalog/search"
	"commonfield/storage/fault"
)

// Options say where the server is.
type Options struct {
	URL    string
	Key    string // "" where the server asks for none
	Prefix string // of the names of indexes, so that installations can share a server; "commonfield"
	Log    *slog.Logger
	Client *http.Client // nil: one with a time limit

	Patience time.Duration // for one answer; 3 s
	Finish   time.Duration // for a task to be done; 60 s
}

// layout is the number of the fields' meaning. A new one is a new index, which
// is empty until everything is indexed again.
const layout = "1"

// The oldest server that the engine was held to; a next major one is refused
// until somebody has tried.
const oldestMajor, oldestMinor = 1, 50

// Engine is Meilisearch as search.Engine.
type Engine struct {
	server  meilisearch.ServiceManager
	live    string
	log     *slog.Logger
	o       Options
	version string

	swap sync.RWMutex // a swap waits for writes, and they for it
	keys keys         // writes to one key are one after the other
}

// Open looks for the server, checks that its version is one we know, and makes
// the index where there is none; such an index is empty, and the log says that
// everything must be indexed again. A server that cannot be reached, or refuses
// the key, is fault.Unavailable("search_down").
func Open(ctx context.Context, o Options) (search.Engine, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Prefix == "" {
		o.Prefix = "commonfield"
	}
	if o.Patience == 0 {
		o.Patience = 3 * time.Second
	}
	if o.Finish == 0 {
		o.Finish = time.Minute
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 2 * time.Minute}
	}
	e := &Engine{o: o, log: o.Log, live: o.Prefix + "_documents_" + layout,
		// The library's own retries send an empty body: filters would be lost.
		server: meilisearch.New(strings.TrimRight(o.URL, "/"), meilisearch.WithAPIKey(o.Key), meilisearch.WithCustomClient(o.Client), meilisearch.DisableRetries())}
	v, err := ask(ctx, e, e.server.VersionWithContext)
	if err != nil {
		return nil, err
	}
	if e.version = v.PkgVersion; !known(e.version) {
		return nil, down(fmt.Errorf("meili: server version %q is not one that was tried: it must be at least %d.%d and below %d.0", e.version, oldestMajor, oldestMinor, oldestMajor+1))
	}
	all, err := e.indexes(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(all, e.live) {
		e.log.Warn("search: there is no index yet; an empty one is made, run: commonfield reindex", "index", e.live)
		if err := e.create(ctx, e.live); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func known(version string) bool {
	part := strings.SplitN(version, ".", 3)
	if len(part) != 3 {
		return false
	}
	major, err1 := strconv.Atoi(part[0])
	minor, err2 := strconv.Atoi(part[1])
	return err1 == nil && err2 == nil && major == oldestMajor && minor >= oldestMinor
}

// Name is meili.
func (e *Engine) Name() string { return "meili" }

// Health tells the server's version and how many documents can be found. A
// server that lost its index (it was started on an empty folder) is
// fault.Unavailable("search_down"), and the log says what to do.
func (e *Engine) Health(ctx context.Context) (search.Health, error) {
	h := search.Health{Engine: e.Name(), Version: e.version}
	s, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.StatsIndex, error) {
		return e.server.Index(e.live).GetStatsWithContext(ctx, nil)
	})
	if err != nil {
		return h, err
	}
	v, err := ask(ctx, e, e.server.VersionWithContext)
	if err != nil {
		return h, err
	}
	h.Version, h.Documents = v.PkgVersion, s.NumberOfDocuments
	return h, nil
}

// create makes an index with its settings.
func (e *Engine) create(ctx context.Context, name string) error {
	err := e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return e.server.CreateIndexWithContext(ctx, &meilisearch.IndexConfig{Uid: name, PrimaryKey: "id"})
	})
	var failed *taskError
	if errors.As(err, &failed) && failed.code == "index_already_exists" { // another instance was quicker
		err = nil
	}
	if err != nil {
		return err
	}
	return e.done(ctx, func(ctx context.Context) (*meilisearch.TaskInfo, error) {
		return e.server.Index(name).UpdateSettingsWithContext(ctx, settings())
	})
}

// settings are what the engine wants of an index. The order of the searched
// fields is their weight.
func settings() *meilisearch.Settings {
	return &meilisearch.Settings{
		RankingRules:         []string{"sort", "words", "typo", "attributeRank", "stock:desc", "size:asc", "listed:desc", "id:asc"},
		SearchableAttributes: searched,
		FilterableAttributes: []string{"kind", "market", "category", "parent", "places", "county", "producer", "price", "stock", "year", "gone", "id"},
		SortableAttributes:   []string{"price", "listed", "harvest", "stock", "size", "id"},
		TypoTolerance: &meilisearch.TypoTolerance{Enabled: true, MinWordSizeForTypos: meilisearch.MinWordSizeForTypos{OneTypo: 4, TwoTypos: 8},
			DisableOnWords: []string{}, DisableOnAttributes: exact, DisableOnNumbers: true},
		Pagination:         &meilisearch.Pagination{MaxTotalHits: deepest + search.Most},
		Faceting:           &meilisearch.Faceting{MaxValuesPerFacet: 1000, SortFacetValuesBy: map[string]meilisearch.SortFacetType{"*": meilisearch.SortFacetTypeCount}},
		ProximityPrecision: meilisearch.ByAttribute,
		// Everything is cut already; a guess at the language would cut pinyin again.
		LocalizedAttributes: []*meilisearch.LocalizedAttributes{{AttributePatterns: []string{"*"}, Locales: locales}},
	}
}

var locales = []string{"eng"}

// down is what callers see of a server that does not do its work.
func down(cause error) *fault.Fault { return fault.Unavailable("search_down").Because(cause) }
