package searchtest

import (
	"crypto/sha256"
	"slices"
	"time"

	"commonfield/catalog"
	"commonfield/catalog/search"
	"commonfield/storage/id"
)

// county is a market's place with its growers.
type county struct {
	region, province, provinceEN, name, nameEN string
	growers                                    []grower
}

// grower is a producer; its key names it in the tables of this room.
type grower struct {
	key, name, nameEN, region, village, story, storyEN string
	goods                                              []goods
}

// goods is a listing. What stands before the slash of its key is its class:
// "walnut/" are walnuts, "walnut-oil/" is the oil of them.
type goods struct {
	key, category, title, titleEN, grade string
	price                                int64 // fen per kg or piece
	harvest                              int   // 20260912; 0: none
	sold                                 bool  // out of stock
	story, storyEN                       string
}

// Synonyms are those an operator might keep.
var Synonyms = search.NewSynonyms([][]string{
	{"核桃", "胡桃", "walnut"}, {"红枣", "大枣", "red date", "jujube", "chinese date"}, {"枸杞", "goji", "wolfberry"},
	{"土豆", "洋芋", "马铃薯", "potato"}, {"玉米", "苞谷", "maize", "corn"}, {"木耳", "wood ear", "black fungus"}, {"辣椒", "chilli", "chili"},
})

// Markets is how many markets the catalogue wants.
var Markets = len(counties())

func counties() []county { return slices.Concat(west, east, south) }

// Catalogue gives the documents for the given markets, and what each is called
// in the tables of this room.
func Catalogue(markets []int32) ([]search.Document, map[search.Key]string) {
	var docs []search.Document
	names := map[search.Key]string{}
	add := func(name string, d search.Document) {
		d.ID, d.Version = ID(name), 1
		names[d.Key] = name
		docs = append(docs, d)
	}
	n := 0
	for i, c := range counties() {
		for _, g := range c.growers {
			place := []string{c.province + c.name, g.village, c.nameEN + ", " + c.provinceEN}
			n++
			add(g.key, search.Document{Key: search.Key{Kind: search.Producer, Market: markets[i]}, Title: g.name, TitleEN: g.nameEN,
				Words: place, Story: g.story, StoryEN: g.storyEN, Producer: ID(g.key), Region: g.region, InStock: true, ListedAt: listed(n)})
			for _, s := range g.goods {
				k, _ := catalog.CategoryOf(s.category)
				words := append([]string{k.Name, k.NameEN}, place...)
				if p, found := catalog.CategoryOf(k.Parent); found {
					words = append(words, p.Name, p.NameEN)
				}
				words = append(words, g.name, g.nameEN)
				if s.grade != "" {
					words = append(words, s.grade)
				}
				n++
				add(s.key, search.Document{Key: search.Key{Kind: search.Listing, Market: markets[i]}, Title: s.title, TitleEN: s.titleEN,
					Words: words, Story: s.story, StoryEN: s.storyEN, Category: s.category, Parent: k.Parent, Producer: ID(g.key),
					Region: g.region, Price: s.price, Currency: "CNY", InStock: !s.sold, HarvestOn: day(s.harvest), ListedAt: listed(n)})
			}
		}
	}
	return docs, names
}

// ID is the id of what the tables call by a name.
func ID(name string) id.ID {
	sum := sha256.Sum256([]byte(name))
	var i id.ID
	copy(i[:], sum[:])
	i[6], i[8] = 0x70|i[6]&0x0f, 0x80|i[8]&0x3f
	return i
}

func listed(n int) time.Time {
	return time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n*37%500) * time.Hour)
}

func day(n int) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Date(n/10000, time.Month(n/100%100), n%100, 0, 0, 0, 0, time.UTC)
}
