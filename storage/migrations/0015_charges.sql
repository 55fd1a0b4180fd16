-- +goose Up
-- What an order costs beside its goods: delivery by region and weight, discounts.

-- The terms of one seller, or, under the id of nothing, of the market: for every
-- seller who has none of their own.
CREATE TABLE sale_terms (
  market_id  integer     NOT NULL,
  owner_id   uuid        NOT NULL, -- a producer, or 00000000-…
  terms      jsonb       NOT NULL,
  version    integer     NOT NULL DEFAULT 1,
  changed_by uuid        NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, owner_id)
);
SELECT declare_table('sale_terms', 'agents/terms', 'distributed', 'market_id', 'aa_anchor');

-- A negative charge takes from the line or from the charge that it names; what the
-- market bears of it is a fifth share.
ALTER TABLE order_charges ADD COLUMN of_charge integer;
ALTER TABLE order_charges ADD COLUMN market_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE order_charges ADD COLUMN tariff jsonb; -- how a delivery was reckoned
ALTER TABLE order_charges DROP CONSTRAINT order_charges_label;
ALTER TABLE order_charges ADD CONSTRAINT order_charges_label
  CHECK (label IN ('delivery', 'discount', 'fee', 'part', 'weight', 'refund', 'lost', 'return', 'decline', 'cancel', 'self_dealing'));
ALTER TABLE order_charges DROP CONSTRAINT order_charges_shares;
ALTER TABLE order_charges ADD CONSTRAINT order_charges_shares
  CHECK (seller_minor + agent_minor + fee_minor + tax_minor + market_minor = amount_minor);
ALTER TABLE order_charges DROP CONSTRAINT order_charges_once;
CREATE UNIQUE INDEX order_charges_once ON order_charges (market_id, order_id, source, (COALESCE(line_no, 0)), (COALESCE(of_charge, 0)));

-- What of a line the seller has taken on, in base units; nothing: all of it.
ALTER TABLE order_lines ADD COLUMN accepted bigint;
ALTER TABLE order_lines ADD CONSTRAINT order_lines_accepted CHECK (accepted BETWEEN 0 AND quantity);
