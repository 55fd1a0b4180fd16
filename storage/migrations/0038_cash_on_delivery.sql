-- +goose Up
-- Cash on delivery: who collects what an order comes to, and what they took. What is
-- due is not here: lines and charges say it, until the moment it is taken. The sum of
-- what was taken lies with the holder in the ledger (cash:agent, cash:producer).
CREATE TABLE collections (
  market_id   integer     NOT NULL,
  order_id    uuid        NOT NULL,
  hand_id     uuid        NOT NULL, -- the payee who collects
  taken_minor bigint      CHECK (taken_minor >= 0),
  taken_by    uuid,                 -- who said so
  taken_at    timestamptz,
  PRIMARY KEY (market_id, order_id),
  CONSTRAINT collections_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id),
  CONSTRAINT collections_hand FOREIGN KEY (market_id, hand_id) REFERENCES cash_holders (market_id, payee_id),
  CHECK ((taken_at IS NULL) = (taken_minor IS NULL) AND (taken_at IS NULL) = (taken_by IS NULL))
);
CREATE INDEX collections_of_hand ON collections (market_id, hand_id, order_id);
SELECT declare_table('collections', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');
