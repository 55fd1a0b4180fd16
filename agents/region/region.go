// Package region knows the places: China's administrative divisions, from
// provinces to townships, and the markets, the trading areas that stand in them.
//
// Regions are shared rows, loaded from a file inside the program, and never
// change while it runs. The room hides what is odd in the codes: cities that
// are none (市辖区, 县, 直辖县级) and the counties that stand in where a city
// has no counties (东莞, 中山, 儋州) never appear in a path, a name or a list
// to choose from.
package region

import (
	"errors"
	"strings"

	"github.com/lib/pq"

	"commonfield/storage"
	"commonfield/storage/fault"
)

// The levels of a region.
const (
	Province int16 = iota + 1
	City
	County
	Township
)

// Region is one division.
type Region struct {
	Code   string `db:"code"`
	Parent string `db:"parent"` // code of the division above, empty for a province
	Level  int16  `db:"level"`
	Name   string `db:"name"`
}

// standIn says that a region is there for its code only.
func (r Region) standIn() bool {
	return r.Level == City && notCities[r.Name] || r.Level == County && strings.HasSuffix(r.Code, "00")
}

var notCities = map[string]bool{"市辖区": true, "县": true, "省直辖县级行政区划": true, "自治区直辖县级行政区划": true}

const columns = `code, COALESCE(parent, '') AS parent, level, name`

// Find gives the region with this code, or not-found.
func Find(tx *storage.Tx, code string) (Region, error) {
	var r Region
	err := tx.Get(&r, `SELECT `+columns+` FROM regions WHERE code = $1`, code)
	if errors.Is(err, storage.ErrNone) {
		return r, unknown(code)
	}
	return r, err
}

// Children gives what a person chooses from below parent ("" for the
// provinces), by code: below 北京 its districts, below 东莞 its townships.
func Children(tx *storage.Tx, parent string) ([]Region, error) {
	var rows []Region
	// Two levels at once: a stand-in is replaced by what lies below it.
	err := tx.Select(&rows, `SELECT `+columns+` FROM regions
WHERE COALESCE(parent, '') = $1 OR parent IN (SELECT code FROM regions WHERE parent = $1) ORDER BY code`, parent)
	if err != nil {
		return nil, err
	}
	hidden := map[string]bool{}
	for _, r := range rows {
		if r.Parent == parent && r.standIn() {
			hidden[r.Code] = true
		}
	}
	var found []Region
	for _, r := range rows {
		if r.Parent == parent && !hidden[r.Code] || hidden[r.Parent] {
			found = append(found, r)
		}
	}
	return found, nil
}

// Path gives the region with this code and those above it, the province
// first, without stand-ins; not-found when there is no such region.
func Path(tx *storage.Tx, code string) ([]Region, error) {
	paths, err := paths(tx, code)
	if err != nil {
		return nil, err
	}
	if len(paths[code]) == 0 {
		return nil, unknown(code)
	}
	return paths[code], nil
}

// Name writes the region as people say it: 新疆尉犁县兴平镇, 江苏南京市鼓楼区.
// Not-found when there is no such region.
func Name(tx *storage.Tx, code string) (string, error) {
	path, err := Path(tx, code)
	return say(path), err
}

// Names is Name for many, in one query. A code that is unknown is missing from
// the answer.
func Names(tx *storage.Tx, codes ...string) (map[string]string, error) {
	paths, err := paths(tx, codes...)
	names := make(map[string]string, len(paths))
	for code, path := range paths {
		names[code] = say(path)
	}
	return names, err
}

func paths(tx *storage.Tx, codes ...string) (map[string][]Region, error) {
	var wanted []string
	for _, code := range codes {
		wanted = append(wanted, lineage(code)...)
	}
	var rows []Region
	if err := tx.Select(&rows, `SELECT `+columns+` FROM regions WHERE code = ANY($1::text[])`, pq.Array(wanted)); err != nil {
		return nil, err
	}
	known := make(map[string]Region, len(rows))
	for _, r := range rows {
		known[r.Code] = r
	}
	found := make(map[string][]Region, len(codes))
	for _, code := range codes {
		if _, ok := known[code]; !ok {
			continue
		}
		var path []Region
		for _, one := range lineage(code) {
			if r := known[one]; !r.standIn() {
				path = append(path, r)
			}
		}
		found[code] = path
	}
	return found, nil
}

// lineage gives the codes from the province down to code: each begins with the
// one above it, of two, four, six and nine digits.
func lineage(code string) []string {
	var line []string
	for _, n := range []int{2, 4, 6} {
		if len(code) > n {
			line = append(line, code[:n])
		}
	}
	return append(line, code)
}

// say leaves the city out above a county, as people do, but not above a
// district: 鼓楼区 alone may be in four cities, and a county's name is in one.
func say(path []Region) string {
	var b strings.Builder
	for i, r := range path {
		switch {
		case r.Level == Province:
			b.WriteString(short(r.Name))
		case r.Level == City && i+1 < len(path) && path[i+1].Level == County && !strings.HasSuffix(path[i+1].Name, "区"):
		default:
			b.WriteString(r.Name)
		}
	}
	return b.String()
}

// short takes what every province is off its name: 新疆维吾尔自治区 is 新疆.
func short(name string) string {
	for _, tail := range []string{"维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市"} {
		if s, cut := strings.CutSuffix(name, tail); cut {
			return s
		}
	}
	return name
}

func unknown(code string) error {
	return fault.Invalid("region", "region_unknown", fault.Args{"region": code})
}
