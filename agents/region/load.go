package region

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/lib/pq"

	"commonfield/storage"
)

//go:embed divisions/regions.csv.gz
var packed []byte

//go:embed divisions/HK-MO-TW.json
var named []byte

// batch is how many regions one statement writes.
const batch = 10_000

// Load writes all regions. It may run again, and beside itself: when the table
// holds what the program holds, it costs one query. Regions that an earlier
// edition had and this one has not stay, because rows point at them.
func Load(ctx context.Context, db *storage.DB) error {
	var there string
	err := db.ViewShared(ctx, func(tx *storage.Tx) error {
		// The same text as the file's, so that one sum compares every row.
		return tx.Get(&there, `SELECT md5(COALESCE(string_agg(concat(code, ',', parent, ',', level, ',', name, E'\n'), '' ORDER BY code COLLATE "C"), '')) FROM regions`)
	})
	if err != nil {
		return err
	}
	ours, err := edition()
	if err != nil || there == ours.sum {
		return err
	}
	return write(ctx, db, ours.regions)
}

// LoadSome writes only the regions with these codes and those above them. It
// is for tests, which rarely need 44,703 places. It may run again.
func LoadSome(ctx context.Context, db *storage.DB, codes ...string) error {
	ours, err := edition()
	if err != nil {
		return err
	}
	wanted, found := map[string]bool{}, 0
	for _, code := range codes {
		for _, one := range lineage(code) {
			wanted[one] = true
		}
	}
	some := make([]Region, 0, len(wanted))
	for _, r := range ours.regions {
		if wanted[r.Code] {
			some = append(some, r)
		}
		if slices.Contains(codes, r.Code) {
			found++
		}
	}
	if found < len(codes) {
		return fmt.Errorf("region: not all of %v are regions", codes)
	}
	return write(ctx, db, some)
}

func write(ctx context.Context, db *storage.DB, rows []Region) error {
	return db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		// Codes come in order, parents first. Two loads take their rows in the
		// same order, so neither waits for the other in a circle.
		for part := range slices.Chunk(rows, batch) {
			var codes, parents, names []string
			var levels []int64
			for _, r := range part {
				codes, parents, names = append(codes, r.Code), append(parents, r.Parent), append(names, r.Name)
				levels = append(levels, int64(r.Level))
			}
			_, err := tx.Exec(`INSERT INTO regions (code, parent, level, name)
SELECT r.code, NULLIF(r.parent, ''), r.level, r.name FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) AS r (code, parent, level, name)
ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, level = excluded.level, name = excluded.name
WHERE (regions.parent, regions.level, regions.name) IS DISTINCT FROM (excluded.parent, excluded.level, excluded.name)`,
				pq.Array(codes), pq.Array(parents), pq.Array(levels), pq.Array(names))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type held struct {
	regions []Region
	sum     string // MD5 of the file's text: it compares, it protects nothing
}

// edition unpacks the regions inside the program, once.
var edition = sync.OnceValues(func() (held, error) {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return held{}, err
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		return held{}, err
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return held{}, err
	}
	sum := md5.Sum(text)
	all := held{regions: make([]Region, len(lines)), sum: hex.EncodeToString(sum[:])}
	for i, l := range lines {
		level, err := strconv.ParseInt(l[2], 10, 16)
		if err != nil {
			return held{}, err
		}
		all.regions[i] = Region{Code: l[0], Parent: l[1], Level: int16(level), Name: l[3]}
	}
	return all, nil
})

// ByName gives Hong Kong, Macau and Taiwan: the source knows their parts and
// districts by name only, so they are no rows and nothing can point at them.
func ByName() (map[string]map[string][]string, error) {
	var places map[string]map[string][]string
	err := json.Unmarshal(named, &places)
	return places, err
}
