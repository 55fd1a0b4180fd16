-- +goose Up
-- What the bank says happened on the market's account.

CREATE TABLE bank_statements (
  market_id     integer     NOT NULL,
  id            uuid        NOT NULL,
  account       text        NOT NULL,
  name          text        NOT NULL,            -- the bank's own number of it, or the file's
  until_on      date        NOT NULL,            -- its last day
  closing_minor bigint,                          -- what lay there then, where it says so
  lines         integer     NOT NULL,
  fresh         integer     NOT NULL,            -- of them, not known before
  sha256        bytea       NOT NULL,
  recon_minor   bigint      NOT NULL DEFAULT 0,  -- a difference that a person booked
  recon_why     text        NOT NULL DEFAULT '',
  recon_at      timestamptz,
  imported_by   uuid        NOT NULL,
  imported_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT bank_statements_once UNIQUE (market_id, account, sha256)
);
SELECT declare_table('bank_statements', 'marketplace/bank', 'distributed', 'market_id', 'aa_anchor');

-- Each line once, by the bank's reference. Whoever says what it is takes it first
-- (doing), so that of two only one books it; posted_at is when the books had it.
CREATE TABLE bank_lines (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  statement_id uuid        NOT NULL,
  account      text        NOT NULL,
  reference    text        NOT NULL,
  booked_on    date        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor <> 0), -- above nought: it came in
  party        text        NOT NULL DEFAULT '',
  words        text        NOT NULL DEFAULT '',
  is_return    boolean     NOT NULL DEFAULT false,
  state        text        NOT NULL CHECK (state IN ('open', 'doing', 'done')),
  deed         text        NOT NULL DEFAULT '' CHECK (deed IN ('', 'payment', 'refund', 'payout', 'returned', 'batch', 'capital', 'fee', 'banked', 'unclaimed', 'booked')),
  target       text        NOT NULL DEFAULT '',
  why          text        NOT NULL DEFAULT '',
  done_by      uuid,
  done_at      timestamptz,
  posted_at    timestamptz,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT bank_lines_once UNIQUE (market_id, account, reference),
  CONSTRAINT bank_lines_statement FOREIGN KEY (market_id, statement_id) REFERENCES bank_statements (market_id, id),
  CHECK ((state = 'open') = (deed = ''))
);
-- One line is one payout, refund or batch, one payout of the gateway to us, or one
-- line of nobody sent back; a payment may come in several.
CREATE UNIQUE INDEX bank_lines_target ON bank_lines (market_id, target, deed) WHERE deed IN ('refund', 'payout', 'returned', 'batch', 'sent_back') OR deed = 'banked' AND target <> '';
CREATE INDEX bank_lines_of ON bank_lines (market_id, statement_id);
CREATE INDEX bank_lines_open ON bank_lines (market_id, id) WHERE state <> 'done';
CREATE INDEX bank_lines_by_day ON bank_lines (market_id, booked_on);
SELECT declare_table('bank_lines', 'marketplace/bank', 'distributed', 'market_id', 'aa_anchor');
