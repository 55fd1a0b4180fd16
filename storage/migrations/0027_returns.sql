-- +goose Up
-- Goods that their buyer gives back without a complaint.

CREATE TABLE returns (
  market_id      integer     NOT NULL,
  id             uuid        NOT NULL,
  order_id       uuid        NOT NULL,
  freeze_id      uuid        NOT NULL, -- stops the order's money while it is open
  state          text        NOT NULL CHECK (state IN ('asked', 'objected', 'approved', 'sent', 'called', 'refunded', 'refused', 'withdrawn', 'lapsed', 'cancelled')),
  lines          jsonb       NOT NULL, -- base units by line number
  text           text        NOT NULL DEFAULT '', -- the buyer need not say why
  photos         text[]      NOT NULL DEFAULT '{}',
  asked_by       uuid        NOT NULL,
  asked_at       timestamptz NOT NULL,
  due_at         timestamptz, -- by when the next step is made; nothing: an operator's, or over
  objection      text        NOT NULL DEFAULT '', -- why the seller will not have it, or what is wrong with what came
  objected_at    timestamptz,
  approved_at    timestamptz,
  approved_by    uuid,
  pays           text        NOT NULL DEFAULT 'buyer' CHECK (pays IN ('buyer', 'seller')), -- the way back
  send_to_sealed bytea,       -- where to, in the seller's words
  carrier        text        NOT NULL DEFAULT '',
  number         text        NOT NULL DEFAULT '',
  sent_at        timestamptz,
  came_at        timestamptz, -- whoever looks at them says that they are here
  fate           text        NOT NULL DEFAULT '' CHECK (fate IN ('', 'back', 'lost')),
  called_at      timestamptz,
  ended_at       timestamptz,
  ended_by       uuid,
  why            text        NOT NULL DEFAULT '', -- it was refused
  back_minor     bigint      NOT NULL DEFAULT 0 CHECK (back_minor >= 0),
  PRIMARY KEY (market_id, id),
  CONSTRAINT returns_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id),
  CONSTRAINT returns_freeze FOREIGN KEY (market_id, freeze_id) REFERENCES freezes (market_id, id),
  CONSTRAINT returns_end CHECK ((ended_at IS NULL) = (state IN ('asked', 'objected', 'approved', 'sent', 'called')))
);
CREATE UNIQUE INDEX returns_one ON returns (market_id, order_id) WHERE ended_at IS NULL;
CREATE INDEX returns_of_order ON returns (market_id, order_id);
CREATE INDEX returns_running ON returns (market_id, id) WHERE ended_at IS NULL;
CREATE INDEX returns_by_freeze ON returns (market_id, freeze_id);
SELECT declare_table('returns', 'marketplace/order/returns', 'distributed', 'market_id', 'aa_anchor');
