package api

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/region"
	"commonfield/catalog"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Here is a path that begins with a market.
type Here struct {
	Market string `path:"market" doc:"the market's code (YL) or number"`
}

// This is a path that names one row of a market.
type This struct {
	Here
	ID string `path:"id" doc:"id"`
}

// Page is how a list is asked for.
type Page struct {
	After string `query:"after" doc:"the cursor that the last page gave as next"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" doc:"how many, 1 to 100; 20 when it is left out"`
}

type with[B any] struct{ Body B }

type thisWith[B any] struct {
	This
	Body B
}

// thisMaybe takes a body that may be left out.
type thisMaybe[B any] struct {
	This
	Body *B
}

// list is a piece of a list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"cursor of the next piece; empty at the end"`
}

// listed makes a whole list that has no further pieces.
func listed[R, T any](rows []R, show func(R) T) list[T] {
	out := list[T]{Items: make([]T, 0, len(rows))}
	for _, r := range rows {
		out.Items = append(out.Items, show(r))
	}
	return out
}

// paged is listed for a query that was asked for one row more than it shows.
func paged[R, T any](rows []R, n int, show func(R) T, idOf func(R) id.ID) list[T] {
	next := ""
	if len(rows) > n {
		rows = rows[:n]
		next = idOf(rows[n-1]).String()
	}
	out := listed(rows, show)
	out.Next = next
	return out
}

// most rows of a page, and the usual number.
const (
	mostRows  = 100
	usualRows = 20
)

func (p Page) size() int {
	if p.Limit <= 0 {
		return usualRows
	}
	return min(p.Limit, mostRows)
}

// cursor is the last row seen; none is the beginning.
func (p Page) cursor() (id.ID, error) {
	if p.After == "" {
		return id.None, nil
	}
	after, ok := id.Parse(p.After)
	if !ok {
		return id.None, fault.Invalid("after", "cursor_bad")
	}
	return after, nil
}

// row reads the id of something that a path names.
func row(text string) (id.ID, error) {
	i, ok := id.Parse(text)
	if !ok {
		return i, fault.NotFound("not_found")
	}
	return i, nil
}

// reference reads the id of something that a body or a query names.
func reference(field, text string) (id.ID, error) {
	i, ok := id.Parse(text)
	switch {
	case text == "":
		return i, fault.Invalid(field, "required")
	case !ok:
		return i, fault.Invalid(field, "invalid")
	}
	return i, nil
}

var marketCode = regexp.MustCompile(`^[A-Z]{2,8}$`)

// market finds a market by its code or its number, the platform by 0.
func (v *visit) market(text string) (region.Market, error) {
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	m, err := v.findMarket(strings.ToUpper(strings.TrimSpace(text)))
	if err == nil {
		v.reader = v.reader.At(m.Location(), v.s.DB.Now())
	}
	return m, err
}

func (v *visit) findMarket(text string) (region.Market, error) {
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return v.s.Books.Market(v.ctx, int32(n))
	}
	if !marketCode.MatchString(text) {
		return region.Market{}, fault.NotFound("market_unknown")
	}
	if text == platformCode {
		return v.s.Books.Market(v.ctx, storage.Platform)
	}
	all, err := v.s.Books.All(v.ctx)
	if err != nil {
		return region.Market{}, err
	}
	for _, m := range all {
		if m.Code == text {
			return m, nil
		}
	}
	var m region.Market // opened elsewhere a moment ago
	err = v.s.DB.ViewShared(v.ctx, func(tx *storage.Tx) (err error) { m, err = region.FindMarketByCode(tx, text); return })
	return m, err
}

// platformCode is the code of market 0.
const platformCode = "PLATFORM"

// named is the market that a query or a body names; field is required.
func (v *visit) named(text string) (region.Market, error) {
	if text == "" {
		return region.Market{}, fault.Invalid("market", "required")
	}
	m, err := v.market(text)
	if f, ok := fault.As(err); ok {
		return m, f.On("market")
	}
	return m, err
}

// code is how a market is written in answers.
func (v *visit) code(market int32) string {
	m, err := v.s.Books.Market(v.ctx, market)
	if err != nil {
		return strconv.Itoa(int(market))
	}
	return m.Code
}

// operated is the market that a query or a body names, for those who operate it.
func (v *visit) operated(text string) (region.Market, error) {
	m, err := v.named(text)
	if err != nil {
		return m, err
	}
	return m, v.s.Operator(v.who, m.ID)
}

// operatedHere is operated for a path.
func (v *visit) operatedHere(text string) (region.Market, error) {
	m, err := v.market(text)
	if err != nil {
		return m, err
	}
	return m, v.s.Operator(v.who, m.ID)
}

// place reads the market and the row that a path names.
func (v *visit) place(t This) (region.Market, id.ID, error) {
	m, err := v.market(t.Market)
	if err != nil {
		return m, id.None, err
	}
	i, err := row(t.ID)
	return m, i, err
}

// view reads in one market.
func (v *visit) view(market int32, fn func(tx *storage.Tx) error) error {
	return v.s.DB.View(v.ctx, market, fn)
}

// day reads a date.
func day(field, text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, fault.Invalid(field, "wrong_type.day")
	}
	return &at, nil
}

// measure reads a quantity in base units: either the number itself, or an
// amount as people write it ("9.8") and its unit.
func measure(field string, quantity int64, amount, unit, goods string) (int64, error) {
	if amount == "" {
		return quantity, nil
	}
	if quantity != 0 {
		return 0, fault.Invalid(below(field, "amount"), "amount_twice")
	}
	if unit == "" {
		unit = goods
	}
	u, ok := catalog.UnitOf(unit)
	if !ok {
		return 0, fault.Invalid(below(field, "unit"), "unknown_unit")
	}
	if g, ok := catalog.UnitOf(goods); ok && g.Dimension != u.Dimension {
		return 0, fault.Invalid(below(field, "unit"), "unit_other")
	}
	base, err := catalog.ParseQuantity(amount, u)
	if f, ok := fault.As(err); ok {
		return 0, f.On(below(field, "amount"))
	}
	return base, err
}

// baseUnit names what quantities of a unit are counted in.
func baseUnit(unit string) string {
	if u, ok := catalog.UnitOf(unit); ok && !u.Weighed() {
		return "piece"
	}
	return "g"
}

// device is what a session remembers of the program that opened it.
func (v *visit) device() string {
	return strings.ReplaceAll(strings.ToValidUTF8(v.c.Get(fiber.HeaderUserAgent), ""), "\x00", "")
}

// text writes an id, or nothing.
func text(i id.ID) string {
	if i == id.None {
		return ""
	}
	return i.String()
}

func maybe(i *id.ID) string {
	if i == nil {
		return ""
	}
	return text(*i)
}
