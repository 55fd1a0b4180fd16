package sheet

import (
	_ "embed"
	"io"
	"strings"

	"github.com/signintech/gopdf"
)

// Type is the media type of what PDF writes.
const Type = "application/pdf"

//go:embed font/WenQuanYiMicroHei.ttf
var font []byte

// An A4 page in points, and its edges.
const (
	wide, high  = 595.28, 841.89
	edge        = 54.0
	inner       = wide - 2*edge
	bottom      = high - 70.0
	gutter      = 8.0
	family      = "body"
	large       = 18.0
	body        = 10.0
	small       = 8.5
	leading     = 1.45
	most        = 10_000 // rows: some hundred pages
	longestText = 2_000
)

// turns lets two papers be written at once: each parses the font and holds some
// ten megabytes while it does.
var turns = make(chan struct{}, 2)

// PDF writes the sheet as A4 pages.
func PDF(w io.Writer, s Sheet) error {
	turns <- struct{}{}
	defer func() { <-turns }()
	d := &drawing{pdf: &gopdf.GoPdf{}, s: s}
	d.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	d.pdf.SetInfo(gopdf.PdfInfo{Title: named(clean(s.Title + " " + s.Number)), Creator: "Commonfield", Producer: "Commonfield"})
	if err := d.pdf.AddTTFFontDataWithOption(family, font, gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return '□' }}); err != nil {
		return err
	}
	// Once to count the pages, once to write "1 of 3" on each.
	d.dry = true
	d.draw()
	d.of, d.n, d.dry = d.n, 0, false
	d.draw()
	if d.err != nil {
		return d.err
	}
	_, err := d.pdf.WriteTo(w)
	return err
}

// named is a title that a file can carry: its writer spoils what lies beyond the
// first plane of Unicode.
func named(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xffff || r == '\n' {
			return -1
		}
		return r
	}, s)
}

// drawing is one paper being written, from above to below.
type drawing struct {
	pdf   *gopdf.GoPdf
	s     Sheet
	y     float64
	n, of int
	dry   bool
	err   error
}

func (d *drawing) draw() {
	d.page()
	d.head()
	d.table()
	d.sums()
	for i, note := range d.s.Notes {
		if i == 0 {
			d.y += 10
		}
		d.text(inner, small, note)
	}
}

// page begins a further page and says at its foot which it is.
func (d *drawing) page() {
	d.n++
	d.y = edge
	if d.dry {
		return
	}
	d.pdf.AddPage()
	d.rule(bottom+14, 0.4)
	d.at(edge, bottom+20, inner*0.7, small, d.s.Foot, false)
	if d.s.Page != nil {
		d.at(edge, bottom+20, inner, small, d.s.Page(d.n, d.of), true)
	}
}

func (d *drawing) head() {
	d.text(inner, large, d.s.Title)
	if d.s.Number != "" {
		d.text(inner, body, d.s.Number)
	}
	d.y += 4
	if d.s.Lead != "" {
		d.text(inner, small, d.s.Lead)
	}
	d.y += 8
	for _, f := range d.s.Facts {
		label, value := d.split(f.Label, inner*0.26-gutter, body), d.split(f.Value, inner*0.74, body)
		d.lines(max(len(label), len(value)), body, func(i int) {
			d.nth(label, i, edge, inner*0.26, body, false)
			d.nth(value, i, edge+inner*0.26, inner*0.74, body, false)
		})
	}
	d.y += 10
}

// table writes the rows; each page begins with the columns' names.
func (d *drawing) table() {
	if len(d.s.Cols) == 0 {
		return
	}
	names := make([]string, len(d.s.Cols))
	for i, c := range d.s.Cols {
		names[i] = c.Label
	}
	head := func() {
		d.row(names, "", small)
		d.rule(d.y+1, 0.8)
		d.y += 5
	}
	head()
	for i, r := range d.s.Rows {
		if i == most {
			break
		}
		if d.y+d.rowHigh(r) > bottom {
			d.page()
			head()
		}
		d.row(r.Cells, r.Under, body)
		d.rule(d.y+1, 0.3)
		d.y += 5
	}
}

func (d *drawing) widths() []float64 {
	all := 0
	for _, c := range d.s.Cols {
		all += c.Share
	}
	w := make([]float64, len(d.s.Cols))
	for i, c := range d.s.Cols {
		w[i] = inner * float64(c.Share) / float64(max(all, 1))
	}
	return w
}

func (d *drawing) rowHigh(r Row) float64 {
	most, w := 1, d.widths()
	for i, cell := range r.Cells {
		most = max(most, len(d.split(cell, w[i]-gutter, body)))
	}
	h := float64(most) * body * leading
	if r.Under != "" {
		h += float64(len(d.split(r.Under, inner*0.9, small))) * small * leading
	}
	return h + 6
}

func (d *drawing) row(cells []string, under string, size float64) {
	w := d.widths()
	wrapped, most := make([][]string, len(cells)), 1
	for i, cell := range cells {
		wrapped[i] = d.split(cell, w[i]-gutter, size)
		most = max(most, len(wrapped[i]))
	}
	d.lines(most, size, func(n int) {
		x := edge
		for i := range cells {
			d.nth(wrapped[i], n, x, w[i]-gutter*(1-last(i, len(cells))), size, d.s.Cols[i].Num)
			x += w[i]
		}
	})
	if under != "" {
		d.text(inner*0.9, small, under)
	}
}

// last is 1 for the last column, which ends at the page's edge.
func last(i, n int) float64 {
	if i == n-1 {
		return 1
	}
	return 0
}

func (d *drawing) sums() {
	high := float64(len(d.s.Sums))*body*leading + 16
	if d.y+high > bottom {
		d.page()
	}
	d.y += 4
	for _, s := range d.s.Sums {
		size := body
		if s.Loud {
			size = body + 2
		}
		label := d.split(s.Label, inner*0.66, size)
		d.lines(len(label), size, func(i int) {
			d.nth(label, i, edge, inner*0.66, size, false)
			if i == 0 {
				d.at(edge, d.y, inner, size, s.Value, true)
			}
		})
		if s.Loud {
			d.rule(d.y+1, 0.6)
			d.rule(d.y+3.2, 0.6)
			d.y += 7
		}
	}
}

// text writes a paragraph.
func (d *drawing) text(w, size float64, s string) {
	lines := d.split(s, w, size)
	d.lines(len(lines), size, func(i int) { d.nth(lines, i, edge, w, size, false) })
}

// lines goes down n lines, over to a new page where it ends.
func (d *drawing) lines(n int, size float64, write func(i int)) {
	for i := range n {
		if d.y+size*leading > bottom {
			d.page()
		}
		write(i)
		d.y += size * leading
	}
}

func (d *drawing) nth(lines []string, i int, x, w, size float64, right bool) {
	if i < len(lines) {
		d.at(x, d.y, w, size, lines[i], right)
	}
}

// at writes one line.
func (d *drawing) at(x, y, w, size float64, s string, right bool) {
	if d.dry || d.err != nil || s == "" {
		return
	}
	if d.err = d.pdf.SetFont(family, "", size); d.err != nil {
		return
	}
	align := gopdf.Left
	if right {
		align = gopdf.Right
	}
	d.pdf.SetXY(x, y)
	d.err = d.pdf.CellWithOption(&gopdf.Rect{W: w, H: size * leading}, s, gopdf.CellOption{Align: align})
}

func (d *drawing) rule(y, width float64) {
	if !d.dry {
		d.pdf.SetLineWidth(width)
		d.pdf.Line(edge, y, wide-edge, y)
	}
}
