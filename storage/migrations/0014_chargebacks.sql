-- +goose Up
-- The payer's bank takes a payment back.

CREATE TABLE chargebacks (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  payment_id   uuid        NOT NULL,
  gateway      text        NOT NULL,
  object       text        NOT NULL, -- the gateway's own name of it
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  fee_minor    bigint      NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
  excess_minor bigint      NOT NULL DEFAULT 0 CHECK (excess_minor >= 0), -- lost beyond what the payment still had
  reason       text        NOT NULL DEFAULT '', -- the bank's word
  state        text        NOT NULL CHECK (state IN ('open', 'won', 'lost')),
  due_at       timestamptz, -- until when the bank takes evidence
  evidence     text        NOT NULL DEFAULT '',
  evidence_by  uuid,
  evidence_at  timestamptz,
  sent_at      timestamptz, -- to the gateway
  opened_at    timestamptz NOT NULL,
  closed_at    timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT chargebacks_once UNIQUE (market_id, gateway, object),
  CONSTRAINT chargebacks_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
CREATE INDEX chargebacks_of_payment ON chargebacks (market_id, payment_id);
CREATE INDEX chargebacks_open ON chargebacks (market_id, opened_at) WHERE state = 'open';
SELECT declare_table('chargebacks', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

-- What a chargeback stops in one market, which need not be the payment's home:
-- each order with its part of the sum, and what of that was held.
CREATE TABLE chargeback_orders (
  market_id     integer NOT NULL,
  chargeback_id uuid    NOT NULL,
  order_id      uuid    NOT NULL,
  freeze_id     uuid    NOT NULL,
  amount_minor  bigint  NOT NULL CHECK (amount_minor >= 0),
  held_minor    bigint  NOT NULL CHECK (held_minor >= 0), -- moved from held to the reserve
  ended_at      timestamptz,
  PRIMARY KEY (market_id, chargeback_id, order_id),
  CONSTRAINT chargeback_orders_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
CREATE INDEX chargeback_orders_of_order ON chargeback_orders (market_id, order_id);
SELECT declare_table('chargeback_orders', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');
