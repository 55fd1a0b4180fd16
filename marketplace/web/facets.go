package web

import (
	"context"

	"commonfield/agents/region"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage"
)

// uncounted is the count of what nobody has counted.
const uncounted = -1

// facet is the choice of a category without counts.
func (k kinds) facet(f part.Frame, on string) part.Facet {
	out := part.Facet{Name: page.AskCategory, Label: f.T("search.kind"), Options: []part.FacetOption{anyOf(f, on == "")}}
	for _, c := range k {
		if c.Parent == "" || c.Code == on {
			out.Options = append(out.Options, part.FacetOption{Value: c.Code, Label: categoryName(f.Reader, c), Count: uncounted, On: c.Code == on})
		}
	}
	return out
}

// marketFacet is the choice of a market without counts; where there are many,
// only the chosen one is named.
func (w *Web) marketFacet(ctx context.Context, f part.Frame, on region.Market) part.Facet {
	out := part.Facet{Name: page.AskMarket, Label: f.T("search.where"), Options: []part.FacetOption{anyOf(f, on.ID == storage.Platform)}}
	all, err := w.Books.All(ctx)
	if err != nil {
		return out // without the choice the page is still whole
	}
	for _, m := range all {
		if len(all) <= mostMarkets || m.ID == on.ID {
			out.Options = append(out.Options, part.FacetOption{Value: m.Code, Label: m.Title(f.Reader.Lang()), Count: uncounted, On: m.ID == on.ID})
		}
	}
	return out
}

func anyOf(f part.Frame, on bool) part.FacetOption {
	return part.FacetOption{Label: f.T("search.any"), Count: uncounted, On: on}
}
