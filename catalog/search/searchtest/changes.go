package searchtest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"commonfield/catalog/search"
)

// changes are the promises about what is written; each has an engine of its own.
var changes = []Case{
	{"a smaller version never replaces a larger one", true, versions},
	{"what was removed is not found, and can come back", true, removal},
	{"a title comes back letter by letter", true, titles},
	{"what leaves one place is counted in the other", true, moves},
	{"a rebuild swaps without a gap under readers and writers", true, rebuilds},
	{"a rebuild that is given up changes nothing", true, givenUp},
	{"putting and removing nothing is nothing", true, nothing},
}

func (b *book) put(docs ...search.Document) {
	if err := b.engine.Put(b.ctx, docs); err != nil {
		b.say("put: %v", err)
	}
}

func (b *book) remove(keys ...search.Key) {
	if err := b.engine.Remove(b.ctx, keys); err != nil {
		b.say("remove: %v", err)
	}
}

// finds says whether a text finds a document.
func (b *book) finds(text string, k search.Key) bool {
	for _, h := range b.all(search.Query{Text: text, N: 100}) {
		if h.Key == k {
			return true
		}
	}
	return false
}

func (b *book) stands(k search.Key) int64 {
	version := int64(-1)
	err := b.engine.Each(b.ctx, k.Market, func(other search.Key, v int64) error {
		if other == k {
			version = v
		}
		return nil
	})
	if err != nil {
		b.say("%v", err)
	}
	return version
}

func versions(b *book) {
	d := b.docs[b.key("honey/native")]
	third, second := d, d
	third.Version, third.Title, third.Price = 3, "雪莲花", 77700
	second.Version, second.Title = 2, "雪灵芝"
	b.put(third)
	b.put(second)
	if !b.finds("雪莲花", d.Key) || b.finds("雪灵芝", d.Key) || b.stands(d.Key) != 3 {
		b.say("version 2 replaced version 3; it stands at %d", b.stands(d.Key))
	}
	b.put(second, third, second)
	if !b.finds("雪莲花", d.Key) || b.stands(d.Key) != 3 {
		b.say("of three versions in one call the largest does not stand: %d", b.stands(d.Key))
	}
	again := third
	again.Title = "雪地里的花"
	b.put(again)
	if b.finds("雪地里", d.Key) {
		b.say("a version replaced itself")
	}
	fourth, fifth := third, third
	fourth.Version, fourth.Title, fifth.Version, fifth.Title = 4, "藏红花", 5, "金银花"
	b.put(fifth, fourth)
	if b.finds("藏红花", d.Key) || b.finds("雪莲花", d.Key) || !b.finds("金银花", d.Key) {
		b.say("of 5 and 4 in one call, 5 does not stand alone")
	}
	var all sync.WaitGroup
	for n := int64(6); n < 26; n++ {
		all.Go(func() {
			x := third
			x.Version, x.Title = n, fmt.Sprintf("同时第%d次", n)
			if err := b.engine.Put(b.ctx, []search.Document{x}); err != nil && n == 25 {
				b.say("put beside others: %v", err)
			}
		})
	}
	all.Wait()
	if v := b.stands(d.Key); v != 25 {
		b.say("of twenty versions put at once the last does not stand: %d", v)
	}
	h, err := b.engine.Health(b.ctx)
	if err != nil || h.Documents != int64(len(b.docs)) {
		b.say("new versions are further documents: %d, %v", h.Documents, err)
	}
}

func removal(b *book) {
	k := b.key("peach/pan")
	if !b.finds("蟠桃", k) {
		b.say("蟠桃 is not found to begin with")
	}
	b.remove(k)
	b.remove(k) // is gone already
	b.remove(search.Key{Kind: search.Listing, Market: b.markets[0], ID: ID("nobody")})
	for _, text := range []string{"蟠桃", "pantao", "Flat peaches", ""} {
		if b.finds(text, k) {
			b.say("%q finds what was removed", text)
		}
	}
	for _, f := range b.must(search.Query{Producer: ID("grower/lopnur"), Facets: true}).Facets[search.FacetCategory] {
		if f.Value == "fruit" && f.Count != 1 { // peach/honey
			b.say("what was removed is counted: %v", f)
		}
	}
	if s, err := b.engine.Suggest(b.ctx, "蟠", "zh", 5); err != nil || len(s) > 0 {
		b.say("what was removed is suggested: %v %v", s, err)
	}
	if h, err := b.engine.Health(b.ctx); err != nil || h.Documents != int64(len(b.docs))-1 {
		b.say("after one was removed there are %d of %d: %v", h.Documents, len(b.docs), err)
	}
	back := b.docs[k]
	back.Version = 2
	b.put(back)
	if !b.finds("蟠桃", k) {
		b.say("what came back is not found")
	}
}

func titles(b *book) {
	for i, title := range []string{
		`<b>核桃</b> & "糖" <em>`, "核桃\u202e翻过来", "é́ 核桃", "👨‍👩‍👧‍👦 核桃 🇨🇳", "核桃 " + "很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长",
	} {
		d := b.docs[b.key("walnut/taihang")]
		d.Title, d.Version = title, int64(i+2)
		b.put(d)
		seen := false
		for _, h := range b.all(search.Query{Text: "核桃", Market: d.Market, N: 100}) {
			if h.Key != d.Key {
				continue
			}
			seen = true
			if joined(h.Title) != title || marked(h.Title) != "核桃" {
				b.say("%q comes back as %q with %q marked", title, joined(h.Title), marked(h.Title))
			}
		}
		if !seen {
			b.say("%q is not found", title)
		}
	}
}

