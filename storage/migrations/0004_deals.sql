-- +goose Up
-- The floor of deals: payments, the pipeline, refunds.

-- What a payment is for (sale_id: a basket) is above this room: no foreign key.
CREATE TABLE payments (
  market_id      integer     NOT NULL,
  id             uuid        NOT NULL,
  sale_id        uuid        NOT NULL,
  gateway        text        NOT NULL,
  reference      text        NOT NULL, -- what a payer writes on a transfer; the gateway's metadata
  object         text        NOT NULL DEFAULT '', -- the gateway's own id
  pay_url        text        NOT NULL DEFAULT '',
  currency       text        NOT NULL,
  due_minor      bigint      NOT NULL CHECK (due_minor >= 0),
  captured_minor bigint      NOT NULL DEFAULT 0 CHECK (captured_minor >= 0),
  state          text        NOT NULL CHECK (state IN ('open', 'captured', 'closed')),
  created_at     timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  captured_at    timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payments_reference UNIQUE (market_id, reference),
  CONSTRAINT payments_sale UNIQUE (market_id, sale_id)
);
CREATE INDEX payments_open ON payments (market_id, gateway, created_at) WHERE state = 'open';
SELECT declare_table('payments', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

-- Every call out is an attempt, committed before the call; a timeout means unknown, never failed.
CREATE TABLE payment_attempts (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  payment_id uuid        NOT NULL,
  what       text        NOT NULL, -- open, close, refund:<id>
  state      text        NOT NULL CHECK (state IN ('unknown', 'done', 'failed')),
  answer     text        NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payment_attempts_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
CREATE INDEX payment_attempts_of ON payment_attempts (market_id, payment_id, what);
SELECT declare_table('payment_attempts', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE payment_inbox (
  market_id   integer     NOT NULL,
  provider    text        NOT NULL,
  event       text        NOT NULL,
  object      text        NOT NULL,
  body        bytea       NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, provider, event)
);
SELECT declare_table('payment_inbox', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE refunds (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  payment_id   uuid        NOT NULL,
  sale_id      uuid        NOT NULL, -- the order, or the basket for money that came late
  cause        text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  state        text        NOT NULL CHECK (state IN ('asked', 'succeeded', 'failed')),
  object       text        NOT NULL DEFAULT '',
  reason       text        NOT NULL DEFAULT '',
  asked_by     uuid        NOT NULL,
  created_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT refunds_once UNIQUE (market_id, cause),
  CONSTRAINT refunds_payment FOREIGN KEY (market_id, payment_id) REFERENCES payments (market_id, id)
);
CREATE INDEX refunds_of_payment ON refunds (market_id, payment_id);
CREATE INDEX refunds_of_sale ON refunds (market_id, sale_id);
CREATE INDEX refunds_asked ON refunds (market_id, id) WHERE state = 'asked';
SELECT declare_table('refunds', 'marketplace/payment', 'distributed', 'market_id', 'aa_anchor');

-- The sandbox's own books: it behaves like a gateway, so it has a memory of its own.
CREATE TABLE sandbox_objects (
  market_id      integer     NOT NULL,
  id             text        NOT NULL,
  payment_id     uuid        NOT NULL,
  sale_id        uuid        NOT NULL,
  amount_minor   bigint      NOT NULL,
  currency       text        NOT NULL,
  captured_minor bigint      NOT NULL DEFAULT 0,
  state          text        NOT NULL CHECK (state IN ('open', 'captured', 'failed', 'closed')),
  return_url     text        NOT NULL DEFAULT '',
  created_at     timestamptz NOT NULL,
  changed_at     timestamptz NOT NULL,
  PRIMARY KEY (market_id, id)
);
SELECT declare_table('sandbox_objects', 'marketplace/payment/sandbox', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE sandbox_refunds (
  market_id    integer     NOT NULL,
  object_id    text        NOT NULL,
  key          text        NOT NULL,
  amount_minor bigint      NOT NULL,
  state        text        NOT NULL CHECK (state IN ('succeeded', 'failed')),
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, object_id, key),
  CONSTRAINT sandbox_refunds_object FOREIGN KEY (market_id, object_id) REFERENCES sandbox_objects (market_id, id)
);
SELECT declare_table('sandbox_refunds', 'marketplace/payment/sandbox', 'distributed', 'market_id', 'aa_anchor');

-- What one person confirms at once in one market.
CREATE TABLE baskets (
  market_id         integer     NOT NULL,
  id                uuid        NOT NULL,
  buyer_id          uuid        NOT NULL, -- a person, or a guest's user id
  placed_by         uuid        NOT NULL,
  payment_id        uuid        NOT NULL,
  way               text        NOT NULL, -- how it is paid: a gateway's name, or cash
  currency          text        NOT NULL,
  total_minor       bigint      NOT NULL CHECK (total_minor >= 0),
  state             text        NOT NULL CHECK (state IN ('placed', 'secured', 'cancelled', 'expired')),
  deliver_to_sealed bytea,
  placed_at         timestamptz NOT NULL,
  expires_at        timestamptz NOT NULL,
  PRIMARY KEY (market_id, id)
);
CREATE INDEX baskets_of_buyer ON baskets (market_id, buyer_id, id);
SELECT declare_table('baskets', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

-- One seller's part of a basket. One kind, one life.
CREATE TABLE orders (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  basket_id    uuid        NOT NULL,
  number       text        NOT NULL,
  kind         text        NOT NULL,
  state        text        NOT NULL CHECK (state IN ('promised', 'placed', 'secured', 'accepted', 'packed', 'shipped', 'delivered', 'completed', 'cancelled', 'expired')),
  buyer_id     uuid        NOT NULL,
  seller_id    uuid,                     -- who must deliver: a producer for goods
  seller_payee uuid,
  agent_id     uuid,                     -- the selling agent, to show on desks
  currency     text        NOT NULL,
  total_minor  bigint      NOT NULL CHECK (total_minor >= 0), -- lines + charges when placed
  placed_at    timestamptz NOT NULL,
  secured_at   timestamptz,
  due_at       timestamptz,              -- by when the next move must be made
  completed_at timestamptz,
  version      integer     NOT NULL DEFAULT 1,
  PRIMARY KEY (market_id, id),
  CONSTRAINT orders_number UNIQUE (market_id, number),
  CONSTRAINT orders_basket FOREIGN KEY (market_id, basket_id) REFERENCES baskets (market_id, id)
);
CREATE INDEX orders_of_basket ON orders (market_id, basket_id);
CREATE INDEX orders_of_buyer ON orders (market_id, buyer_id, id);
CREATE INDEX orders_of_seller ON orders (market_id, seller_id, id);
CREATE INDEX orders_of_agent ON orders (market_id, agent_id, id);
CREATE INDEX orders_in_state ON orders (market_id, state, id);
SELECT declare_table('orders', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

-- What, how much, at which frozen price, with its frozen split.
CREATE TABLE order_lines (
  market_id      integer NOT NULL,
  order_id       uuid    NOT NULL,
  line_no        integer NOT NULL,
  listing_id     uuid,
  title          text    NOT NULL,
  title_en       text    NOT NULL DEFAULT '',
  photo          text    NOT NULL DEFAULT '',
  category       text    NOT NULL DEFAULT '',
  unit           text    NOT NULL DEFAULT '',
  unit_base      bigint  NOT NULL DEFAULT 1,
  quantity       bigint  NOT NULL CHECK (quantity > 0),
  packed         bigint  CHECK (packed >= 0),
  weight_band_bp integer NOT NULL DEFAULT 0,
  price_minor    bigint  NOT NULL,
  total_minor    bigint  NOT NULL CHECK (total_minor >= 0),
  seller_minor   bigint  NOT NULL CHECK (seller_minor >= 0),
  agent_minor    bigint  NOT NULL CHECK (agent_minor >= 0),
  fee_minor      bigint  NOT NULL CHECK (fee_minor >= 0),
  tax_minor      bigint  NOT NULL CHECK (tax_minor >= 0),
  fee_bp         integer NOT NULL DEFAULT 0,
  tax_bp         integer NOT NULL DEFAULT 0,
  agent_payee    uuid,
  return_days    integer NOT NULL DEFAULT 0,
  release_days   integer NOT NULL DEFAULT 14,
  PRIMARY KEY (market_id, order_id, line_no),
  CONSTRAINT order_lines_shares CHECK (seller_minor + agent_minor + fee_minor + tax_minor = total_minor),
  CONSTRAINT order_lines_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
CREATE INDEX order_lines_of_listing ON order_lines (market_id, listing_id);
SELECT declare_table('order_lines', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

-- Any other sum on the order. A negative one takes its split from the line it names.
CREATE TABLE order_charges (
  market_id    integer     NOT NULL,
  order_id     uuid        NOT NULL,
  charge_no    integer     NOT NULL,
  line_no      integer,                  -- the line a negative charge takes from
  label        text        NOT NULL CHECK (label IN ('delivery', 'weight', 'refund', 'decline', 'cancel')),
  source       text        NOT NULL,     -- the deed that made it; unique on the order
  amount_minor bigint      NOT NULL,
  seller_minor bigint      NOT NULL,
  agent_minor  bigint      NOT NULL,
  fee_minor    bigint      NOT NULL,
  tax_minor    bigint      NOT NULL,
  reason       text        NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, charge_no),
  CONSTRAINT order_charges_once UNIQUE (market_id, order_id, source, line_no),
  CONSTRAINT order_charges_shares CHECK (seller_minor + agent_minor + fee_minor + tax_minor = amount_minor),
  CONSTRAINT order_charges_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
SELECT declare_table('order_charges', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE order_history (
  market_id  integer     NOT NULL,
  order_id   uuid        NOT NULL,
  id         uuid        NOT NULL,
  from_state text        NOT NULL,
  to_state   text        NOT NULL,
  moved_by   uuid        NOT NULL,
  why        text        NOT NULL DEFAULT '',
  moved_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, order_id, id),
  CONSTRAINT order_history_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
SELECT declare_table('order_history', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor', true);

-- A row that stops completion and release until it is lifted.
CREATE TABLE freezes (
  market_id integer     NOT NULL,
  id        uuid        NOT NULL,
  order_id  uuid        NOT NULL,
  reason    text        NOT NULL,
  opened_by uuid        NOT NULL,
  opened_at timestamptz NOT NULL,
  lifted_by uuid,
  lifted_at timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT freezes_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
CREATE INDEX freezes_of_order ON freezes (market_id, order_id);
SELECT declare_table('freezes', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE shipments (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  order_id     uuid        NOT NULL,
  carrier      text        NOT NULL,
  number       text        NOT NULL DEFAULT '',
  shipped_by   uuid        NOT NULL,
  shipped_at   timestamptz NOT NULL,
  delivered_at timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT shipments_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id)
);
CREATE INDEX shipments_of_order ON shipments (market_id, order_id);
SELECT declare_table('shipments', 'marketplace/order', 'distributed', 'market_id', 'aa_anchor');
