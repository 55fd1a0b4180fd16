//go:build !failpoints

// Package failpoint marks the moments at which the program changes what outlives
// it: a commit, a call to a gateway, a file of the store. A kill between two of them
// is a kill right after the first, so that these are all the moments at which a crash
// can differ. In the program that people run the marks are empty and cost nothing;
// built with the tag failpoints it ends itself there, as a test tells it
// (docs/decisions/0022-crashes-at-every-lasting-step.md).
package failpoint

// Before marks that something is about to last: what (a commit, a call, a file), and
// of whom; empty: of the function that asked for it.
func Before(what, of string) {}

// After marks that it lasts now.
func After(what, of string) {}