func moves(b *book) {
	d := b.docs[b.key("wool/fine")]
	d.Version, d.Category, d.Parent, d.Region, d.InStock = 2, "handicraft", "", "652823200", false
	b.put(d)
	q := search.Query{Producer: d.Producer, Facets: true}
	count := map[string]int64{}
	for _, f := range b.must(q).Facets[search.FacetCategory] {
		count[f.Value] = f.Count
	}
	if count["wool"] != 1 || count["handicraft"] != 3 {
		b.say("after a listing changed its category: %v", count)
	}
	if n := len(b.all(search.Query{Region: "652823101", Producer: d.Producer})); n != 6 { // five goods and the grower
		b.say("%d are in the place that one left", n)
	}
	if n := len(b.all(search.Query{InStock: true, Category: "handicraft", Producer: d.Producer})); n != 2 {
		b.say("%d are in stock", n)
	}
}

// rebuilds reads, puts and removes while a new index is made and swapped in.
func rebuilds(b *book) {
	docs := make([]search.Document, 0, len(b.docs))
	for _, d := range b.docs {
		docs = append(docs, d)
	}
	kept, changed, removed := b.key("walnut/yangbi"), b.docs[b.key("rice/wuchang")], b.key("egg/goose")
	var stop atomic.Bool
	var readers sync.WaitGroup
	var gaps, asked atomic.Int64
	var last error
	readers.Go(func() {
		for !stop.Load() {
			q, _ := search.Query{Text: "漾濞泡核桃"}.Clean()
			a, err := b.engine.Search(b.ctx, q)
			asked.Add(1)
			if err != nil || len(a.Hits) == 0 || a.Hits[0].Key != kept {
				gaps.Add(1)
				last = err
			}
		}
	})
	build, err := b.engine.Rebuild(b.ctx)
	if err != nil {
		b.say("rebuild: %v", err)
		stop.Store(true)
		readers.Wait()
		return
	}
	feed := func(docs []search.Document) {
		if err := build.Put(b.ctx, docs); err != nil {
			b.say("put into the new one: %v", err)
		}
	}
	half := len(docs) / 2
	newer := changed
	newer.Version, newer.Title = 7, "天山头茬新粮"
	b.put(newer) // before its old row is fed, or after: it stands
	feed(docs[:half])
	newest := changed
	newest.Version, newest.Title = 8, "昆仑玉粒"
	b.put(newest)
	b.remove(removed)
	feed(without(docs[half:], removed)) // its row is gone when the walk comes by
	b.remove(removed)
	fresh := changed
	fresh.ID, fresh.Title = ID("rice/fresh"), "帕米尔新稻"
	b.put(fresh)
	if err := build.Swap(b.ctx); err != nil {
		b.say("swap: %v", err)
	}
	for range 20 {
		b.must(search.Query{Text: "核桃"})
	}
	stop.Store(true)
	readers.Wait()
	if gaps.Load() > 0 || asked.Load() == 0 {
		b.say("%d of %d readers found a gap; the last: %v", gaps.Load(), asked.Load(), last)
	}
	if !b.finds("昆仑玉粒", changed.Key) || b.finds("天山头茬新粮", changed.Key) || b.stands(changed.Key) != 8 {
		b.say("what was put meanwhile stands at %d", b.stands(changed.Key))
	}
	if !b.finds("帕米尔新稻", fresh.Key) {
		b.say("what was put meanwhile is lost")
	}
	if b.finds("鹅蛋", removed) || b.stands(removed) >= 0 {
		b.say("what was removed meanwhile is there again")
	}
	if h, err := b.engine.Health(b.ctx); err != nil || h.Documents != int64(len(b.docs)) {
		b.say("after the swap there are %d documents of %d: %v", h.Documents, len(b.docs), err)
	}
	again := b.docs[b.key("rice/maotai")]
	again.Version, again.Title = 2, "换了以后的米"
	b.put(again)
	if !b.finds("换了以后", again.Key) {
		b.say("after the swap nothing can be put")
	}
}

func without(docs []search.Document, k search.Key) []search.Document {
	var rest []search.Document
	for _, d := range docs {
		if d.Key != k {
			rest = append(rest, d)
		}
	}
	return rest
}

func givenUp(b *book) {
	build, err := b.engine.Rebuild(b.ctx)
	if err != nil {
		b.say("rebuild: %v", err)
		return
	}
	if err := build.Drop(b.ctx); err != nil {
		b.say("drop: %v", err)
	}
	if n := len(b.all(search.Query{N: 100})); n != len(b.docs) {
		b.say("%d of %d are found", n, len(b.docs))
	}
	next, err := b.engine.Rebuild(b.ctx) // the way is free again
	if err != nil {
		b.say("rebuild after one was given up: %v", err)
		return
	}
	one := b.docs[b.key("walnut/yangbi")]
	if err := next.Put(b.ctx, []search.Document{one}); err != nil {
		b.say("put: %v", err)
	}
	if err := next.Swap(b.ctx); err != nil {
		b.say("swap: %v", err)
	}
	if hits := b.list(b.all(search.Query{N: 100})); len(hits) != 1 || hits[0] != "walnut/yangbi" {
		b.say("the new index holds one document, and %v are found", hits)
	}
}

func nothing(b *book) {
	b.put()
	b.remove()
	if n := len(b.all(search.Query{N: 100})); n != len(b.docs) {
		b.say("%d of %d are found", n, len(b.docs))
	}
}
