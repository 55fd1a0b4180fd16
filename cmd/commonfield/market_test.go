package main

import (
	"encoding/json"
	"strings"
	"testing"

	"commonfield/storage/audit"
)

func TestMigrateTwiceIsMigratingOnce(t *testing.T) {
	t.Parallel()
	data := folder(t)
	first := commonfield(t, "migrate", "--data", data).well(t)
	if !strings.Contains(first.out, "applied") {
		t.Error(first.out)
	}
	second := commonfield(t, "migrate", "--data", data).well(t)
	if !strings.Contains(second.out, "nothing was missing") {
		t.Error(second.out)
	}
	if a := commonfield(t, "storage", "check", "--data", data).well(t); strings.Contains(a.out, "ILL") {
		t.Error(a.out)
	}
}

func TestTheAuditOfAnEmptyMarketIsClean(t *testing.T) {
	t.Parallel()
	a := commonfield(t, "audit", "--json", "--data", installation(t)).well(t)
	var r audit.Report
	dec := json.NewDecoder(strings.NewReader(a.out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		t.Fatalf("%v\n%s", err, a.out)
	}
	if !r.OK || len(r.Checks) == 0 || r.Alarms == nil || len(r.Alarms) != 0 {
		t.Errorf("%+v", r)
	}
	for _, c := range r.Checks {
		if c.Name == "" || !c.OK || c.Violations == nil {
			t.Errorf("%+v", c)
		}
	}
	if !strings.Contains(a.out, `"violations": []`) || !strings.Contains(a.out, `"alarms": []`) {
		t.Errorf("an empty list is not a list:\n%s", a.out)
	}
}

func TestWrongValuesOfAMarketAreRefusedEachByItsField(t *testing.T) {
	t.Parallel()
	data := installation(t)
	create := func(more ...string) answer {
		return commonfield(t, append([]string{"market", "create", "--data", data}, more...)...)
	}
	create("--code", "YL", "--name", "另一个", "--region", "652826").refuses(t, exitRefused, "code:")
	create("--code", "x1", "--name", "", "--region", "652826", "--time-zone", "Mars").refuses(t, exitRefused, "code:", "name:", "time_zone:")
	create("--code", "XX", "--name", "无处", "--region", "999999").refuses(t, exitRefused)
	create("--code", "XX", "--name", "太大", "--region", "650000").refuses(t, exitRefused, "region")
	create("--code", "XX", "--name", "钱", "--region", "652826", "--capital", "ten").refuses(t, exitUsage, "--capital")
	create("--code", "XX", "--name", "钱", "--region", "652826", "--capital", "-1").refuses(t, exitUsage, "--capital")
	if a := commonfield(t, "market", "list", "--data", data).well(t); strings.Count(a.out, "\n") != 2 {
		t.Errorf("a refused market was made:\n%s", a.out)
	}
}

func TestCapitalIsBookedOnceForOneReference(t *testing.T) {
	t.Parallel()
	data := folder(t)
	commonfield(t, "market", "create", "--data", data, "--code", "XN", "--name", "新宁", "--region", "652826").well(t)
	for range 2 {
		commonfield(t, "market", "capital", "XN", "--data", data, "--amount", "250.50", "--reference", "line 7").well(t)
	}
	a := commonfield(t, "ledger", "trial", "--data", data, "--json").well(t)
	var trial struct {
		Accounts []struct {
			Account string `json:"account"`
			Debit   int64  `json:"debit_minor"`
			Credit  int64  `json:"credit_minor"`
		} `json:"accounts"`
	}
	if err := json.Unmarshal([]byte(a.out), &trial); err != nil {
		t.Fatal(err)
	}
	if len(trial.Accounts) != 2 || trial.Accounts[0].Account != "bank:operating" || trial.Accounts[0].Debit != 25050 || trial.Accounts[1].Credit != 25050 {
		t.Errorf("%+v", trial)
	}
	if a := commonfield(t, "ledger", "account", "own:capital", "--data", data).well(t); !strings.Contains(a.out, "250.50") || !strings.Contains(a.out, "capital:line 7") {
		t.Error(a.out)
	}
	for days, want := range map[string][]string{"": {"own:capital: ¥250.50", "postings: 1"}, "--to=2020-01-01": {"own:capital: ¥0.00", "postings: 0"}, "--from=2099-01-01": {"stood there before: ¥250.50", "postings: 0"}} {
		args := []string{"ledger", "account", "own:capital", "--data", data}
		if days != "" {
			args = append(args, days)
		}
		a := commonfield(t, args...).well(t)
		for _, w := range want {
			if !strings.Contains(a.out, w) {
				t.Errorf("%s: no %q in\n%s", days, w, a.out)
			}
		}
	}
	commonfield(t, "ledger", "account", "own:capital", "--data", data, "--from", "yesterday").refuses(t, exitUsage, "--from")
	commonfield(t, "ledger", "account", "own:capital", "--data", data, "--from", "2026-11-02", "--to", "2026-11-01").refuses(t, exitUsage, "--to")
	commonfield(t, "ledger", "account", "pocket", "--data", data).refuses(t, exitUsage, "pocket")
	commonfield(t, "ledger", "order", "XN-20260101-AAAAAAAA", "--data", data).refuses(t, exitRefused, "no order")
}

func TestAnOperatorIsMadeAndUnmade(t *testing.T) {
	t.Parallel()
	data := installation(t)
	made := commonfield(t, "person", "create", "--data", data, "--name", "阿依古丽", "--phone", "13900001111").well(t)
	_, password, shown := strings.Cut(strings.TrimSpace(made.out), "password, shown once: ")
	if !shown || len(password) < 12 {
		t.Fatalf("no password: %s", made.out)
	}
	commonfield(t, "person", "grant", "13900001111", "--data", data, "--market", "YL").well(t)
	if a := commonfield(t, "person", "list", "--data", data).well(t); !strings.Contains(a.out, "阿依古丽") {
		t.Errorf("not listed:\n%s", a.out)
	}
	reset := commonfield(t, "person", "password", "13900001111", "--data", data).well(t)
	if _, other, shown := strings.Cut(strings.TrimSpace(reset.out), "password, shown once: "); !shown || len(other) < 12 || other == password {
		t.Errorf("no other password: %s", reset.out)
	}
	if a := with(t, nil, "walnut-harvest-7\n", "person", "password", "13900001111", "--password-stdin", "--data", data).well(t); strings.Contains(a.out, "walnut") {
		t.Errorf("a password that was given is shown: %s", a.out)
	}
	with(t, nil, "12345678\n", "person", "password", "13900001111", "--password-stdin", "--data", data).refuses(t, exitRefused)
	commonfield(t, "person", "password", "13911112222", "--data", data).refuses(t, exitRefused)
	commonfield(t, "person", "withdraw", "13900001111", "--data", data, "--market", "YL").well(t)
	if a := commonfield(t, "person", "list", "--data", data).well(t); strings.Contains(a.out, "阿依古丽") {
		t.Errorf("still listed:\n%s", a.out)
	}
	commonfield(t, "person", "grant", "13911112222", "--data", data, "--market", "YL").refuses(t, exitRefused)
	commonfield(t, "person", "create", "--data", data, "--name", "无").refuses(t, exitRefused)
}
