-- +goose Up
-- What a market sold, month by month: by producer and by agent the statements tell
-- it already, by category these rows do.

-- Of which category a line of a statement is; empty: delivery and other charges.
ALTER TABLE statement_lines ADD COLUMN category text NOT NULL DEFAULT '';

-- A closed month by category, made with its statements; it never changes again.
CREATE TABLE month_sales (
  market_id       integer NOT NULL,
  month           date    NOT NULL, -- its first day
  category        text    NOT NULL,
  lines           bigint  NOT NULL, -- how many lines were sold
  sold_minor      bigint  NOT NULL, -- what buyers paid, less what went back
  producers_minor bigint  NOT NULL, -- of that
  agents_minor    bigint  NOT NULL, -- the rest is fees and taxes
  PRIMARY KEY (market_id, month, category)
);
SELECT declare_table('month_sales', 'agents/statement', 'distributed', 'market_id', 'aa_anchor', true);
