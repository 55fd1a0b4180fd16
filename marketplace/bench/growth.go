package bench

import (
	"context"
	"fmt"
)

// grows is by how much the pages that a deed touches may grow when there is ten
// times as much.
const grows = 1.5

// least is how many listings a data set needs: two producers with goods in each market.
const least = 1000

// growth does pages and orders at a tenth, once and ten times the size, and says
// how many pages of the database each step has added.
func growth(ctx context.Context, o Options) ([]Result, error) {
	var all []Result
	before := map[string]float64{}
	for _, size := range []int{max(least, o.Size/10), o.Size, 10 * o.Size} {
		o.Size = size
		s, err := open(ctx, o)
		if err != nil {
			return all, err
		}
		results, err := s.grown(ctx)
		s.close()
		if err != nil {
			return all, fmt.Errorf("at %d listings: %w", size, err)
		}
		for _, r := range results {
			if was := before[r.Case]; was > 0 {
				ratio := grows * was / r.Pages
				r.Against = []Against{{Limit: fmt.Sprintf("%.1f × the pages before", grows), Ratio: ratio, Bar: 1, OK: ratio >= 1}}
			}
			before[r.Case] = r.Pages
			r.Case, r.Note = fmt.Sprintf("%s at %d", r.Case, size), fmt.Sprintf("%d listings", size)
			all = append(all, r)
		}
	}
	return all, nil
}

// grown counts what each deed touches at one size.
func (s *stage) grown(ctx context.Context) ([]Result, error) {
	var all []Result
	for _, c := range pageCases() {
		way, _ := s.addresses(c.Name)
		counts, err := s.count(ctx, func(_ context.Context, on *stage) error { return on.handle(way) })
		if err != nil {
			return nil, err
		}
		l := drive(ctx, 1, s.Each/2, func(context.Context, int) error { return s.handle(way) })
		r := Result{Case: c.Name, Clients: 1, Rate: l.rate(), P50: l.at(.5), P95: l.at(.95), P99: l.at(.99), Done: len(l.each), Errors: l.errors}
		r.counted(counts)
		all = append(all, r)
	}
	b := s.spread("sandbox")
	l := drive(ctx, 1, s.Each, b.both)
	if l.first != nil {
		return nil, l.first
	}
	if err := s.counted(ctx); err != nil {
		return nil, err
	}
	counts, err := b.touched(ctx)
	r := Result{Case: "order", Clients: 1, Rate: l.rate(), P50: l.at(.5), P95: l.at(.95), P99: l.at(.99), Done: len(l.each)}
	r.counted(counts)
	return append(all, r), err
}
