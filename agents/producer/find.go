package producer

import (
	"errors"

	"github.com/lib/pq"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/tally"
)

const columns = `SELECT id, payee_id, person_id, name, name_en, region_code, village, story, story_en, licence, exemption, state, version, created_at FROM producers `

// Find gives one producer of the market, or not-found.
func Find(tx *storage.Tx, producer id.ID) (Producer, error) {
	return find(tx, columns+`WHERE market_id = $1 AND id = $2`, producer)
}

// OfPerson gives the producer that a person is in the market, or not-found.
func OfPerson(tx *storage.Tx, person id.ID) (Producer, error) {
	return find(tx, columns+`WHERE market_id = $1 AND person_id = $2`, person)
}

func find(tx *storage.Tx, query string, key id.ID) (Producer, error) {
	var p Producer
	err := tx.Get(&p, query, tx.Market, key)
	if errors.Is(err, storage.ErrNone) {
		return p, fault.NotFound("producer_unknown")
	}
	if err != nil {
		return p, err
	}
	said, err := region.Say(tx, p.RegionCode)
	p.RegionName, p.RegionEN = said[p.RegionCode].Name, said[p.RegionCode].English
	return p, err
}

// List gives the market's producers, the newest first, older than after (none:
// from the newest), at most n.
func List(tx *storage.Tx, after id.ID, n int) ([]Producer, error) {
	var all []Producer
	err := tx.Select(&all, columns+`WHERE market_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR id < $2::uuid)
ORDER BY id DESC LIMIT $3`, tx.Market, after, n)
	return named(tx, all, err)
}

// named writes where each lives.
func named(tx *storage.Tx, all []Producer, err error) ([]Producer, error) {
	if err != nil || len(all) == 0 {
		return all, err
	}
	codes := make([]string, len(all))
	for i, p := range all {
		codes[i] = p.RegionCode
	}
	said, err := region.Say(tx, codes...)
	for i := range all {
		is := said[all[i].RegionCode]
		all[i].RegionName, all[i].RegionEN = is.Name, is.English
	}
	return all, err
}

// In is List for those who live in one of the regions.
func In(tx *storage.Tx, regions []string, after id.ID, n int) ([]Producer, error) {
	var all []Producer
	err := tx.Select(&all, columns+`WHERE market_id = $1 AND ($2::uuid = '00000000-0000-0000-0000-000000000000' OR id < $2::uuid)
AND EXISTS (SELECT 1 FROM unnest($4::text[]) AS r (code) WHERE starts_with(region_code, r.code))
ORDER BY id DESC LIMIT $3`, tx.Market, after, n, pq.Array(regions))
	return named(tx, all, err)
}

// Tallies are what waits for a person: who wants to sell what they grow.
func Tallies() []tally.Of {
	return []tally.Of{{Name: "producers", Query: `SELECT count(*), 0::bigint, NULL::timestamptz FROM producers WHERE market_id = $1 AND state = 'applied'`}}
}
