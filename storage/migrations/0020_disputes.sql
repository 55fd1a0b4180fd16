-- +goose Up
-- What a buyer complains of, what both sides say and show, and how it ended.

CREATE TABLE disputes (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  order_id     uuid        NOT NULL,
  freeze_id    uuid        NOT NULL, -- stops the order's money while it is open
  state        text        NOT NULL CHECK (state IN ('open', 'answered', 'escalated', 'withdrawn', 'settled', 'decided', 'cancelled')),
  reason       text        NOT NULL CHECK (reason IN ('not_arrived', 'wrong', 'damaged', 'less', 'quality')),
  lines        integer[]   NOT NULL CHECK (cardinality(lines) > 0),
  opened_by    uuid        NOT NULL,
  opened_at    timestamptz NOT NULL,
  answer_by    timestamptz NOT NULL,
  escalate_at  timestamptz NOT NULL,
  answered_at  timestamptz,
  offer_minor  bigint      NOT NULL DEFAULT 0 CHECK (offer_minor >= 0), -- what the seller would give back; 0: no offer
  offered_by   uuid,
  escalated_at timestamptz,
  escalated_by uuid,
  ended_at     timestamptz,
  ended_by     uuid,
  back_minor   bigint      NOT NULL DEFAULT 0 CHECK (back_minor >= 0), -- what its end gave back
  refund_id    uuid,
  goods        text        NOT NULL DEFAULT '' CHECK (goods IN ('', 'kept', 'back', 'lost')),
  why          text        NOT NULL DEFAULT '',
  PRIMARY KEY (market_id, id),
  CONSTRAINT disputes_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id),
  CONSTRAINT disputes_freeze FOREIGN KEY (market_id, freeze_id) REFERENCES freezes (market_id, id),
  CONSTRAINT disputes_end CHECK ((ended_at IS NULL) = (state IN ('open', 'answered', 'escalated')))
);
CREATE UNIQUE INDEX disputes_one ON disputes (market_id, order_id) WHERE ended_at IS NULL;
CREATE INDEX disputes_of_order ON disputes (market_id, order_id);
CREATE INDEX disputes_running ON disputes (market_id, id) WHERE ended_at IS NULL;
CREATE INDEX disputes_by_freeze ON disputes (market_id, freeze_id);
SELECT declare_table('disputes', 'marketplace/order/dispute', 'distributed', 'market_id', 'aa_anchor');

-- What was said and shown, by whom; never changed.
CREATE TABLE dispute_words (
  market_id  integer     NOT NULL,
  dispute_id uuid        NOT NULL,
  id         uuid        NOT NULL,
  said_as    text        NOT NULL CHECK (said_as IN ('buyer', 'seller', 'operator')),
  said_by    uuid        NOT NULL,
  text       text        NOT NULL,
  photos     text[]      NOT NULL DEFAULT '{}', -- evidence/<hash>
  offer_minor bigint     NOT NULL DEFAULT 0,
  said_at    timestamptz NOT NULL,
  PRIMARY KEY (market_id, dispute_id, id),
  CONSTRAINT dispute_words_dispute FOREIGN KEY (market_id, dispute_id) REFERENCES disputes (market_id, id)
);
SELECT declare_table('dispute_words', 'marketplace/order/dispute', 'distributed', 'market_id', 'aa_anchor', true);
