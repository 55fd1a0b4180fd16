-- +goose Up
-- What moved the balance of a gateway, as the gateway tells it day by day, and
-- what it is in our books.

-- Each day's reading, in the market whose bank the gateway pays.
CREATE TABLE gateway_runs (
  market_id  integer     NOT NULL,
  gateway    text        NOT NULL,
  key        text        NOT NULL, -- the day, or the press of a button
  since_at   timestamptz NOT NULL,
  after_line text        NOT NULL DEFAULT '', -- the gateway's name of the last one read: from there it goes on
  pages      bigint      NOT NULL DEFAULT 0,
  lines      bigint      NOT NULL DEFAULT 0,
  began_at   timestamptz NOT NULL,
  ended_at   timestamptz,
  PRIMARY KEY (market_id, gateway, key)
);
CREATE INDEX gateway_runs_by_time ON gateway_runs (market_id, gateway, began_at);
SELECT declare_table('gateway_runs', 'marketplace/recon', 'distributed', 'market_id', 'aa_anchor');

-- One movement of the balance, in the home market of its payment; of no payment,
-- in the market whose bank the gateway pays.
CREATE TABLE gateway_lines (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  gateway      text        NOT NULL,
  reference    text        NOT NULL, -- the gateway's own name of it
  kind         text        NOT NULL CHECK (kind IN ('charge', 'refund', 'refund_back', 'chargeback', 'chargeback_back', 'payout', 'payout_back', 'fee', 'unknown')),
  object       text        NOT NULL DEFAULT '',
  amount_minor bigint      NOT NULL, -- above nought: the balance grew
  fee_minor    bigint      NOT NULL, -- what the gateway took of it
  currency     text        NOT NULL,
  words        text        NOT NULL DEFAULT '',
  payment_id   uuid,
  refund_id    uuid, -- ours, where the gateway has kept its name
  moved_at     timestamptz NOT NULL,
  usable_at    timestamptz NOT NULL,
  state        text        NOT NULL CHECK (state IN ('open', 'waits', 'differs', 'done')),
  deed         text        NOT NULL DEFAULT '' CHECK (deed IN ('', 'known', 'fee', 'payout', 'payout_back', 'refund', 'unclaimed', 'recon', 'bank', 'capital', 'booked')),
  target       text        NOT NULL DEFAULT '',
  recon_minor  bigint      NOT NULL DEFAULT 0, -- what was put to recon
  why          text        NOT NULL DEFAULT '',
  done_by      uuid,
  done_at      timestamptz,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT gateway_lines_once UNIQUE (market_id, gateway, reference)
);
CREATE INDEX gateway_lines_open ON gateway_lines (market_id, id) WHERE state <> 'done';
CREATE INDEX gateway_lines_of_payment ON gateway_lines (market_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX gateway_lines_payouts ON gateway_lines (market_id, moved_at) WHERE kind = 'payout';
SELECT declare_table('gateway_lines', 'marketplace/recon', 'distributed', 'market_id', 'aa_anchor');

-- What of a movement this market's book has, where this room has posted it: what
-- it adds to the gateway's balance, or to recon.
CREATE TABLE gateway_shares (
  market_id    integer NOT NULL,
  line_id      uuid    NOT NULL, -- in whichever market the line is
  deed         text    NOT NULL,
  amount_minor bigint  NOT NULL,
  PRIMARY KEY (market_id, line_id, deed)
);
SELECT declare_table('gateway_shares', 'marketplace/recon', 'distributed', 'market_id', 'aa_anchor');
