// Package made makes documents up for measuring: as many as are asked for, the
// same ones each time, with the words of real goods so often as a shop has
// them. Document n is a function of n alone, so that any part of a set can be
// made again by itself.
package made

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"commonfield/catalog"
	"commonfield/catalog/search"
	"commonfield/storage/id"
)

// PerProducer is how many documents belong to one producer, itself among them.
const PerProducer = 20

// Documents makes n documents in the given markets, each market in a county of
// its own as long as there are counties.
func Documents(n int, markets []int32) iter.Seq[search.Document] {
	return func(yield func(search.Document) bool) {
		for i := range n {
			if !yield(Document(i, markets)) {
				return
			}
		}
	}
}

// Of makes those of n documents that are in the mth market.
func Of(m, n int, markets []int32) []search.Document {
	var all []search.Document
	for from := m * PerProducer; from < n; from += len(markets) * PerProducer {
		for i := from; i < min(from+PerProducer, n); i++ {
			all = append(all, Document(i, markets))
		}
	}
	return all
}

// Document makes the nth one.
func Document(n int, markets []int32) search.Document {
	grower := n / PerProducer
	of := rand.New(rand.NewPCG(uint64(grower), 1))
	m := grower % len(markets)
	c := counties[m%len(counties)]
	name, nameEN := person(of)
	region := fmt.Sprintf("%s%03d", c.code, 100+of.IntN(12))
	village := pick(of, villages)
	place := []string{c.province + c.name, village[0], c.nameEN}
	d := search.Document{Key: search.Key{Kind: search.Producer, Market: markets[m], ID: ID(n)}, Version: 1, Title: name, TitleEN: nameEN, Words: place,
		Producer: ID(grower * PerProducer), Region: region, InStock: true, ListedAt: begin.Add(time.Duration(n%500_000) * time.Minute)}
	if n%PerProducer == 0 {
		d.Story, d.StoryEN = village[0]+"的"+name+"，"+pick(of, stories)[0], nameEN+" of "+village[1]+"."
		return d
	}
	r := rand.New(rand.NewPCG(uint64(n), 2))
	g := goods[min(int(r.ExpFloat64()*float64(len(goods))/4), len(goods)-1)]
	sort, quality, story := pick(r, g.sorts), pick(r, qualities), pick(r, stories)
	d.Kind, d.Category = search.Listing, g.category
	kind, _ := catalog.CategoryOf(g.category)
	d.Parent = kind.Parent
	d.Title = sort[0] + quality[0]
	d.TitleEN = sort[1] + quality[1]
	if r.IntN(3) == 0 {
		d.Title, d.TitleEN = c.name[:len(c.name)-len("县")]+sort[0]+quality[0], c.nameEN+" "+sort[1]+quality[1]
	}
	if r.IntN(4) == 0 {
		number := 1 + r.IntN(99)
		d.Title, d.TitleEN = fmt.Sprintf("%s %d号", d.Title, number), fmt.Sprintf("%s no. %d", d.TitleEN, number)
	}
	d.Words = append([]string{kind.Name, kind.NameEN, name, nameEN, grades[r.IntN(len(grades))]}, place...)
	d.Story, d.StoryEN = village[0]+"的"+sort[0]+"，"+story[0], story[1]
	d.Price = int64(g.price/2 + r.IntN(g.price))
	d.Currency = "CNY"
	d.InStock = r.IntN(8) > 0
	if r.IntN(5) > 0 {
		d.HarvestOn = time.Date(2023+r.IntN(4), time.Month(6+r.IntN(6)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	}
	return d
}

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ID is the id of the nth document: it sorts as n does.
func ID(n int) id.ID {
	var i id.ID
	binary.BigEndian.PutUint64(i[:8], uint64(begin.UnixMilli()+int64(n))<<16)
	binary.BigEndian.PutUint64(i[8:], uint64(n))
	i[6], i[8] = 0x70, 0x80
	return i
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func person(r *rand.Rand) (string, string) {
	family, given := pick(r, families), pick(r, givens)
	if r.IntN(6) == 0 {
		return family[0] + given[0] + "合作社", family[1] + " " + given[1] + " cooperative"
	}
	return family[0] + given[0], family[1] + " " + given[1]
}
