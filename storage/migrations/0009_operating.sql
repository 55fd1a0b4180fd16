-- +goose Up
-- What operating takes: roles with a place, a market's account and its pause, and
-- the code with which the first operator comes in.

-- A clerk of a station works for the producers of one region; an operator has none.
ALTER TABLE roles ADD COLUMN region_code text NOT NULL DEFAULT '';
ALTER TABLE roles DROP CONSTRAINT roles_role_check;
ALTER TABLE roles ADD CONSTRAINT roles_role CHECK (role IN ('operator', 'clerk'));
ALTER TABLE roles ADD CONSTRAINT roles_place CHECK ((role = 'clerk') = (region_code <> ''));
ALTER TABLE roles DROP CONSTRAINT roles_pkey;
ALTER TABLE roles ADD CONSTRAINT roles_pkey PRIMARY KEY (market_id, person_id, role, region_code);

-- Where transfers go. Every payer reads it, so it is not sealed.
ALTER TABLE markets ADD COLUMN bank_holder text NOT NULL DEFAULT '';
ALTER TABLE markets ADD COLUMN bank_name text NOT NULL DEFAULT '';
ALTER TABLE markets ADD COLUMN bank_number text NOT NULL DEFAULT '';
-- A paused market takes no new orders; those it has go on.
ALTER TABLE markets ADD COLUMN paused_at timestamptz;
-- Names the opening, so that the same form opens one market.
ALTER TABLE markets ADD COLUMN opening_id uuid;
ALTER TABLE markets ADD CONSTRAINT markets_opening UNIQUE (opening_id);

-- Rows of market 0 only: the role of the first operator is written with the code's end.
CREATE TABLE setup_codes (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  code_hash  bytea       NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  used_by    uuid,
  PRIMARY KEY (market_id, id)
);
SELECT declare_table('setup_codes', 'agents/people', 'distributed', 'market_id', 'aa_anchor');

-- The trail by its lines and by who made them.
CREATE INDEX trail_by_person ON trail (market_id, person_id, id);
