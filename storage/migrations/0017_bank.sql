-- +goose Up
-- How a market pays out, what its bank reads and answers, accounts that a person
-- has to look at, and months of the book that are closed.

-- How a market pays out; without a row, what the defaults say.
CREATE TABLE payout_rules (
  market_id     integer     NOT NULL,
  layout        text        NOT NULL DEFAULT 'csv' CHECK (layout IN ('csv', 'pain.001.001.03', 'pain.001.001.09')),
  minimum_minor bigint      NOT NULL DEFAULT 0 CHECK (minimum_minor >= 0),      -- less is carried forward
  large_minor   bigint      NOT NULL DEFAULT 1000000 CHECK (large_minor > 0),   -- from here on a payout is marked as large
  every_days    integer     NOT NULL DEFAULT 7 CHECK (every_days BETWEEN 1 AND 31),
  by_itself     boolean     NOT NULL DEFAULT false,                             -- the program drafts on schedule
  PRIMARY KEY (market_id)
);
SELECT declare_table('payout_rules', 'agents/payout', 'distributed', 'market_id', 'aa_anchor');

-- A batch keeps how its file is written and from which account: the bytes come
-- from its rows, also when the market has another bank by then.
ALTER TABLE payout_batches ADD COLUMN layout text NOT NULL DEFAULT 'csv';
ALTER TABLE payout_batches ADD COLUMN from_holder text NOT NULL DEFAULT '';
ALTER TABLE payout_batches ADD COLUMN from_bank text NOT NULL DEFAULT '';
ALTER TABLE payout_batches ADD COLUMN from_number text NOT NULL DEFAULT '';
CREATE INDEX payout_batches_by_time ON payout_batches (market_id, created_at);

-- What the bank last said of a payout that it has not ended yet (PDNG, ACSP …),
-- and why a person should look twice before approving it.
ALTER TABLE payouts ADD COLUMN bank_status text NOT NULL DEFAULT '';
ALTER TABLE payouts ADD COLUMN is_first boolean NOT NULL DEFAULT false;
ALTER TABLE payouts ADD COLUMN is_changed boolean NOT NULL DEFAULT false;
ALTER TABLE payouts ADD COLUMN is_large boolean NOT NULL DEFAULT false;

-- An account whose holder is not the payee by name waits for somebody who has
-- seen the card; one under suspicion gets nothing.
ALTER TABLE payout_accounts DROP CONSTRAINT payout_accounts_state_check;
ALTER TABLE payout_accounts ADD CONSTRAINT payout_accounts_state CHECK (state IN ('pending', 'active', 'restricted', 'closed'));
ALTER TABLE payout_accounts ADD COLUMN why text NOT NULL DEFAULT '';
DROP INDEX payout_accounts_one;
CREATE UNIQUE INDEX payout_accounts_one ON payout_accounts (market_id, payee_id) WHERE state <> 'closed';
CREATE INDEX payout_accounts_to_check ON payout_accounts (market_id, id) WHERE state IN ('pending', 'restricted');

-- Months of the book. Who asks and who agrees are two people, both ways.
CREATE TABLE ledger_periods (
  market_id    integer     NOT NULL,
  month        text        NOT NULL, -- 2026-11, in the market's zone
  from_at      timestamptz NOT NULL,
  until_at     timestamptz NOT NULL,
  state        text        NOT NULL CHECK (state IN ('open', 'closing', 'closed', 'reopening')),
  why          text        NOT NULL DEFAULT '',
  asked_by     uuid        NOT NULL,
  asked_at     timestamptz NOT NULL,
  agreed_by    uuid,
  agreed_at    timestamptz,
  entries      bigint      NOT NULL DEFAULT 0, -- as they were when it was closed
  postings     bigint      NOT NULL DEFAULT 0,
  posted_minor bigint      NOT NULL DEFAULT 0,
  PRIMARY KEY (market_id, month),
  CHECK (agreed_by <> asked_by)
);
SELECT declare_table('ledger_periods', 'storage/ledger', 'distributed', 'market_id', 'aa_anchor');
CREATE INDEX ledger_entries_by_time ON ledger_entries (market_id, posted_at);
