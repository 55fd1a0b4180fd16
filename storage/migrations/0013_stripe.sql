-- +goose Up
-- A gateway beyond a network: calls that end unknown, money that is on its way,
-- and objects that are not what was asked.

-- The key that the gateway keeps an attempt under. A call whose end is unknown is
-- made again with the same key; one that was answered, with the next.
ALTER TABLE payment_attempts ADD COLUMN key text NOT NULL DEFAULT '';

-- The payer has paid and the gateway still waits for a bank: such a payment is
-- asked about until it is decided, also when its checkout has ended.
ALTER TABLE payments ADD COLUMN pending boolean NOT NULL DEFAULT false;
DROP INDEX payments_open;
CREATE INDEX payments_open ON payments (market_id, gateway, created_at) WHERE (state = 'open' OR pending) AND home_market = market_id;

-- What a gateway has taken that is not what was asked: another sum, another
-- currency, another payment's object. A person decides; nothing is secured by it.
CREATE TABLE payment_oddities (
  market_id    integer     NOT NULL,
  payment_id   uuid        NOT NULL,
  why          text        NOT NULL CHECK (why IN ('amount', 'currency', 'payment')),
  object       text        NOT NULL,
  asked_minor  bigint      NOT NULL,
  asked_in     text        NOT NULL,
  seen_minor   bigint      NOT NULL,
  seen_in      text        NOT NULL,
  seen_at      timestamptz NOT NULL,
  settled_by   uuid,
  settled_at   timestamptz,
  PRIMARY KEY (market_id, payment_id, why),
  CONSTRAINT payment_oddities_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
CREATE INDEX payment_oddities_open ON payment_oddities (market_id, seen_at) WHERE settled_at IS NULL;
SELECT declare_table('payment_oddities', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');
