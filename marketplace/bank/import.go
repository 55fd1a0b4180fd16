package bank

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/trail"
)

// JobMatch finds what the lines of a statement are, should whoever read it in
// not have come to it, and finishes what a person began with a line. Its key is the
// statement's id, or the line's with the moment.
const JobMatch = "bank:match"

// Import reads the statements of a file in, in its order: what is new of their lines is
// kept, and what is certain is matched. A statement that is known already, from this
// file or another, changes nothing and is given as it was read first. It refuses a
// file that is none (fault.Invalid statement_…), another account's (fault.Conflict
// statement_other_account) and a line that is known with another sum or day
// (fault.Conflict line_differs): all of it or none.
func (d *Desk) Import(ctx context.Context, market int32, by id.ID, data []byte) ([]Statement, error) {
	var m region.Market
	if err := d.db.View(ctx, market, func(tx *storage.Tx) (err error) { m, err = region.FindMarket(tx, market); return }); err != nil {
		return nil, err
	}
	files, err := read(data, m.Currency)
	if err != nil {
		return nil, err
	}
	for i := range files {
		f := &files[i]
		if f.account != "" && m.Number != "" && !strings.EqualFold(f.account, m.Number) {
			return nil, fault.Conflict("statement_other_account", fault.Args{"account": tail(f.account)})
		}
		if m.Number != "" {
			f.account = m.Number
		}
	}
	var all []Statement
	err = d.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed() // each statement is looked up first
		all = nil
		for _, f := range files {
			s, err := take(tx, f, by)
			if err != nil {
				return err
			}
			all = append(all, s)
		}
		return nil
	})
	if storage.Violates(err, "bank_statements_once") || storage.Violates(err, "bank_lines_once") {
		return d.Import(ctx, market, by, data) // another was reading the same in at this moment
	}
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if err := d.matchAll(ctx, market, s.ID); err != nil {
			return all, err
		}
	}
	return all, nil
}

// sameAccount holds what was read in against an account. A table does not say whose it
// is: what came before the market's number was filled in is of the same account.
const sameAccount = `account IN ($2, '')`

// take keeps one statement, or gives it as it was kept.
func take(tx *storage.Tx, f file, by id.ID) (Statement, error) {
	var was []Statement
	if err := tx.Select(&was, `SELECT `+statementColumns+` FROM bank_statements WHERE market_id = $1 AND sha256 = $3 AND `+sameAccount, tx.Market, f.account, f.key[:]); err != nil {
		return Statement{}, err
	}
	if len(was) > 0 {
		return was[0], nil
	}
	fresh, err := unknown(tx, f)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{ID: id.New(), Account: f.account, Name: firstOf(f.name, f.until.Format(time.DateOnly)), Until: f.until, Closing: f.closing, Lines: len(f.lines), Fresh: len(fresh), ImportedBy: by, ImportedAt: tx.Now}
	s.write(tx, f.key[:], fresh)
	return s, nil
}

// unknown are the lines that were not read in before. A line that was, and says
// something else now, is no line of this account.
func unknown(tx *storage.Tx, f file) ([]Line, error) {
	refs := make([]string, len(f.lines))
	for i, l := range f.lines {
		refs[i] = l.Reference
	}
	var there []Line
	if err := tx.Select(&there, `SELECT `+lineColumns+` FROM bank_lines WHERE market_id = $1 AND reference = ANY($3::text[]) AND `+sameAccount, tx.Market, f.account, pq.Array(refs)); err != nil {
		return nil, err
	}
	known := map[string]Line{}
	for _, l := range there {
		known[l.Reference] = l
	}
	var fresh []Line
	for _, l := range f.lines {
		was, have := known[l.Reference]
		switch {
		case !have:
			fresh = append(fresh, l)
		case was.Amount != l.Amount || !was.On.Equal(l.On):
			return nil, fault.Conflict("line_differs", fault.Args{"reference": l.Reference})
		}
	}
	return fresh, nil
}

func (s Statement) write(tx *storage.Tx, sum []byte, fresh []Line) {
	tx.Queue(`INSERT INTO bank_statements (market_id, id, account, name, until_on, closing_minor, lines, fresh, sha256, imported_by, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		tx.Market, s.ID, s.Account, s.Name, s.Until.Format(time.DateOnly), s.Closing, s.Lines, s.Fresh, sum, s.ImportedBy, tx.Now)
	var ids, refs, days, parties, words []string
	var sums []int64
	var backs []bool
	for _, l := range fresh {
		ids, refs, days = append(ids, id.New().String()), append(refs, l.Reference), append(days, l.On.Format(time.DateOnly))
		parties, words, sums, backs = append(parties, l.Party), append(words, l.Words), append(sums, l.Amount), append(backs, l.Return)
	}
	if len(ids) > 0 {
		tx.Queue(`INSERT INTO bank_lines (market_id, id, statement_id, account, reference, booked_on, amount_minor, party, words, is_return, state, created_at)
SELECT $1::int, r.id, $2::uuid, $3::text, r.reference, r.booked_on, r.amount, r.party, r.words, r.back, 'open', $4::timestamptz
FROM unnest($5::uuid[], $6::text[], $7::date[], $8::bigint[], $9::text[], $10::text[], $11::boolean[]) AS r (id, reference, booked_on, amount, party, words, back)`,
			tx.Market, s.ID, s.Account, tx.Now, pq.Array(ids), pq.Array(refs), pq.Array(days), pq.Array(sums), pq.Array(parties), pq.Array(words), pq.Array(backs))
	}
	trail.Write(tx, s.ImportedBy, "bank.import", "bank_statement:"+s.ID.String(), "")
	jobs.Add(tx, JobMatch, s.ID.String(), struct{}{}, tx.Now.Add(time.Minute))
}

// tail is what of an account's number may be read out.
func tail(number string) string {
	if r := []rune(number); len(r) > 4 {
		return string(r[len(r)-4:])
	}
	return number
}
