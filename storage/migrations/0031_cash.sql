-- +goose Up
-- Cash: who of ours may hold it and how much, and payouts that an agent hands over.

-- Who may hold the market's cash; what each holds is in the ledger (cash:agent).
-- The reference stands on what they bank and on what the bank gives them.
CREATE TABLE cash_holders (
  market_id   integer NOT NULL,
  payee_id    uuid    NOT NULL,
  reference   text    NOT NULL,
  limit_minor bigint  NOT NULL CHECK (limit_minor > 0),
  state       text    NOT NULL CHECK (state IN ('active', 'stopped')),
  PRIMARY KEY (market_id, payee_id),
  CONSTRAINT cash_holders_reference UNIQUE (market_id, reference),
  CONSTRAINT cash_holders_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
SELECT declare_table('cash_holders', 'agents/cash', 'distributed', 'market_id', 'aa_anchor');

-- Where a payee is paid: a bank account, or, where holder_id stands, cash from
-- that payee's hand. Of cash there is no bank and no number.
ALTER TABLE payout_accounts ADD COLUMN holder_id uuid;
ALTER TABLE payout_accounts ADD CONSTRAINT payout_accounts_holder FOREIGN KEY (market_id, holder_id) REFERENCES payees (market_id, id);
CREATE INDEX payout_accounts_by_holder ON payout_accounts (market_id, holder_id);

-- A payout in cash on its way: who has it, until when, by which code it is known
-- that the receiver stands there, or who saw it. The code itself lies nowhere.
CREATE TABLE handovers (
  market_id   integer     NOT NULL,
  payout_id   uuid        NOT NULL,
  holder_id   uuid        NOT NULL,
  collect_by  timestamptz NOT NULL,
  code_sealed bytea,
  code_tries  integer     NOT NULL DEFAULT 0,
  codes       integer     NOT NULL DEFAULT 0, -- how many were shown
  how         text        NOT NULL DEFAULT '' CHECK (how IN ('', 'code', 'witnesses')),
  witness_one text        NOT NULL DEFAULT '',
  witness_two text        NOT NULL DEFAULT '',
  photo       text        NOT NULL DEFAULT '',
  done_by     uuid,
  done_at     timestamptz,
  PRIMARY KEY (market_id, payout_id),
  CONSTRAINT handovers_payout FOREIGN KEY (market_id, payout_id) REFERENCES payouts (market_id, id),
  CONSTRAINT handovers_holder FOREIGN KEY (market_id, holder_id) REFERENCES cash_holders (market_id, payee_id),
  CHECK ((how = '') = (done_at IS NULL)),
  CHECK (how <> 'witnesses' OR witness_one <> '' AND witness_two <> '' AND photo <> '')
);
CREATE INDEX handovers_of_holder ON handovers (market_id, holder_id, payout_id);
SELECT declare_table('handovers', 'agents/payout', 'distributed', 'market_id', 'aa_anchor');

-- A line of the bank may be cash that a holder banked, or took out as a float.
ALTER TABLE bank_lines DROP CONSTRAINT bank_lines_deed_check;
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_deed_check CHECK (deed IN ('', 'payment', 'refund', 'payout', 'returned', 'batch', 'capital', 'fee', 'banked', 'unclaimed', 'booked', 'cash_in', 'cash_out'));
