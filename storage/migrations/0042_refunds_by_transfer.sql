-- +goose Up
-- A refund that its gateway cannot carry out any more goes by bank transfer; a line of
-- money out may be tax.
ALTER TABLE refunds ADD COLUMN by_transfer boolean NOT NULL DEFAULT false;
ALTER TABLE bank_lines DROP CONSTRAINT bank_lines_deed_check;
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_deed_check CHECK (deed IN ('', 'payment', 'refund', 'payout', 'returned', 'batch', 'capital', 'fee', 'tax', 'banked', 'unclaimed', 'sent_back', 'booked', 'cash_in', 'cash_out'));
