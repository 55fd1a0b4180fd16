package searchtest

import (
	"slices"
	"strings"

	"commonfield/catalog/search"
)

func pages(b *book) {
	for _, q := range []search.Query{{}, {Text: "核桃"}, {Text: "tea"}, {Text: "hetao"}, {Text: "wallnut"}, {Text: "我想买点蜂蜜"}, {Text: "核桃", Category: "walnut"},
		{Text: "核桃", Sort: search.ByPrice}, {Sort: search.ByPriceDown}, {Sort: search.ByNewest}, {Sort: search.ByHarvest}, {Sort: search.ByNear, Near: "652922"}} {
		whole := q
		whole.N = 100
		want := b.list(b.all(whole))
		if len(want) < 5 {
			b.say("%s finds only %v", said(q), want)
		}
		for _, n := range []int{1, 7, 20} {
			if n == 1 && len(want) > 12 {
				continue
			}
			q.N = n
			once, twice := b.list(b.all(q)), b.list(b.all(q))
			if !slices.Equal(once, twice) {
				b.say("%s gives %v, then %v", said(q), once, twice)
			}
			if !slices.Equal(once, want) {
				b.say("%s gives %v in pages of %d and %v in pages of 100", said(q), once, n, want)
			}
		}
		seen := map[string]bool{}
		for _, n := range want {
			if seen[n] {
				b.say("%s gives %s twice", said(q), n)
			}
			seen[n] = true
		}
	}
	if a := b.must(search.Query{}); len(a.Hits) != 20 {
		b.say("a page without a number has %d hits", len(a.Hits))
	}
}

func marks(b *book) {
	for _, c := range []struct{ text, name, zh, en string }{
		{"核桃", "walnut/aksu-paper", "核桃", "walnuts"},
		{"纸皮核桃", "walnut/aksu-paper", "纸皮核桃", "walnuts"},
		{"walnuts", "walnut/aksu-paper", "核桃", "walnuts"},
		{"thin", "walnut/aksu-paper", "", "thin"},
		{"Shelled", "walnut/aksu-paper", "", "shelled"},
		{"新疆 核桃", "walnut/aksu-paper", "核桃", "walnuts"},
		{"hetao", "walnut/aksu-paper", "核桃", ""},
		{"蜂蜜", "honey/wild", "蜂蜜", ""},
		{"ياڭاق", "walnut/uyghur", "ياڭاق", "ياڭاق"},
	} {
		at := slices.IndexFunc(b.all(search.Query{Text: c.text, N: 100}), func(h search.Hit) bool { return b.name(h) == c.name })
		if at < 0 {
			b.say("%s does not find %s", c.text, c.name)
			continue
		}
		h := b.all(search.Query{Text: c.text, N: 100})[at]
		if got := marked(h.Title); got != c.zh {
			b.say("%s marks %q in %s, not %q", c.text, got, joined(h.Title), c.zh)
		}
		if got := marked(h.TitleEN); !strings.EqualFold(got, c.en) && !strings.EqualFold(got+"s", c.en) {
			b.say("%s marks %q in %s, not %q", c.text, got, joined(h.TitleEN), c.en)
		}
	}
	for _, h := range b.all(search.Query{N: 100}) {
		if marked(h.Title)+marked(h.TitleEN) != "" {
			b.say("nothing was looked for, and %s is marked", b.name(h))
		}
	}
}

func suggests(b *book) {
	for _, c := range []struct{ text, lang, want string }{
		{"核", "zh", "核桃"}, {"核桃", "zh", "核桃"}, {"wal", "en", "walnut"}, {"het", "zh", "核桃"}, {"hetao", "zh", "核桃"}, {"goj", "en", "goji"}, {"银", "zh", "银耳"}, {"小", "zh", "小米"},
	} {
		got, err := b.engine.Suggest(b.ctx, c.text, c.lang, 6)
		if err != nil || len(got) == 0 || len(got) > 6 {
			b.say("%s suggests %v: %v", c.text, got, err)
			continue
		}
		if !strings.Contains(strings.ToLower(got[0].Text), c.want) {
			b.say("%s suggests %q first, not %s", c.text, got[0].Text, c.want)
		}
		seen := map[string]bool{}
		for _, s := range got {
			if seen[s.Text] {
				b.say("%s suggests %s twice", c.text, s.Text)
			}
			seen[s.Text] = true
			if a := b.must(search.Query{Text: s.Text}); len(a.Hits) == 0 {
				b.say("%s suggests %s, which finds nothing", c.text, s.Text)
			}
		}
	}
	for _, text := range []string{"", "   ", "qwrtzp", strings.Repeat("核", 4000), "\x00", "\xff"} {
		got, err := b.engine.Suggest(b.ctx, text, "zh", 6)
		if err != nil || len(got) > 0 {
			b.say("%.20q suggests %v: %v", text, got, err)
		}
	}
}

func synonyms(b *book) {
	for _, same := range [][2]string{{"胡桃", "核桃"}, {"jujube", "红枣"}, {"wolfberry", "枸杞"}, {"洋芋", "土豆"}, {"苞谷", "玉米"}} {
		got := b.list(b.all(search.Query{Text: same[0], N: 100}))
		for _, n := range b.list(b.must(search.Query{Text: same[1], N: 10}).Hits) {
			if !slices.Contains(got, n) {
				b.say("%s does not find %s, which %s finds", same[0], n, same[1])
			}
		}
	}
}

func walks(b *book) {
	for _, m := range append([]int32{0}, b.markets...) { // the platform has no goods
		seen := map[search.Key]int64{}
		err := b.engine.Each(b.ctx, m, func(k search.Key, v int64) error {
			if k.Market != m {
				b.say("a walk through market %d meets %v", m, k)
			}
			seen[k]++
			if v != b.docs[k].Version {
				b.say("%s has version %d", b.names[k], v)
			}
			return nil
		})
		if err != nil {
			b.say("%v", err)
		}
		for k := range b.docs {
			if k.Market == m && seen[k] != 1 {
				b.say("%s is met %d times", b.names[k], seen[k])
			}
		}
	}
}

func health(b *book) {
	h, err := b.engine.Health(b.ctx)
	if err != nil || h.Documents != int64(len(b.docs)) || h.Engine != b.engine.Name() || h.Version == "" || h.Lag < 0 {
		b.say("%+v of %d documents: %v", h, len(b.docs), err)
	}
}
