package shelf

// Statement is the query of a page and its parameters, for the tests of plans.
func Statement(f Filter) (string, []any, error) { return f.statement() }

// One is the query of one listing.
var One = one
