-- +goose Up
-- The floor of records: roles, layout, ledger, jobs, keys, trail.

-- Roles belong to the whole server: another database may have made ours. A
-- login that may not make roles is told so before it comes here (may.go).
-- +goose StatementBegin
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'commonfield_app') THEN
    CREATE ROLE commonfield_app NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- made at this moment by another
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$ BEGIN
  IF NOT pg_has_role(current_user, 'commonfield_app', 'member') THEN
    EXECUTE format('GRANT commonfield_app TO %I', current_user);
  END IF;
EXCEPTION WHEN unique_violation THEN NULL; -- granted at this moment by another
END $$;
-- +goose StatementEnd
GRANT USAGE ON SCHEMA public TO commonfield_app;
-- Whoever serves reads how far the schema is, and refuses one that is too old.
-- The table of steps is made before the first step by what applies them.
-- +goose StatementBegin
DO $$ BEGIN
  IF to_regclass('public.goose_db_version') IS NOT NULL THEN
    GRANT SELECT ON goose_db_version TO commonfield_app;
  END IF;
END $$;
-- +goose StatementEnd
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

CREATE TABLE storage_layout (
  table_name    text PRIMARY KEY,
  owner         text NOT NULL,
  placement     text NOT NULL,
  dist_column   text,
  colocate_with text,
  append_only   boolean NOT NULL DEFAULT false
);
GRANT SELECT ON storage_layout TO commonfield_app;

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
-- +goose StatementEnd

-- as_expected ends a statement whose parts have not touched as many rows as they must.
-- +goose StatementBegin
CREATE FUNCTION as_expected(touched bigint[], expected bigint[]) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF touched <> expected THEN
    RAISE EXCEPTION 'rows touched: %, expected: %', touched, expected USING ERRCODE = 'CF001', DETAIL = touched::text;
  END IF;
END $$;
-- +goose StatementEnd

