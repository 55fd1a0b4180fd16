-- +goose Up
-- An agent who bought as a guest through their own link claims the order: their
-- share goes to its seller, as a charge of nothing.
ALTER TABLE order_charges DROP CONSTRAINT order_charges_label_check;
ALTER TABLE order_charges ADD CONSTRAINT order_charges_label CHECK (label IN ('delivery', 'weight', 'refund', 'decline', 'cancel', 'self_dealing'));

-- What the gateway has kept so far: a later capture posts what is more than that.
ALTER TABLE payments ADD COLUMN fee_minor bigint NOT NULL DEFAULT 0;
