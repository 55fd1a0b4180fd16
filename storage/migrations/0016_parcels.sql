-- +goose Up
-- An order in several parcels: what each holds, and what became of it.

ALTER TABLE shipments ADD COLUMN state text NOT NULL DEFAULT 'sent';
ALTER TABLE shipments ADD CONSTRAINT shipments_state CHECK (state IN ('sent', 'arrived', 'lost'));
ALTER TABLE shipments ADD COLUMN holds jsonb; -- base units by line number; nothing: all of the order
ALTER TABLE shipments ADD COLUMN why text NOT NULL DEFAULT ''; -- it was lost
UPDATE shipments SET state = 'arrived' WHERE delivered_at IS NOT NULL;
