-- +goose Up
-- The price at which something was put aside, so that its owner is told when it
-- has become another. What lies in a basket already was seen at no price.
ALTER TABLE kept_lines ADD COLUMN price_minor bigint CHECK (price_minor > 0); -- per unit
ALTER TABLE kept_lines ADD COLUMN unit_base bigint CHECK (unit_base > 0); -- of which unit, in base units
ALTER TABLE kept_lines ADD CONSTRAINT kept_lines_price CHECK ((price_minor IS NULL) = (unit_base IS NULL));
