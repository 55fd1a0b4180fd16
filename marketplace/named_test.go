package marketplace_test

import (
	"testing"

	"commonfield/marketplace"
	"commonfield/marketplace/tongue"
	"commonfield/storage/dbtest"
)

// An operator reads what gave up and what does not balance in sentences, not in
// the names that the program has for them.
func TestEveryJobCheckAndAlarmHasItsNameInWords(t *testing.T) {
	_, address := dbtest.Own(t)
	m, err := marketplace.Open(t.Context(), marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Shut() })
	kinds := m.JobKinds()
	if len(kinds) < 30 || len(marketplace.Checks()) < 10 {
		t.Fatalf("only %d kinds and %d checks were found", len(kinds), len(marketplace.Checks()))
	}
	for _, lang := range tongue.Languages {
		r := tongue.For(lang)
		for _, kind := range kinds {
			if r.Job(kind) == kind {
				t.Errorf("%s: the job %s has no name", lang, kind)
			}
		}
		for _, check := range marketplace.Checks() {
			if r.Check(check.Name) == check.Name {
				t.Errorf("%s: the check %q has no name", lang, check.Name)
			}
		}
		for _, alarm := range marketplace.Alarms() {
			if r.Alarm(alarm.Name) == alarm.Name {
				t.Errorf("%s: the alarm %q has no name", lang, alarm.Name)
			}
		}
		if r.Job("no:such") != "no:such" {
			t.Errorf("%s: a job without words does not stay as it is", lang)
		}
	}
}
