-- +goose Up
-- What the sides of an order write to each other: personal, so its words are sealed.

CREATE TABLE order_talks (
  market_id  integer     NOT NULL,
  order_id   uuid        NOT NULL,
  seller_id  uuid,                -- as on the order, for the seller's list
  messages   integer     NOT NULL DEFAULT 0 CHECK (messages >= 0),
  last_at    timestamptz NOT NULL,
  last_as    text        NOT NULL,
  called_at  timestamptz,         -- an operator was asked to read along; nothing: none is
  called_by  uuid,
  called_why text        NOT NULL DEFAULT '' CHECK (called_why IN ('', 'rude', 'outside', 'help')),
  PRIMARY KEY (market_id, order_id),
  CONSTRAINT order_talks_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id),
  CONSTRAINT order_talks_called CHECK ((called_at IS NULL) = (called_by IS NULL))
);
CREATE INDEX order_talks_of_seller ON order_talks (market_id, seller_id, last_at DESC);
CREATE INDEX order_talks_called_for ON order_talks (market_id, called_at) WHERE called_at IS NOT NULL;
CREATE INDEX order_talks_old ON order_talks (market_id, last_at);
SELECT declare_table('order_talks', 'marketplace/order/talk', 'distributed', 'market_id', 'aa_anchor');

-- One message; it is never changed, and gone three years after the last one of its order.
CREATE TABLE order_messages (
  market_id   integer     NOT NULL,
  order_id    uuid        NOT NULL,
  id          uuid        NOT NULL,
  said_as     text        NOT NULL CHECK (said_as IN ('buyer', 'seller', 'agent', 'operator')),
  said_by     uuid        NOT NULL,
  text_sealed bytea, -- nothing: pictures alone
  photos      text[]      NOT NULL DEFAULT '{}', -- evidence/<hash>
  said_at     timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, id),
  CONSTRAINT order_messages_talk FOREIGN KEY (market_id, order_id) REFERENCES order_talks (market_id, order_id),
  CONSTRAINT order_messages_something CHECK (text_sealed IS NOT NULL OR cardinality(photos) > 0)
);
SELECT declare_table('order_messages', 'marketplace/order/talk', 'distributed', 'market_id', 'aa_anchor');

-- Up to which message somebody has read.
CREATE TABLE order_talk_reads (
  market_id  integer     NOT NULL,
  order_id   uuid        NOT NULL,
  person_id  uuid        NOT NULL,
  read_as    text        NOT NULL,
  message_id uuid        NOT NULL,
  read_at    timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, person_id),
  CONSTRAINT order_talk_reads_talk FOREIGN KEY (market_id, order_id) REFERENCES order_talks (market_id, order_id)
);
SELECT declare_table('order_talk_reads', 'marketplace/order/talk', 'distributed', 'market_id', 'aa_anchor');
