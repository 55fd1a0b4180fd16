-- +goose Up
-- The indexes of search are made when their table is full: sorted once, instead
-- of kept up row by row. The program's role may not make indexes, so it is lent
-- these two functions, which do nothing else: take the indexes from the table
-- that is not live, and make them. They run with the rights of who migrates.

-- What a table of documents is searched by. This is the one place that says so.
-- +goose StatementBegin
CREATE FUNCTION search_make_indexes(slot text, part text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '128MB' AS $$
BEGIN
  IF slot NOT IN ('a', 'b') OR part NOT IN ('marks', 'orders') THEN
    RAISE EXCEPTION 'search_make_indexes: no table % or part %', slot, part;
  END IF;
  IF part = 'marks' THEN
    EXECUTE format('CREATE INDEX IF NOT EXISTS search_marks_%1$s ON search_documents_%1$s USING gin (marks)', slot);
    RETURN;
  END IF;
  -- One index for each order of many hits.
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_new_%1$s ON search_documents_%1$s (in_stock, listed_at, id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_listed_%1$s ON search_documents_%1$s (listed_at, id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_price_%1$s ON search_documents_%1$s (price_minor, id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_cheap_%1$s ON search_documents_%1$s ((CASE WHEN price_minor = 0 THEN 9223372036854775807 ELSE price_minor END), id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_harvest_%1$s ON search_documents_%1$s (harvest_on, id)', slot);
  -- Goods of a category by price, and of what is below it: what is of one kind costs alike, so
  -- that a walk along all prices would lead past everything cheaper.
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_category_price_%1$s ON search_documents_%1$s (category, price_minor, id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_category_cheap_%1$s ON search_documents_%1$s (category, (CASE WHEN price_minor = 0 THEN 9223372036854775807 ELSE price_minor END), id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_parent_price_%1$s ON search_documents_%1$s (parent, price_minor, id)', slot);
  EXECUTE format('CREATE INDEX IF NOT EXISTS search_parent_cheap_%1$s ON search_documents_%1$s (parent, (CASE WHEN price_minor = 0 THEN 9223372036854775807 ELSE price_minor END), id)', slot);
END $$;
-- +goose StatementEnd

-- Only the table that nobody searches: the live one keeps its indexes whoever asks.
-- +goose StatementBegin
CREATE FUNCTION search_drop_indexes(slot text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  made regclass;
BEGIN
  IF slot NOT IN ('a', 'b') OR EXISTS (SELECT 1 FROM search_index WHERE live = slot) THEN
    RAISE EXCEPTION 'search_drop_indexes: % is no table that is not live', slot;
  END IF;
  FOR made IN SELECT indexrelid FROM pg_index WHERE indrelid = format('search_documents_%s', slot)::regclass AND NOT indisprimary LOOP
    EXECUTE format('DROP INDEX %s', made);
  END LOOP;
END $$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION search_make_indexes(text, text), search_drop_indexes(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_make_indexes(text, text), search_drop_indexes(text) TO commonfield_app;

SELECT search_make_indexes(slot, part) FROM unnest(ARRAY['a', 'b']) slot, unnest(ARRAY['marks', 'orders']) part;
