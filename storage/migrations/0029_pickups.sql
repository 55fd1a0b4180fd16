-- +goose Up
-- An order that its buyer picks up, and what it says for it.

-- Where, as the seller's terms said when the buyer chose it. The code that hands the
-- goods over is no row: it is drawn from the sealed address of the basket.
CREATE TABLE pickups (
  market_id integer     NOT NULL,
  order_id  uuid        NOT NULL,
  name      text        NOT NULL,
  address   text        NOT NULL,
  hours     text        NOT NULL DEFAULT '',
  chosen_by uuid        NOT NULL,
  chosen_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id),
  CONSTRAINT pickups_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
SELECT declare_table('pickups', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

