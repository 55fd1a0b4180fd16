-- +goose Up
-- What somebody earned, month by month; an agent's shelf and how often its links were opened.

-- When a payout reached its payee, and when the bank gave it back: a statement
-- tells both, each in its month.
ALTER TABLE payouts ADD COLUMN paid_at timestamptz;
ALTER TABLE payouts ADD COLUMN returned_at timestamptz;
CREATE INDEX payouts_paid ON payouts (market_id, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX payouts_returned ON payouts (market_id, returned_at) WHERE returned_at IS NOT NULL;

-- One row per payee, line of a sale and cause, written when money is released or
-- taken back after it. A neutral copy of what a reader needs: number and title.
CREATE TABLE statement_lines (
  market_id    integer     NOT NULL,
  payee_id     uuid        NOT NULL,
  sale_id      uuid        NOT NULL, -- an order's id
  line_no      integer     NOT NULL,
  cause        text        NOT NULL, -- release, or the deed that took back
  back         boolean     NOT NULL, -- taken back
  number       text        NOT NULL,
  title        text        NOT NULL,
  title_en     text        NOT NULL DEFAULT '',
  why          text        NOT NULL DEFAULT '',
  base_minor   bigint      NOT NULL, -- what the buyer paid for it, signed
  others_minor bigint      NOT NULL, -- what others got of that: agent, platform, tax
  amount_minor bigint      NOT NULL, -- what the payee got
  at           timestamptz NOT NULL,
  PRIMARY KEY (market_id, payee_id, sale_id, line_no, cause),
  CONSTRAINT statement_lines_sums CHECK (others_minor + amount_minor = base_minor),
  CONSTRAINT statement_lines_sign CHECK (back AND amount_minor <= 0 OR NOT back AND amount_minor >= 0),
  CONSTRAINT statement_lines_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
CREATE INDEX statement_lines_of_payee ON statement_lines (market_id, payee_id, at, sale_id, line_no, cause);
CREATE INDEX statement_lines_of_month ON statement_lines (market_id, at);
SELECT declare_table('statement_lines', 'agents/statement', 'distributed', 'market_id', 'aa_anchor', true);

-- A month that is closed: its sums never change again. Sums are signed as they
-- change what is owed.
CREATE TABLE statements (
  market_id      integer     NOT NULL,
  payee_id       uuid        NOT NULL,
  month          date        NOT NULL, -- its first day
  number         text        NOT NULL,
  sales          bigint      NOT NULL,
  backs          bigint      NOT NULL,
  opening_minor  bigint      NOT NULL,
  sold_minor     bigint      NOT NULL, -- what buyers paid, less what went back
  earned_minor   bigint      NOT NULL,
  reversed_minor bigint      NOT NULL,
  withheld_minor bigint      NOT NULL DEFAULT 0,
  paid_minor     bigint      NOT NULL,
  returned_minor bigint      NOT NULL, -- payouts that the bank gave back
  closing_minor  bigint      NOT NULL,
  made_at        timestamptz NOT NULL,
  PRIMARY KEY (market_id, payee_id, month),
  CONSTRAINT statements_number UNIQUE (market_id, number),
  CONSTRAINT statements_sum CHECK (closing_minor = opening_minor + earned_minor + reversed_minor + withheld_minor + paid_minor + returned_minor),
  CONSTRAINT statements_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
CREATE INDEX statements_of_month ON statements (market_id, month);
SELECT declare_table('statements', 'agents/statement', 'distributed', 'market_id', 'aa_anchor', true);

-- How often an agent's links were opened, by day: one row per agent, day and
-- what was opened, added to now and then, never in an order's path.
CREATE TABLE link_days (
  user_id    uuid    NOT NULL, -- the agent's person
  day        date    NOT NULL, -- in UTC
  market_id  integer NOT NULL, -- 0: the shelf, which is of no market
  listing_id uuid    NOT NULL, -- zeros: the shelf
  clicks     bigint  NOT NULL CHECK (clicks > 0),
  PRIMARY KEY (user_id, day, market_id, listing_id)
);
SELECT declare_table('link_days', 'agents/clicks', 'distributed', 'user_id', 'api_tokens');

-- An agent's shelf: what they chose, in their order, with a line of their own.
CREATE TABLE shelves (
  user_id    uuid        PRIMARY KEY, -- the agent's person
  greeting   text        NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL
);
SELECT declare_table('shelves', 'catalog/shelf', 'distributed', 'user_id', 'api_tokens');

CREATE TABLE shelf_goods (
  user_id    uuid        NOT NULL,
  market_id  integer     NOT NULL,
  listing_id uuid        NOT NULL,
  position   integer     NOT NULL,
  added_at   timestamptz NOT NULL,
  PRIMARY KEY (user_id, market_id, listing_id)
);
SELECT declare_table('shelf_goods', 'catalog/shelf', 'distributed', 'user_id', 'api_tokens');
