package payout

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/written"
)

// The most an answer file may hold.
const (
	mostBytes = 4 << 20
	mostRows  = 20_000
)

// AnswerFile reads an answer file and gives it to Answer. docs/bank-file.md
// describes its layouts.
func (d *Desk) AnswerFile(ctx context.Context, k once.Key, market int32, batch id.ID, data []byte) (Batch, error) {
	says, err := ReadAnswers(data)
	if err != nil {
		return Batch{}, err
	}
	return d.Answer(ctx, k, market, batch, says)
}

// ReadAnswers reads an answer file, in any layout that there is, and names the
// line that it refuses: fault.Invalid answer_unreadable, answer_columns,
// answer_state, answer_empty, answer_layout; fault.TooLarge answer_large.
func ReadAnswers(data []byte) (Answers, error) {
	if len(data) > mostBytes {
		return Answers{}, fault.TooLarge("answer_large", fault.Args{"most": mostRows})
	}
	text, ok := written.File(data)
	if !ok { // a workbook, a picture, half a file
		return Answers{}, fault.Invalid("file", "answer_unreadable", fault.Args{"line": 1})
	}
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return readPain(text)
	}
	rows, err := readCSV(text)
	return Answers{Rows: rows}, err
}

func readCSV(text string) ([]Answer, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalid("file", "answer_empty")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
	}
	number, state, reason := slices.Index(names, "number"), slices.Index(names, "state"), slices.Index(names, "reason")
	if number < 0 || state < 0 {
		return nil, fault.Invalid("file", "answer_columns")
	}
	var rows []Answer
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		cell := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return strings.TrimPrefix(strings.TrimSpace(record[i]), "'")
		}
		if cell(number) == "" && cell(state) == "" {
			continue // the empty rows that spreadsheets leave behind
		}
		line, _ := r.FieldPos(0)
		a := Answer{Reference: cell(number), Reason: cell(reason)}
		switch strings.ToLower(cell(state)) {
		case "paid":
			a.State, a.Reason = Paid, ""
		case "failed":
			a.State = Failed
		case "pending":
			a.State, a.Status, a.Reason = InTransit, "PDNG", ""
		default:
			return nil, fault.Invalid("file", "answer_state", fault.Args{"line": line, "value": cell(state)})
		}
		if rows = append(rows, a); len(rows) > mostRows {
			return nil, fault.TooLarge("answer_large", fault.Args{"most": mostRows})
		}
	}
	if len(rows) == 0 {
		return nil, fault.Invalid("file", "answer_empty")
	}
	return rows, nil
}

func unreadable(err error) error {
	line := 0
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		line = at.Line
	}
	return fault.Invalid("file", "answer_unreadable", fault.Args{"line": line}).Because(err)
}
