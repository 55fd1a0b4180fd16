-- +goose Up
-- Where operators' own systems are told what happens in a market, what was told
-- to them, and short messages to telephones.

CREATE TABLE hooks (
  market_id     integer     NOT NULL,
  id            uuid        NOT NULL,
  url           text        NOT NULL,
  events        text[]      NOT NULL,
  state         text        NOT NULL CHECK (state IN ('active', 'paused', 'removed')),
  why           text        NOT NULL DEFAULT '' CHECK (why IN ('', 'operator', 'failing', 'gone')), -- of a pause
  secret        bytea       NOT NULL, -- sealed
  old_secret    bytea,                -- sealed; signs too until old_until
  old_until     timestamptz,
  fails         integer     NOT NULL DEFAULT 0, -- tries that failed since the last that did not
  failing_since timestamptz,
  rest_until    timestamptz,          -- nothing is sent there before
  created_by    uuid        NOT NULL,
  created_at    timestamptz NOT NULL,
  changed_at    timestamptz NOT NULL,
  PRIMARY KEY (market_id, id)
);
CREATE UNIQUE INDEX hooks_once ON hooks (market_id, url) WHERE state <> 'removed';
SELECT declare_table('hooks', 'marketplace/hook', 'distributed', 'market_id', 'aa_anchor');

-- One thing that happened, to one address. Its body is kept as it was signed.
CREATE TABLE hook_deliveries (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  hook_id    uuid        NOT NULL,
  event_id   uuid        NOT NULL, -- the same for all addresses and all tries
  type       text        NOT NULL,
  body       text        NOT NULL,
  state      text        NOT NULL CHECK (state IN ('waiting', 'held', 'done', 'failed')),
  tries      integer     NOT NULL DEFAULT 0,
  round      integer     NOT NULL DEFAULT 1, -- one more each time somebody has it sent again
  status     integer     NOT NULL DEFAULT 0, -- of the last answer; 0: there was none
  error      text        NOT NULL DEFAULT '', -- what went wrong, in one word
  answer     text        NOT NULL DEFAULT '', -- how the last answer began
  tried_at   timestamptz,
  next_at    timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT hook_deliveries_once UNIQUE (market_id, hook_id, event_id)
);
CREATE INDEX hook_deliveries_of_hook ON hook_deliveries (market_id, hook_id, id);
CREATE INDEX hook_deliveries_held ON hook_deliveries (market_id, hook_id, id) WHERE state = 'held';
CREATE INDEX hook_deliveries_failed ON hook_deliveries (market_id, tried_at) WHERE state = 'failed';
CREATE INDEX hook_deliveries_old ON hook_deliveries (market_id, created_at);
SELECT declare_table('hook_deliveries', 'marketplace/hook', 'distributed', 'market_id', 'aa_anchor');
