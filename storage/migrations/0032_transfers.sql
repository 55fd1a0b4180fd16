-- +goose Up
-- Payees who are paid by a gateway: an account of theirs there, and transfers to it.

-- Where a payee is paid stands one of three things: a number (a bank), holder_id
-- (cash), or gateway. What the gateway last said of its account stands in told; the
-- account's own state is that, unless a person of ours has stopped it.
ALTER TABLE payout_accounts ADD COLUMN gateway text NOT NULL DEFAULT '';
ALTER TABLE payout_accounts ADD COLUMN object text NOT NULL DEFAULT ''; -- the gateway's name of it; empty until it was made
ALTER TABLE payout_accounts ADD COLUMN told text NOT NULL DEFAULT '' CHECK (told IN ('', 'pending', 'active', 'restricted', 'closed'));
ALTER TABLE payout_accounts ADD COLUMN asked_at timestamptz; -- when the gateway was last asked
ALTER TABLE payout_accounts ADD CONSTRAINT payout_accounts_way CHECK (gateway = '' OR holder_id IS NULL);
CREATE UNIQUE INDEX payout_accounts_object ON payout_accounts (market_id, gateway, object) WHERE object <> '';
CREATE INDEX payout_accounts_to_ask ON payout_accounts (market_id, asked_at NULLS FIRST, id) WHERE object <> '' AND state <> 'closed';

ALTER TABLE payouts ADD COLUMN transfer text NOT NULL DEFAULT ''; -- the gateway's name of it
ALTER TABLE payouts ADD COLUMN recalled_by uuid; -- who wants it back from the payee's account
ALTER TABLE payouts ADD COLUMN recalled_at timestamptz;
ALTER TABLE payouts ADD COLUMN recall_why text NOT NULL DEFAULT '';
CREATE INDEX payouts_in_transit ON payouts (market_id, id) WHERE state = 'in_transit';
CREATE INDEX payouts_recalled ON payouts (market_id, id) WHERE recalled_at IS NOT NULL AND state = 'paid';

-- Each call out over an account or a payout: a row before the call, with its key.
-- While its end is not written here, nobody knows what the gateway has done.
CREATE TABLE payout_attempts (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  subject_id uuid        NOT NULL, -- an account, or a payout
  what       text        NOT NULL CHECK (what IN ('account', 'transfer', 'reversal')),
  key        text        NOT NULL,
  state      text        NOT NULL CHECK (state IN ('unknown', 'done', 'failed')),
  answer     text        NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id)
);
CREATE INDEX payout_attempts_of ON payout_attempts (market_id, subject_id, what);
SELECT declare_table('payout_attempts', 'agents/payout', 'distributed', 'market_id', 'aa_anchor');

-- The gateway's balance tells of them too.
ALTER TABLE gateway_lines ADD COLUMN payout_id uuid; -- ours, where it is one
ALTER TABLE gateway_lines DROP CONSTRAINT gateway_lines_kind_check;
ALTER TABLE gateway_lines ADD CONSTRAINT gateway_lines_kind CHECK (kind IN ('charge', 'refund', 'refund_back', 'chargeback', 'chargeback_back', 'payout', 'payout_back', 'transfer', 'transfer_back', 'fee', 'unknown'));
