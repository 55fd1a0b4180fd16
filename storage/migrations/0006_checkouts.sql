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

-- A payment over several markets has a row in each: in its home market the
-- whole sum and the gateway's object, in the others that market's share of it.
ALTER TABLE payments ADD COLUMN home_market integer;
UPDATE payments SET home_market = market_id;
ALTER TABLE payments ALTER COLUMN home_market SET NOT NULL;
ALTER TABLE payments ADD COLUMN shares integer NOT NULL DEFAULT 0; -- how many other markets have one
-- The sweeper and the desk of transfers look at payments where they are at home.
DROP INDEX payments_open;
CREATE INDEX payments_open ON payments (market_id, gateway, created_at) WHERE state = 'open' AND home_market = market_id;

-- In the home market: what of the payment is another market's.
CREATE TABLE payment_shares (
  market_id    integer NOT NULL,
  payment_id   uuid    NOT NULL,
  of_market    integer NOT NULL,
  sale_id      uuid    NOT NULL, -- what the share pays there: a basket
  amount_minor bigint  NOT NULL CHECK (amount_minor >= 0),
  fee_minor    bigint  NOT NULL DEFAULT 0 CHECK (fee_minor >= 0), -- its part of what the gateway keeps
  PRIMARY KEY (market_id, payment_id, of_market),
  CONSTRAINT payment_shares_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
SELECT declare_table('payment_shares', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

-- A refund that the home market carries out for another names it there.
ALTER TABLE refunds ADD COLUMN for_market integer;
ALTER TABLE refunds ADD COLUMN for_refund uuid;

-- What the sandbox was told of the shares, as a gateway keeps metadata.
ALTER TABLE sandbox_objects ADD COLUMN shares text NOT NULL DEFAULT '';

CREATE INDEX baskets_of_payment ON baskets (market_id, payment_id);

-- A basket whose checkout was cut or refused before it stood is undone: nobody
-- but operators is shown it.
ALTER TABLE baskets DROP CONSTRAINT baskets_state_check;
ALTER TABLE baskets ADD CONSTRAINT baskets_state CHECK (state IN ('placed', 'secured', 'cancelled', 'expired', 'undone'));

-- A guest who turned out to be a person: once, and one person.
CREATE TABLE guest_claims (
  user_id    uuid        NOT NULL, -- the guest
  person_id  uuid        NOT NULL,
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (user_id)
);
SELECT declare_table('guest_claims', 'marketplace/order', 'distributed', 'user_id', 'api_tokens');

-- Who has found a guest's order by its number and its phone, and may look at it.
CREATE TABLE order_finds (
  market_id integer     NOT NULL,
  user_id   uuid        NOT NULL,
  order_id  uuid        NOT NULL,
  found_at  timestamptz NOT NULL,
  PRIMARY KEY (market_id, user_id, order_id),
  CONSTRAINT order_finds_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
CREATE INDEX order_finds_of ON order_finds (market_id, order_id);
SELECT declare_table('order_finds', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');
