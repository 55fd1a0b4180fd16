-- +goose Up
-- What is put aside to be bought, and one payment for several markets.

-- The kept basket: what somebody, a guest too, has put aside and not confirmed
-- yet. The listing belongs to a market: no foreign key.
CREATE TABLE kept_lines (
  user_id    uuid        NOT NULL,
  market_id  integer     NOT NULL,
  listing_id uuid        NOT NULL,
  quantity   bigint      NOT NULL CHECK (quantity > 0), -- base units
  put_at     timestamptz NOT NULL, -- its place in the list
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, market_id, listing_id)
);
SELECT declare_table('kept_lines', 'marketplace/kept', 'distributed', 'user_id', 'api_tokens');
