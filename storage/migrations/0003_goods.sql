-- +goose Up
-- The floor of goods: categories, units, listings, photos, rates, stock.

CREATE TABLE units (
  code      text     PRIMARY KEY,
  dimension text     NOT NULL CHECK (dimension IN ('weight', 'count')),
  base      bigint   NOT NULL CHECK (base > 0), -- grams, or pieces
  position  smallint NOT NULL
);
SELECT declare_table('units', 'catalog', 'reference');

CREATE TABLE categories (
  code        text     PRIMARY KEY,
  parent      text,
  name        text     NOT NULL,
  name_en     text     NOT NULL,
  fresh       boolean  NOT NULL DEFAULT false, -- fresh goods: release after 3 days, no 7-day return
  position    smallint NOT NULL,
  CONSTRAINT categories_parent FOREIGN KEY (parent) REFERENCES categories (code)
);
SELECT declare_table('categories', 'catalog', 'reference');

-- The platform's fee and the tax, versioned: by category and kind of order, the newest valid row that fits best.
CREATE TABLE rates (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  what       text        NOT NULL CHECK (what IN ('fee', 'tax')),
  category   text,
  kind       text,
  rate_bp    integer     NOT NULL CHECK (rate_bp BETWEEN 0 AND 5000),
  valid_from timestamptz NOT NULL,
  created_by uuid        NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT rates_category FOREIGN KEY (category) REFERENCES categories (code)
);
SELECT declare_table('rates', 'catalog', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE listings (
  market_id      integer     NOT NULL,
  id             uuid        NOT NULL,
  producer_id    uuid        NOT NULL,
  category       text        NOT NULL,
  title          text        NOT NULL,
  title_en       text        NOT NULL DEFAULT '',
  story          text        NOT NULL DEFAULT '',
  story_en       text        NOT NULL DEFAULT '',
  grade          text        NOT NULL DEFAULT '',
  harvest_on     date,
  unit           text        NOT NULL,
  price_minor    bigint      NOT NULL CHECK (price_minor > 0),   -- per unit
  minimum        bigint      NOT NULL CHECK (minimum > 0),       -- base units
  weight_band_bp integer     NOT NULL CHECK (weight_band_bp BETWEEN 0 AND 2000),
  state          text        NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'archived')),
  photos         text[]      NOT NULL DEFAULT '{}',              -- keys of the photo room, first is the cover
  version        integer     NOT NULL DEFAULT 1,
  created_at     timestamptz NOT NULL,
  changed_at     timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT listings_producer FOREIGN KEY (market_id, producer_id) REFERENCES producers (market_id, id),
  CONSTRAINT listings_category FOREIGN KEY (category) REFERENCES categories (code),
  CONSTRAINT listings_unit FOREIGN KEY (unit) REFERENCES units (code)
);
CREATE INDEX listings_of_producer ON listings (market_id, producer_id, id);
CREATE INDEX listings_live ON listings (market_id, id) WHERE state = 'live';
CREATE INDEX listings_live_category ON listings (market_id, category, id) WHERE state = 'live';
-- For pages over all markets, which alone say that version > 0 (it always is): a
-- page of one small market must not walk along everybody's listings.
CREATE INDEX listings_live_all ON listings (id) WHERE state = 'live' AND version > 0;
CREATE INDEX listings_live_all_category ON listings (category, id) WHERE state = 'live' AND version > 0;
SELECT declare_table('listings', 'catalog', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE batches (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  listing_id uuid        NOT NULL,
  harvest_on date,
  grade      text        NOT NULL DEFAULT '',
  place      text        NOT NULL DEFAULT '',
  on_hand    bigint      NOT NULL,
  reserved   bigint      NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT batches_oversold CHECK (0 <= reserved AND reserved <= on_hand),
  CONSTRAINT batches_listing FOREIGN KEY (market_id, listing_id) REFERENCES listings (market_id, id)
);
CREATE INDEX batches_of_listing ON batches (market_id, listing_id, id);
SELECT declare_table('batches', 'catalog/stock', 'distributed', 'market_id', 'aa_anchor');

-- Stock promised to a sale (neutral id and line number).
CREATE TABLE reservations (
  market_id  integer     NOT NULL,
  sale_id    uuid        NOT NULL,
  line_no    integer     NOT NULL,
  batch_id   uuid        NOT NULL,
  quantity   bigint      NOT NULL CHECK (quantity > 0), -- promised; once shipped, what was packed
  returned   bigint      NOT NULL DEFAULT 0,            -- of what was shipped
  state      text        NOT NULL CHECK (state IN ('live', 'shipped', 'let_go')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, sale_id, line_no, batch_id),
  CONSTRAINT reservations_returned CHECK (0 <= returned AND returned <= quantity AND (returned = 0 OR state = 'shipped')),
  CONSTRAINT reservations_batch FOREIGN KEY (market_id, batch_id) REFERENCES batches (market_id, id)
);
CREATE INDEX reservations_of_batch ON reservations (market_id, batch_id) WHERE state = 'live';
CREATE INDEX reservations_by_batch ON reservations (market_id, batch_id);
SELECT declare_table('reservations', 'catalog/stock', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE stock_moves (
  market_id integer     NOT NULL,
  id        uuid        NOT NULL,
  batch_id  uuid        NOT NULL,
  kind      text        NOT NULL CHECK (kind IN ('receive', 'reserve', 'let_go', 'ship', 'return', 'correct')),
  quantity  bigint      NOT NULL, -- signed: receive +, reserve +, let_go −, ship −, return +, correct ±
  sale_id   uuid,
  line_no   integer,
  why       text        NOT NULL DEFAULT '',
  moved_by  uuid        NOT NULL,
  moved_at  timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT stock_moves_batch FOREIGN KEY (market_id, batch_id) REFERENCES batches (market_id, id)
);
CREATE INDEX stock_moves_of_batch ON stock_moves (market_id, batch_id, id);
SELECT declare_table('stock_moves', 'catalog/stock', 'distributed', 'market_id', 'aa_anchor', true);
