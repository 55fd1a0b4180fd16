-- +goose Up
-- When what is said of a producer was changed last: search engines ask.
ALTER TABLE producers ADD COLUMN changed_at timestamptz;
UPDATE producers SET changed_at = created_at;
ALTER TABLE producers ALTER COLUMN changed_at SET NOT NULL;

-- For lists of them, market by market.
CREATE INDEX producers_active ON producers (market_id, id) WHERE state = 'active';
