package shelf

// Statement is the query of a page and its parameters, for the tests of plans.
func Statement(f Filter) (string, []any, error) { return f.statement() }

// One is the query of one listing.
var One = one

// Cuts and ListOf are the queries of the lists for search engines.
func Cuts(of Public) string   { return of.cuts() }
func ListOf(of Public) string { return of.list() }
