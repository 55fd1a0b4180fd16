package migrations

import "regexp"

// Table is what declare_table says of one table.
type Table struct {
	Name      string
	Owner     string // the room, as a path: storage/ledger
	Placement string // distributed, reference or local
	Column    string // market_id or user_id; empty when not distributed
}

var declared = regexp.MustCompile(`declare_table\('([a-z0-9_]+)',\s*'([a-z0-9_/]+)',\s*'([a-z]+)'(?:,\s*'([a-z_]+)')?`)

// Layout lists the tables as the steps declare them, for those who check
// statements without a database.
func Layout() []Table {
	var tables []Table
	for _, m := range declared.FindAllStringSubmatch(Text(), -1) {
		tables = append(tables, Table{m[1], m[2], m[3], m[4]})
	}
	return tables
}
