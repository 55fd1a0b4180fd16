-- +goose Up
-- A payer may save a way to pay now and be charged later, without them: the payment
-- stays open, and what it has come to stands in promise. asked: the payer is to save
-- it; saved; called: the sum is being taken; refused: it could not be, and the payer
-- may pay by hand until the payment expires.
ALTER TABLE payments ADD COLUMN promise text NOT NULL DEFAULT '';
ALTER TABLE payments ADD CONSTRAINT payments_promise CHECK (promise IN ('', 'asked', 'saved', 'called', 'refused'));

CREATE TABLE payment_promises (
  market_id    integer     NOT NULL,
  payment_id   uuid        NOT NULL,
  saved        text        NOT NULL, -- the gateway's own names of what was saved; no number of a card
  saved_at     timestamptz NOT NULL,
  called_at    timestamptz,
  called_by    uuid,
  refused_at   timestamptz,
  why          text        NOT NULL DEFAULT '', -- the gateway's word for a refusal
  forgotten_at timestamptz,                     -- when the gateway has let go of it
  PRIMARY KEY (market_id, payment_id),
  CONSTRAINT payment_promises_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
SELECT declare_table('payment_promises', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

ALTER TABLE baskets DROP CONSTRAINT baskets_state;
ALTER TABLE baskets ADD CONSTRAINT baskets_state CHECK (state IN ('placed', 'promised', 'secured', 'cancelled', 'expired', 'undone'));

-- In the sandbox: what a payer has saved, and whether a later charge is declined.
ALTER TABLE sandbox_objects DROP CONSTRAINT sandbox_objects_state_check;
ALTER TABLE sandbox_objects ADD CONSTRAINT sandbox_objects_state CHECK (state IN ('open', 'saved', 'captured', 'failed', 'closed'));
ALTER TABLE sandbox_objects ADD COLUMN saves boolean NOT NULL DEFAULT false;
ALTER TABLE sandbox_objects ADD COLUMN declines boolean NOT NULL DEFAULT false;
