-- +goose Up
-- Deals between two markets are few among the postings; every audit, and the look
-- for one-sided ones, read all postings to find them.
CREATE INDEX ledger_postings_deals ON ledger_postings (market_id, entry_id)
  WHERE debit LIKE 'intermarket:%' OR credit LIKE 'intermarket:%';
