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

-- A third way to tell a person: a short message to a telephone whose reader has
-- typed the code that went there.
ALTER TABLE notice_choices DROP CONSTRAINT notice_choices_channel_check;
ALTER TABLE notice_choices ADD CONSTRAINT notice_choices_channel CHECK (channel IN ('app', 'email', 'sms'));
ALTER TABLE notices ADD COLUMN texted_at timestamptz; -- when its short message was handed over
ALTER TABLE notice_addresses ADD COLUMN code_hash bytea;
ALTER TABLE notice_addresses ADD COLUMN code_until timestamptz;
ALTER TABLE notice_addresses ADD COLUMN code_tries integer NOT NULL DEFAULT 0;

-- Hours in which a person wants quiet, as minutes of the day on their market's clock.
CREATE TABLE notice_hours (
  user_id     uuid        NOT NULL,
  quiet_from  integer     NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_until integer     NOT NULL CHECK (quiet_until BETWEEN 0 AND 1439),
  changed_at  timestamptz NOT NULL,
  PRIMARY KEY (user_id)
);
SELECT declare_table('notice_hours', 'marketplace/notice', 'distributed', 'user_id', 'api_tokens');

-- How many short messages a market sent in a day (UTC), for its operators.
CREATE TABLE notice_texts (
  market_id integer NOT NULL,
  day       text    NOT NULL,
  sent      integer NOT NULL DEFAULT 0,
  failed    integer NOT NULL DEFAULT 0,
  over      integer NOT NULL DEFAULT 0, -- not sent: there were too many
  PRIMARY KEY (market_id, day)
);
SELECT declare_table('notice_texts', 'marketplace/notice', 'distributed', 'market_id', 'aa_anchor');
