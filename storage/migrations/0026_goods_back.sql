-- +goose Up
-- Goods that come back: with the carrier, or from their buyer by a decision.

ALTER TABLE shipments DROP CONSTRAINT shipments_state;
ALTER TABLE shipments ADD CONSTRAINT shipments_state CHECK (state IN ('sent', 'arrived', 'lost', 'returned'));

ALTER TABLE order_charges DROP CONSTRAINT order_charges_label;
ALTER TABLE order_charges ADD CONSTRAINT order_charges_label
  CHECK (label IN ('delivery', 'discount', 'fee', 'part', 'weight', 'refund', 'lost', 'returned', 'return', 'decline', 'cancel', 'self_dealing'));

-- What its buyer gave back of an order, and whether it can be sold again.
CREATE TABLE goods_back (
  market_id integer     NOT NULL,
  order_id  uuid        NOT NULL,
  cause     text        NOT NULL, -- dispute:<id>, return:<id>
  line_no   integer     NOT NULL,
  quantity  bigint      NOT NULL CHECK (quantity > 0), -- base units
  fate      text        NOT NULL CHECK (fate IN ('back', 'lost')),
  came_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, cause, line_no),
  CONSTRAINT goods_back_line FOREIGN KEY (market_id, order_id, line_no) REFERENCES order_lines (market_id, order_id, line_no)
);
CREATE INDEX goods_back_by_line ON goods_back (market_id, order_id, line_no);
SELECT declare_table('goods_back', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor', true);
