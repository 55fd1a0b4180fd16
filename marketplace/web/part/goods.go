package part

import (
	"strconv"
	"strings"

	"commonfield/storage/money"
)

// Goods is a listing on a card.
type Goods struct {
	Href, Title, Place string
	Pieces             []Piece // the title, with what was found marked; empty for the plain one
	Note               string  // a second line, such as when it was harvested
	Badge              string  // on the picture
	Picture            Picture
	Price              int64 // for one unit
	Currency, Unit     string
	Parts              Parts // how the price is shared; zero when unknown
	Sold               bool
}

// Item is one of the goods in a basket or an order. Count is a finished
// sentence of how much, Each the price of one unit.
type Item struct {
	Title, Href string
	Count, Each string
	Picture     Picture
	Minor       int64
	Currency    string
}

// Row is a labelled sum.
type Row struct {
	Label string
	Minor int64
	Total bool
}

// Fact is a name and its value.
type Fact struct{ Name, Value, Href string }

// Parts says who receives how much of a sum, in minor units.
type Parts struct{ Producer, Agent, Transport, Platform, Tax int64 }

type segment struct {
	Class, Key, X, Width string
	Minor, Of100         int64
	Gap                  bool
}

// said is the sum, or the share of 100 where there is no currency.
func (s segment) said(f Frame, currency string) string {
	if currency == "" {
		return f.Reader.Count(s.Of100)
	}
	return f.Reader.Money(s.Minor, currency)
}

func (p Parts) weights() []int64 {
	return []int64{p.Producer, p.Agent, p.Transport, p.Platform, p.Tax}
}

func (p Parts) total() int64 {
	return p.Producer + p.Agent + p.Transport + p.Platform + p.Tax
}

// of100 shares 100 yuan like the sum; the five whole numbers add up to 100.
func (p Parts) of100() []int64 {
	if p.total() <= 0 {
		return make([]int64, 5)
	}
	return money.Split(100, p.weights())
}

// percent places a sum on the bar, to a hundredth of a per cent.
func (p Parts) percent(sum int64) string {
	total := p.total()
	if total <= 0 {
		return "0%"
	}
	n := sum * 10000 / total
	return strconv.FormatInt(n/100, 10) + "." + string([]byte{byte('0' + n/10%10), byte('0' + n%10), '%'})
}

var (
	partClass = []string{"p-producer", "p-agent", "p-transport", "p-platform", "p-rest"}
	partKey   = []string{"hundred.producer", "hundred.agent", "hundred.transport", "hundred.platform", "hundred.tax"}
)

// segments are the pieces that receive anything, in the one order they have
// everywhere.
func (p Parts) segments() []segment {
	var out []segment
	var before int64
	of100 := p.of100()
	for i, minor := range p.weights() {
		if minor <= 0 {
			continue
		}
		out = append(out, segment{
			Class: partClass[i], Key: partKey[i], Minor: minor, Of100: of100[i],
			X: p.percent(before), Width: p.percent(minor), Gap: len(out) > 0,
		})
		before += minor
	}
	return out
}

// spoken is the bar for those who cannot see it.
func spoken(f Frame, all []segment, currency string) string {
	words := make([]string, 0, len(all))
	for _, s := range all {
		words = append(words, f.T(s.Key)+" "+s.said(f, currency))
	}
	return strings.Join(words, f.T("word.comma"))
}
