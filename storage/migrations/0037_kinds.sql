-- +goose Up
-- Orders whose money goes to an account instead of a payee, and orders that are
-- covered instead of paid.

-- What an order is for, where that is no listing: a contract, a fund, a campaign. It
-- belongs to a room above: no foreign key. Its accounts in the ledger carry this name.
ALTER TABLE orders ADD COLUMN for_id uuid;
-- The account that pays the order's owners in place of a payment.
ALTER TABLE orders ADD COLUMN covered_by text;
-- The account of the fee, where that is not income:fees.
ALTER TABLE orders ADD COLUMN fee_to text;
-- When its money went to its owners; what covers it may pay them in parts.
ALTER TABLE orders ADD COLUMN released_at timestamptz;
UPDATE orders SET released_at = completed_at WHERE state = 'completed';
CREATE INDEX orders_for ON orders (market_id, for_id, id) WHERE for_id IS NOT NULL;

-- A covered order has no payment.
ALTER TABLE baskets ALTER COLUMN payment_id DROP NOT NULL;

-- What its owners have been given of a covered order, by deed: of its lines under
-- their numbers, of its charges under 1000 and theirs; a refund gives below zero.
CREATE TABLE order_releases (
  market_id    integer     NOT NULL,
  order_id     uuid        NOT NULL,
  source       text        NOT NULL, -- the deed
  part_no      integer     NOT NULL,
  seller_minor bigint      NOT NULL,
  agent_minor  bigint      NOT NULL,
  fee_minor    bigint      NOT NULL,
  tax_minor    bigint      NOT NULL,
  released_at  timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, source, part_no),
  CONSTRAINT order_releases_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
SELECT declare_table('order_releases', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor', true);
