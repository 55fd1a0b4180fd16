-- +goose Up
-- Payers of the sandbox may have their bank take a payment back, for trying it out.
CREATE TABLE sandbox_chargebacks (
  market_id    integer     NOT NULL,
  id           text        NOT NULL,
  object_id    text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  state        text        NOT NULL CHECK (state IN ('open', 'won', 'lost')),
  evidence     text        NOT NULL DEFAULT '',
  due_at       timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT sandbox_chargebacks_object FOREIGN KEY (market_id, object_id) REFERENCES sandbox_objects (market_id, id)
);
CREATE INDEX sandbox_chargebacks_of ON sandbox_chargebacks (market_id, object_id);
SELECT declare_table('sandbox_chargebacks', 'marketplace/payment/sandbox', 'distributed', 'market_id', 'aa_anchor');
