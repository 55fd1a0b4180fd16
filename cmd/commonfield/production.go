package main

import (
	"context"
	"database/sql"
	"slices"
)

// production refuses to serve with what is only for trying out. It is asked by
// serve and work, before any job runs.
func (p *program) inProduction(ctx context.Context, m *market) error {
	if !p.production() {
		return nil
	}
	if m.base.server != nil {
		return environment(nil, "production does not serve from the private database, whose login could change the books: name a server in DATABASE_URL, with a login that is only a member of commonfield_app")
	}
	if slices.Contains(m.Desk.Ways(), "sandbox") {
		return refused("production does not serve with the sandbox gateway, which takes no real money")
	}
	super, owner, err := powers(ctx, m.base.url)
	switch {
	case err != nil:
		return err
	case super:
		return environment(nil, "in production the login in DATABASE_URL must not be a superuser, who could change the books: make one that is only a member of commonfield_app")
	case owner:
		return environment(nil, "in production the login in DATABASE_URL must not own the tables, for an owner could change the books: make one that is only a member of commonfield_app")
	}
	return nil
}

// powers says what the login itself may do, whatever role it takes on.
func powers(ctx context.Context, url string) (super, owner bool, err error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return false, false, err
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, `SELECT rolsuper, EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND pg_has_role(session_user, c.relowner, 'MEMBER'))
		FROM pg_roles WHERE rolname = session_user`).Scan(&super, &owner)
	return super, owner, err
}
