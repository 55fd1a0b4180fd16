package payout_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commonfield/agents/payable"
	"commonfield/agents/payout"
	"commonfield/storage/blob"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

func TestTheBankFileSaysWhoGetsWhatWhere(t *testing.T) {
	o := open(t)
	p := o.bare(`Big "Farm", 核桃`, 1234_50)
	must(t, payable.SetAccount(t.Context(), o.db, o.market, p, payable.Account{Holder: "古丽娜尔", Bank: "农业银行", Number: "6228480000000000018"}, o.box, anna))
	b := o.approve(o.draft())
	out := o.payouts(b)[0]
	rows := o.table(b)
	if got := strings.Join(rows[0], ","); got != "number,payee,holder,bank,account,amount,currency,reference" {
		t.Errorf("columns %s", got)
	}
	want := []string{out.Number(), `Big "Farm", 核桃`, "古丽娜尔", "农业银行", "6228480000000000018", "1234.50", "CNY", b.Number + "-" + out.Number()}
	if strings.Join(rows[1], "|") != strings.Join(want, "|") {
		t.Errorf("row %q, not %q", rows[1], want)
	}
	f, err := o.desk.File(t.Context(), o.market, b.ID)
	must(t, err)
	data, name := f.Data, f.Name
	sum := sha256.Sum256(data)
	if name != b.Number+".csv" || hex.EncodeToString(sum[:]) != b.FileSHA256 || o.sent.files[b.FileSHA256] != 1 {
		t.Errorf("%s with hash %x, kept %s, sent %v", name, sum, b.FileSHA256, o.sent.files)
	}
}

func TestNoCellOfTheBankFileIsAFormula(t *testing.T) {
	o := open(t)
	for _, evil := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1"} {
		p := o.bare(evil, 100)
		must(t, payable.SetAccount(t.Context(), o.db, o.market, p, payable.Account{Holder: "=H", Bank: "@B", Number: "12345678"}, o.box, anna))
	}
	rows := o.table(o.approve(o.draft()))
	if len(rows) != 7 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows[1:] {
		if row[1][0] != '\'' || row[2] != "'=H" || row[3] != "'@B" || row[5] != "1.00" {
			t.Errorf("row %q", row)
		}
	}
}

func TestNumbersAreUniqueInAFile(t *testing.T) {
	o := open(t)
	for range 40 {
		o.payee("A", 1)
	}
	seen := map[string]bool{}
	for _, row := range o.table(o.approve(o.draft()))[1:] {
		if seen[row[0]] || seen[row[7]] || len(row[0]) != 8 {
			t.Errorf("row %q", row)
		}
		seen[row[0]], seen[row[7]] = true, true
	}
}

func TestADraftHasNoFile(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.draft()
	if _, err := o.desk.File(t.Context(), o.market, b.ID); !fault.Has(err, "payout_state") {
		t.Errorf("%v", err)
	}
	if _, err := o.desk.File(t.Context(), o.market, id.New()); !fault.Has(err, "payout_batch_unknown") {
		t.Errorf("%v", err)
	}
}

func TestALostOrChangedFileIsMadeAgainFromTheRows(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.approve(o.draft())
	first, err := o.desk.File(t.Context(), o.market, b.ID)
	must(t, err)
	must(t, o.blobs.Put(t.Context(), b.FileKey, "text/csv", []byte("other bytes")))
	again, err := o.desk.File(t.Context(), o.market, b.ID)
	must(t, err)
	empty, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "empty"))
	must(t, err)
	defer func() { _ = empty.Close() }()
	lost, err := payout.New(o.db, o.box, empty, nil).File(t.Context(), o.market, b.ID)
	must(t, err)
	kept, _, err := empty.Get(t.Context(), b.FileKey)
	must(t, err)
	if string(first.Data) != string(again.Data) || string(first.Data) != string(lost.Data) || string(kept) != string(first.Data) {
		t.Error("the file differs")
	}
}

func TestAFileThatCouldNotBeWrittenIsWrittenLater(t *testing.T) {
	for name, later := range map[string]func(o *office, b payout.Batch) error{
		"by approving again": func(o *office, b payout.Batch) error {
			_, err := o.desk.Approve(context.Background(), o.market, b.ID, bernat)
			return err
		},
		"by asking for it": func(o *office, b payout.Batch) error {
			_, err := o.desk.File(context.Background(), o.market, b.ID)
			return err
		},
		"by the job": func(o *office, _ payout.Batch) error {
			o.pass(time.Minute)
			w := jobs.NewWorker(o.db, map[string]jobs.Handler{payout.SubmitJob: o.desk.Handler()}, jobs.Options{})
			n, err := w.Drain(context.Background(), o.market)
			if n != 1 {
				return errors.New("no job ran")
			}
			return err
		},
	} {
		o := open(t)
		o.payee("A", 100)
		b := o.draft()
		closed, err := blob.Open(t.Context(), filepath.Join(t.TempDir(), "blobs"))
		must(t, err)
		must(t, closed.Close())
		_, err = payout.New(o.db, o.box, closed, nil).Approve(t.Context(), o.market, b.ID, bernat)
		if f, ok := fault.As(err); !ok || f.Kind != fault.KindUnavailable {
			t.Fatalf("%s: without a store: %v", name, err)
		}
		if s := o.find(b).State; s != payout.Approved {
			t.Fatalf("%s: it is %s", name, s)
		}
		if _, err := o.desk.Answer(t.Context(), once.Key{}, o.market, b.ID, payout.Answers{}); !fault.Has(err, "payout_state") {
			t.Errorf("%s: answered before it was sent: %v", name, err)
		}
		o.clean()
		must(t, later(o, b))
		if s := o.find(b).State; s != payout.Submitted || len(o.sent.files) != 1 {
			t.Errorf("%s: then it is %s", name, s)
		}
		o.clean()
	}
}

// lost is a sender whose bank is down.
type lost struct{}

func (lost) Send(context.Context, payout.File) error { return fault.Unavailable("bank_down") }

func TestABatchIsNotSubmittedBeforeTheSenderHasIt(t *testing.T) {
	o := open(t)
	o.payee("A", 100)
	b := o.draft()
	if _, err := payout.New(o.db, o.box, o.blobs, lost{}).Approve(t.Context(), o.market, b.ID, bernat); !fault.Has(err, "bank_down") {
		t.Errorf("%v", err)
	}
	if s := o.find(b).State; s != payout.Approved {
		t.Errorf("it is %s", s)
	}
	if b = o.approve(b); b.State != payout.Submitted {
		t.Errorf("then it is %s", b.State)
	}
}
