package migrations_test

import (
	"strings"
	"testing"

	"commonfield/storage/dbtest"
	"commonfield/storage/migrations"
)

func TestTheSchemaKeepsTheRules(t *testing.T) {
	_, address := dbtest.Own(t)
	found, err := migrations.Lint(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Errorf("%s: %s", p.Table, p.Text)
	}
}

// market is a good market table with one more column or constraint, declared.
func market(more, owner string) []string {
	return []string{
		"CREATE TABLE planted (market_id integer NOT NULL, id uuid NOT NULL" + more + ", PRIMARY KEY (market_id, id))",
		"SELECT declare_table('planted', '" + owner + "', 'distributed', 'market_id', 'aa_anchor')",
	}
}

const index = "CREATE INDEX planted_payee ON planted (market_id, payee_id)"

func TestAPlantedMistakeIsFound(t *testing.T) {
	const room = "marketplace/order"
	payee := func(rest string) string {
		return ", payee_id uuid, CONSTRAINT planted_fk FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)" + rest
	}
	for name, c := range map[string]struct {
		plant []string
		want  string
	}{
		"a table that nobody declared":        {market("", room)[:1], "no declare_table() call"},
		"an owner that is no room":            {market("", "kitchen/stove"), "is no room of"},
		"a placement that there is not":       {[]string{"CREATE TABLE planted (id uuid PRIMARY KEY)", "SELECT declare_table('planted', 'agents', 'somewhere')"}, "placement somewhere"},
		"distributed by another column":       {[]string{"CREATE TABLE planted (shop_id integer NOT NULL PRIMARY KEY)", "SELECT declare_table('planted', 'agents', 'distributed', 'shop_id', 'aa_anchor')"}, "must be market_id or user_id"},
		"a market that may be missing":        {[]string{"CREATE TABLE planted (market_id integer, id uuid)", "SELECT declare_table('planted', 'agents', 'distributed', 'market_id', 'aa_anchor')"}, "missing or nullable"},
		"a group of its own":                  {[]string{market("", room)[0], "SELECT declare_table('planted', '" + room + "', 'distributed', 'market_id')"}, "second colocation group"},
		"a market number of another type":     {[]string{"CREATE TABLE planted (market_id bigint NOT NULL PRIMARY KEY)", "SELECT declare_table('planted', 'agents', 'distributed', 'market_id', 'aa_anchor')"}, "market_id must be integer"},
		"a market in a shared table":          {[]string{"CREATE TABLE planted (id uuid PRIMARY KEY, market_id integer)", "SELECT declare_table('planted', 'agents', 'reference')"}, "should it be distributed"},
		"no primary key":                      {[]string{"CREATE TABLE planted (market_id integer NOT NULL)", "SELECT declare_table('planted', 'agents', 'distributed', 'market_id', 'aa_anchor')"}, "no primary key"},
		"a primary key that starts elsewhere": {[]string{"CREATE TABLE planted (market_id integer NOT NULL, id uuid NOT NULL, PRIMARY KEY (id, market_id))", market("", room)[1]}, "primary key does not start with market_id"},
		"unique without market":               {market(", number text UNIQUE", room), "unique index without market_id"},
		"unique with market only beside":      {append(market(", number text", room), "CREATE UNIQUE INDEX planted_number ON planted (number) INCLUDE (market_id)"), "unique index without market_id"},
		"a key that crosses markets":          {append(market(", other_market integer, payee_id uuid, CONSTRAINT planted_fk FOREIGN KEY (other_market, payee_id) REFERENCES payees (market_id, id)", room), "CREATE INDEX planted_other ON planted (other_market, payee_id)"), "must pair market_id"},
		"a shared row on a market's row":      {[]string{"CREATE TABLE planted (id uuid PRIMARY KEY, m integer, payee_id uuid, CONSTRAINT planted_fk FOREIGN KEY (m, payee_id) REFERENCES payees (market_id, id))", "CREATE INDEX planted_payee ON planted (m, payee_id)", "SELECT declare_table('planted', 'agents', 'reference')"}, "from reference to distributed"},
		"a key that looks up":                 {append(market(payee(""), "storage/ledger"), index), "looks up: storage/ledger to agents/payable"},
		"a key that sets null":                {append(market(payee(" ON DELETE SET NULL"), room), index), "SET NULL"},
		"a key that follows updates":          {append(market(payee(" ON UPDATE CASCADE"), room), index), "ON UPDATE"},
		"a key without an index":              {market(payee(""), room), "has no index"},
		"a key that waits":                    {append(market(payee(" DEFERRABLE"), room), index), "deferrable constraint planted_fk"},
		"a trigger": {append(market("", room), "CREATE FUNCTION nosy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
			"CREATE TRIGGER nosy BEFORE INSERT ON planted FOR EACH ROW EXECUTE FUNCTION nosy()"), "trigger nosy"},
		"a rule":                  {append(market("", room), "CREATE RULE nothing AS ON DELETE TO planted DO INSTEAD NOTHING"), "rule"},
		"row level security":      {append(market("", room), "ALTER TABLE planted ENABLE ROW LEVEL SECURITY"), "row level security"},
		"a table without a log":   {[]string{strings.Replace(market("", room)[0], "CREATE", "CREATE UNLOGGED", 1), market("", room)[1]}, "unlogged"},
		"a small serial":          {[]string{"CREATE TABLE planted (id serial PRIMARY KEY)", "SELECT declare_table('planted', 'agents', 'reference')"}, "serial or identity of integer: id"},
		"a sequence in a market":  {market(", n bigint GENERATED ALWAYS AS IDENTITY", room), "sequence in a market or user table: n"},
		"the server's clock":      {market(", at timestamptz NOT NULL DEFAULT now()", room), "volatile default on at"},
		"floating money":          {market(", price double precision", room), "floating point: price"},
		"a time without its zone": {market(", at timestamp", room), "time without zone: at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, address := dbtest.Own(t)
			do(t, open(t, address), c.plant...)
			found, err := migrations.Lint(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			hit := false
			for _, p := range found {
				if p.Table != "planted" {
					t.Errorf("%s is blamed: %s", p.Table, p.Text)
				}
				hit = hit || strings.Contains(p.Text, c.want)
			}
			if !hit {
				t.Fatalf("%q was not found in %v", c.want, found)
			}
		})
	}
}

func TestAGoodTableIsNotBlamed(t *testing.T) {
	_, address := dbtest.Own(t)
	more := ", payee_id uuid, n bigint, at timestamptz, CONSTRAINT planted_fk FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)"
	do(t, open(t, address), append(market(more, "agents/payout"), index)...)
	found, err := migrations.Lint(t.Context(), address)
	if err != nil || len(found) != 0 {
		t.Fatalf("%v %v", found, err)
	}
}
