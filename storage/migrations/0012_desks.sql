-- +goose Up
-- An agent who bought as a guest through their own link claims the order: their
-- share goes to its seller, as a charge of nothing.
ALTER TABLE order_charges DROP CONSTRAINT order_charges_label_check;
ALTER TABLE order_charges ADD CONSTRAINT order_charges_label CHECK (label IN ('delivery', 'weight', 'refund', 'decline', 'cancel', 'self_dealing'));

-- What the gateway has kept so far: a later capture posts what is more than that.
ALTER TABLE payments ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0;

-- What a market has paid to another one by bank transfer of what it owes it; the
-- row is also the lock under which the debt is read.
CREATE TABLE squares (
  market_id  integer     NOT NULL,
  of_market  integer     NOT NULL,
  paid_minor bigint      NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, of_market),
  CONSTRAINT squares_paid CHECK (paid_minor >= 0)
);
SELECT declare_table('squares', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');