-- declare_table writes a table's owner and placement down, distributes it where
-- the server can, and gives the program its rights: all, or reading and adding.
-- +goose StatementBegin
CREATE FUNCTION declare_table(name text, room text, place text, dist text DEFAULT NULL, beside text DEFAULT NULL, add_only boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO storage_layout VALUES (name, room, place, dist, beside, add_only);
  EXECUTE format('GRANT SELECT, INSERT ON %I TO commonfield_app', name);
  IF add_only THEN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION append_only()', name);
  ELSE
    EXECUTE format('GRANT UPDATE, DELETE ON %I TO commonfield_app', name);
  END IF;
  IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
    IF place = 'reference' THEN
      PERFORM create_reference_table(name);
    ELSIF place = 'distributed' THEN
      PERFORM create_distributed_table(name, dist, colocate_with => COALESCE(beside, 'default'));
    END IF;
  END IF;
END $$;
-- +goose StatementEnd

-- years_of cuts an append-only table by the year in its UUIDv7: one partition a
-- year to 2040 and one for everything else.
-- +goose StatementBegin
CREATE FUNCTION years_of(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE y int; lo text; hi text;
BEGIN
  FOR y IN 2026..2040 LOOP
    lo := lpad(to_hex((extract(epoch FROM make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint), 12, '0');
    hi := lpad(to_hex((extract(epoch FROM make_timestamptz(y + 1, 1, 1, 0, 0, 0, 'UTC')) * 1000)::bigint), 12, '0');
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name || '_' || y, name,
      substr(lo,1,8) || '-' || substr(lo,9,4) || '-0000-0000-000000000000',
      substr(hi,1,8) || '-' || substr(hi,9,4) || '-0000-0000-000000000000');
  END LOOP;
  EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', name || '_other', name);
END $$;
-- +goose StatementEnd

-- The first market table by name anchors the others' colocation.
CREATE TABLE aa_anchor (market_id integer PRIMARY KEY);
SELECT declare_table('aa_anchor', 'storage', 'distributed', 'market_id');

-- Ledger. An entry is a set of postings; a cause lets it be posted once.
CREATE TABLE ledger_causes (
  market_id integer NOT NULL,
  cause     text    NOT NULL,
  entry_id  uuid    NOT NULL,
  PRIMARY KEY (market_id, cause)
);
CREATE INDEX ledger_causes_entry ON ledger_causes (market_id, entry_id);
SELECT declare_table('ledger_causes', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor', true);

CREATE TABLE ledger_entries (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  cause      text        NOT NULL,
  reverses   uuid,
  note       text        NOT NULL DEFAULT '',
  created_by uuid        NOT NULL,
  posted_at  timestamptz NOT NULL,
  postings   integer     NOT NULL, -- how many it has: none is lost without a trace
  PRIMARY KEY (market_id, id)
) PARTITION BY RANGE (id);
SELECT years_of('ledger_entries');
CREATE INDEX ledger_entries_cause ON ledger_entries (market_id, cause);
SELECT declare_table('ledger_entries', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor', true);

CREATE TABLE ledger_postings (
  market_id    integer NOT NULL,
  entry_id     uuid    NOT NULL,
  line_no      integer NOT NULL,
  debit        text    NOT NULL,
  credit       text    NOT NULL,
  amount_minor bigint  NOT NULL CHECK (amount_minor > 0),
  PRIMARY KEY (market_id, entry_id, line_no),
  CHECK (debit <> credit)
) PARTITION BY RANGE (entry_id);
SELECT years_of('ledger_postings');
CREATE INDEX ledger_postings_debit ON ledger_postings (market_id, debit, entry_id);
CREATE INDEX ledger_postings_credit ON ledger_postings (market_id, credit, entry_id);
SELECT declare_table('ledger_postings', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor', true);

-- Balances of guarded (credit − debit) and entrusted (debit − credit) accounts.
CREATE TABLE ledger_balances (
  market_id     integer NOT NULL,
  account       text    NOT NULL,
  balance_minor bigint  NOT NULL,
  CONSTRAINT ledger_balance_below_zero CHECK (balance_minor >= 0),
  PRIMARY KEY (market_id, account)
);
SELECT declare_table('ledger_balances', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor');

-- Credits to funds and pledges, appended without a lock, folded by whoever next debits.
CREATE TABLE credit_queue (
  market_id    integer NOT NULL,
  account      text    NOT NULL,
  id           uuid    NOT NULL,
  amount_minor bigint  NOT NULL CHECK (amount_minor > 0),
  PRIMARY KEY (market_id, account, id)
);
SELECT declare_table('credit_queue', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor');

-- Jobs: what must follow a commit. The row commits with the market's rows.
CREATE TABLE jobs (
  market_id   integer     NOT NULL,
  id          uuid        NOT NULL,
  kind        text        NOT NULL,
  key         text        NOT NULL,
  body        jsonb       NOT NULL DEFAULT '{}',
  state       text        NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'leased', 'done', 'failed')),
  run_at      timestamptz NOT NULL,
  attempts    integer     NOT NULL DEFAULT 0,
  leased_by   uuid,
  lease_until timestamptz,
  error       text        NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT jobs_once UNIQUE (market_id, kind, key)
);
CREATE INDEX jobs_ready ON jobs (run_at, market_id) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_of_market ON jobs (market_id, run_at, id) WHERE state IN ('ready', 'leased');
CREATE INDEX jobs_failed ON jobs (market_id, finished_at) WHERE state = 'failed';
CREATE INDEX jobs_old ON jobs (market_id, finished_at) WHERE state = 'done';
SELECT declare_table('jobs', 'storage/jobs', 'distributed', 'market_id', 'aa_anchor');

-- Keys: a request done once gives its first answer again.
CREATE TABLE once_keys (
  market_id    integer     NOT NULL,
  key          text        NOT NULL,
  content_hash bytea       NOT NULL,
  status       integer     NOT NULL,
  answer       bytea       NOT NULL,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, key)
);
CREATE INDEX once_keys_old ON once_keys (market_id, created_at);
SELECT declare_table('once_keys', 'storage/once', 'distributed', 'market_id', 'aa_anchor');

-- Trail: who saw and did what. No personal data in it.
CREATE TABLE trail (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  person_id  uuid        NOT NULL,
  deed       text        NOT NULL,
  subject    text        NOT NULL,
  why        text        NOT NULL DEFAULT '',
  request_id text        NOT NULL DEFAULT '',
  at         timestamptz NOT NULL,
  PRIMARY KEY (market_id, id)
) PARTITION BY RANGE (id);
SELECT years_of('trail');
CREATE INDEX trail_subject ON trail (market_id, subject, id);
SELECT declare_table('trail', 'storage/trail', 'distributed', 'market_id', 'aa_anchor', true);

-- Counters of the limits that all instances share (per address, per person).
CREATE TABLE limits (
  market_id  integer     NOT NULL,
  key        text        NOT NULL,
  window_at  timestamptz NOT NULL,
  hits       integer     NOT NULL,
  PRIMARY KEY (market_id, key, window_at)
);
CREATE INDEX limits_old ON limits (market_id, window_at);
SELECT declare_table('limits', 'storage/limit', 'distributed', 'market_id', 'aa_anchor');
