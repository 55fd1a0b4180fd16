-- +goose Up
-- A line that went out may be what came in of nobody, sent back to whom it came from.
ALTER TABLE bank_lines DROP CONSTRAINT bank_lines_deed_check;
ALTER TABLE bank_lines ADD CONSTRAINT bank_lines_deed_check CHECK (deed IN ('', 'payment', 'refund', 'payout', 'returned', 'batch', 'capital', 'fee', 'banked', 'unclaimed', 'sent_back', 'booked', 'cash_in', 'cash_out'));
CREATE INDEX bank_lines_unclaimed ON bank_lines (market_id, id) WHERE deed = 'unclaimed';
