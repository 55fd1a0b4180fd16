-- +goose Up
-- Papers of an order: receipts, statements of sale, credit notes.

-- The last number of each series. Whoever issues locks its row, so that a number
-- is given with the paper or not at all.
CREATE TABLE paper_series (
  market_id integer NOT NULL,
  kind      text    NOT NULL CHECK (kind IN ('receipt', 'sale', 'credit')),
  last      bigint  NOT NULL CHECK (last >= 0),
  PRIMARY KEY (market_id, kind)
);
SELECT declare_table('paper_series', 'marketplace/paper', 'distributed', 'market_id', 'aa_anchor');

-- A paper as it was issued: what it says never changes. Who bought is not in it.
CREATE TABLE papers (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  kind         text        NOT NULL CHECK (kind IN ('receipt', 'sale', 'credit')),
  no           bigint      NOT NULL CHECK (no > 0),
  order_id     uuid        NOT NULL,
  source       text        NOT NULL, -- of a credit note: the deed that gave back, as its charges name it; else empty
  of_paper     uuid,                 -- of a credit note: the paper that it lessens
  refund_id    uuid,
  charges      integer     NOT NULL, -- of the others: how many charges of the order it takes in
  currency     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  says         jsonb       NOT NULL, -- names, lines and taxes as they were
  issued_at    timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT papers_number UNIQUE (market_id, kind, no),
  CONSTRAINT papers_once UNIQUE (market_id, order_id, kind, source),
  CONSTRAINT papers_order FOREIGN KEY (market_id, order_id) REFERENCES orders (market_id, id),
  CONSTRAINT papers_of FOREIGN KEY (market_id, of_paper) REFERENCES papers (market_id, id),
  CHECK ((kind = 'credit') = (of_paper IS NOT NULL))
);
CREATE INDEX papers_of_paper ON papers (market_id, of_paper);
SELECT declare_table('papers', 'marketplace/paper', 'distributed', 'market_id', 'aa_anchor', true);

-- The number of the tax system's own invoice (fapiao), which a seller enters beside
-- the statement of sale; the newest counts.
CREATE TABLE tax_invoices (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  paper_id   uuid        NOT NULL,
  number     text        NOT NULL, -- empty: taken back
  entered_by uuid        NOT NULL,
  entered_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT tax_invoices_paper FOREIGN KEY (market_id, paper_id) REFERENCES papers (market_id, id)
);
CREATE INDEX tax_invoices_of ON tax_invoices (market_id, paper_id, id);
SELECT declare_table('tax_invoices', 'marketplace/paper', 'distributed', 'market_id', 'aa_anchor', true);
