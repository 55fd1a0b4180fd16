package part

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"
)

// Chart is earnings by month against a goal band; Low and High zero for none.
type Chart struct {
	Title     string
	Currency  string
	Months    []Month
	Low, High int64
	Small     bool
	Sums      string // what the sums are, where nothing was earned by anybody and nothing is expected
}

// Month is what one month earned, and what it still expects.
type Month struct {
	At              time.Time
	Minor, Expected int64
}

func (c Chart) height() int64 {
	if c.Small {
		return 118
	}
	return 204
}

func (c Chart) tall() string { return strconv.FormatInt(c.height()+32, 10) }
func (c Chart) foot() string { return strconv.FormatInt(c.height()+20, 10) }
func (c Chart) base() string { return strconv.FormatInt(c.height(), 10) + ".5" }

// top is the sum at the upper edge.
func (c Chart) top() int64 {
	top := c.High + c.High/20
	for _, m := range c.Months {
		top = max(top, m.Minor+m.Expected)
	}
	return max(top, 1)
}

func (c Chart) pixels(minor int64) int64 { return max(minor, 0) * (c.height() - 24) / c.top() }

func (c Chart) y(minor int64) string   { return strconv.FormatInt(c.height()-c.pixels(minor), 10) }
func (c Chart) h(minor int64) string   { return strconv.FormatInt(c.pixels(minor), 10) }
func (c Chart) gap(minor int64) string { return strconv.FormatInt(max(c.pixels(minor)-1, 0), 10) }
func (c Chart) band() string           { return strconv.FormatInt(c.pixels(c.High)-c.pixels(c.Low), 10) }
func (c Chart) above(minor int64) string {
	return strconv.FormatInt(c.height()-c.pixels(minor)-8, 10)
}
func (c Chart) under(minor int64) string {
	return strconv.FormatInt(c.height()-c.pixels(minor)+16, 10)
}
func (c Chart) over(minor int64) string {
	return strconv.FormatInt(c.height()-c.pixels(minor)-6, 10)
}

// slot is a month's width in hundredths of a per cent; the goal's words keep
// the right edge free.
func (c Chart) slot() int {
	free := 10000
	if c.High > 0 {
		free = 8200
	}
	return free / max(len(c.Months), 1)
}

func share(n int) string { return fmt.Sprintf("%d.%02d%%", n/100, n%100) }

// bar is a month's breadth: a month alone is no giant.
func (c Chart) bar() int { return min(c.slot()*2/3, 1800) }

func (c Chart) x(i int) string   { return share(c.slot()*i + (c.slot()-c.bar())/2) }
func (c Chart) wide() string     { return share(c.bar()) }
func (c Chart) mid(i int) string { return share(c.slot()*i + c.slot()/2) }

// crowded says that on a phone the months stand too close for a sum over each.
func (c Chart) crowded() bool { return len(c.Months) > 7 }

// unnamed says whether a month's own name gives way on a phone: each second one, the
// last never.
func (c Chart) unnamed(i int) bool { return c.crowded() && (len(c.Months)-1-i)%2 == 1 }

// spare says whether a sum gives way on a phone: all but the last, and the highest
// where it stands apart.
func (c Chart) spare(i int) bool {
	peak, last := 0, len(c.Months)-1
	for j, m := range c.Months {
		if m.Minor+m.Expected > c.Months[peak].Minor+c.Months[peak].Expected {
			peak = j
		}
	}
	return c.crowded() && i != last && (i != peak || last-peak < 4)
}

// sumAt is where a month's sum stands: the last of many ends with the drawing.
func (c Chart) sumAt(i int) (x, anchor string) {
	if c.crowded() && i == len(c.Months)-1 {
		return "100%", "end"
	}
	return c.mid(i), "middle"
}

func code(address string) [][]bool {
	q, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return nil
	}
	q.DisableBorder = true
	return q.Bitmap()
}

func codeBox(address string) string {
	n := strconv.Itoa(len(code(address)))
	return "0 0 " + n + " " + n
}

// codePath draws each run of dark squares as one bar.
func codePath(address string) string {
	var b strings.Builder
	for y, row := range code(address) {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			from := x
			for x < len(row) && row[x] {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	return b.String()
}
