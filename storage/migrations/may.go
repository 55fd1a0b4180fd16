package migrations

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// app is the role that the first step makes and gives rights to.
const app = "commonfield_app"

// may says in one line what a login lacks to apply the schema. A superuser
// lacks nothing; others make tables, and once per server the program's role.
func may(ctx context.Context, db *sql.DB, role string) error {
	var login, name string
	var version int
	var super, makes, there, member, tables bool
	err := db.QueryRowContext(ctx, `
		SELECT current_user, current_database(), current_setting('server_version_num')::int, u.rolsuper, u.rolcreaterole,
		       r.oid IS NOT NULL, COALESCE(pg_has_role(u.oid, r.oid, 'member'), false),
		       has_schema_privilege('public', 'CREATE')
		FROM pg_roles u LEFT JOIN pg_roles r ON r.rolname = $1
		WHERE u.rolname = current_user`, role).Scan(&login, &name, &version, &super, &makes, &there, &member, &tables)
	if err != nil {
		return err
	}
	switch {
	case version < 15_00_00:
		return fmt.Errorf("the server is PostgreSQL %d, 15 or newer is needed", version/1_00_00)
	case super:
		return nil
	case !tables:
		return fmt.Errorf("the login %s may not make tables in the database %s: as an administrator, ALTER DATABASE %s OWNER TO %s", login, name, quote(name), quote(login))
	case !there && !makes:
		return fmt.Errorf("the login %s may not make the role %s: as an administrator, CREATE ROLE %s NOLOGIN; GRANT %s TO %s", login, role, role, role, quote(login))
	case there && !member && (!makes || version >= 16_00_00 && !admin(ctx, db, role)):
		return fmt.Errorf("the login %s is no member of the role %s: as an administrator, GRANT %s TO %s", login, role, role, quote(login))
	}
	return nil
}

// admin says whether the login may grant the program's role; since version 16
// the right to make roles is not enough for a role that another has made.
func admin(ctx context.Context, db *sql.DB, role string) bool {
	var yes bool
	err := db.QueryRowContext(ctx, "SELECT pg_has_role(current_user, $1::name, 'MEMBER WITH ADMIN OPTION')", role).Scan(&yes)
	return err == nil && yes
}

// quote writes a name as SQL wants it.
func quote(name string) string { return pq.QuoteIdentifier(name) }
