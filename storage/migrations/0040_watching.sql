-- +goose Up
-- How each market's last daily check of the books ended, for those who watch over the program.
CREATE TABLE audits (
  market_id  integer     NOT NULL PRIMARY KEY,
  at         timestamptz NOT NULL,
  broken     integer     NOT NULL, -- rules
  violations bigint      NOT NULL,
  alarms     integer     NOT NULL
);
SELECT declare_table('audits', 'storage/audit', 'distributed', 'market_id', 'aa_anchor');

-- What a bank or a gateway did not pay, newest first: few, and counted often.
CREATE INDEX payouts_unpaid ON payouts (market_id, changed_at) WHERE state IN ('failed', 'returned');
