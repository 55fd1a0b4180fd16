package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// every names the commands, as the parser knows them.
func every(t *testing.T) []string {
	t.Helper()
	var c commands
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, leaf := range parser.Model.Leaves(true) {
		var words []string
		for n := leaf; n != nil && n.Type == kong.CommandNode; n = n.Parent {
			words = append([]string{n.Name}, words...)
		}
		all = append(all, strings.Join(words, " "))
	}
	if len(all) < 28 {
		t.Fatalf("only %d commands are known: %v", len(all), all)
	}
	return all
}

func TestAloneTheProgramSaysWhatItCanDo(t *testing.T) {
	t.Parallel()
	a := commonfield(t).well(t)
	for _, command := range every(t) {
		if !strings.Contains(a.out, "\n  "+command+" ") {
			t.Errorf("%s is not listed", command)
		}
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Parallel()
	for _, command := range every(t) {
		a := commonfield(t, append(strings.Fields(command), "--help")...).well(t)
		if !strings.Contains(a.out, "Example") || !strings.Contains(a.out, "commonfield "+command) {
			t.Errorf("%s has no example:\n%s", command, a.out)
		}
	}
}

func TestAWrongCommandOrFlagIsOneLineAndExit2(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"fly", "serve --wings", "market", "market create --code YL", "seed", "ledger account", "audit --json=maybe", "version --env staging"} {
		commonfield(t, strings.Fields(args)...).refuses(t, exitUsage, "--help")
	}
	with(t, []string{"COMMONFIELD_ENV=prod"}, "", "version").refuses(t, exitUsage, "production")
	with(t, []string{"DATABASE_URL=postgres://u:geheim@%%%"}, "", "audit").refuses(t, exitUsage, "DATABASE_URL is not understood")
}

func TestVersionNamesModuleCommitAndGo(t *testing.T) {
	t.Parallel()
	a := commonfield(t, "version", "--json").well(t)
	var v map[string]string
	if err := json.Unmarshal([]byte(a.out), &v); err != nil {
		t.Fatal(err)
	}
	if v["version"] == "" || v["commit"] == "" || !strings.HasPrefix(v["go"], "go1.") {
		t.Errorf("%v", v)
	}
}

func TestConfigNamesTheSourceAndNeverPrintsASecret(t *testing.T) {
	t.Parallel()
	a := with(t, []string{"COMMONFIELD_ADDR=127.0.0.1:9", "COMMONFIELD_DATA=", "STRIPE_SECRET_KEY=sk_live_geheim", "STRIPE_WEBHOOK_SECRET=whsec_geheim", "STRIPE_METHODS=card,alipay", "MEILI_KEY=geheim",
		"COMMONFIELD_KEYS=geheim", "COMMONFIELD_SMTP_URL=smtps://market:geheim@mail.example", "COMMONFIELD_MAIL_FROM=no-reply@market.example", "COMMONFIELD_SMS_URL=https://sms.example/geheim/send", "DATABASE_URL=postgres://web:geheim@db:5432/shop?password=geheim"}, "", "config", "--db-user", "postgres", "--json").well(t)
	if strings.Contains(a.out+a.err, "geheim") {
		t.Fatalf("a secret is printed:\n%s", a.out)
	}
	var all []setting
	if err := json.Unmarshal([]byte(a.out), &all); err != nil {
		t.Fatal(err)
	}
	have := map[string]setting{}
	for _, s := range all {
		have[s.Name] = s
	}
	for name, want := range map[string][2]string{
		"--addr":         {"127.0.0.1:9", "environment COMMONFIELD_ADDR"},
		"--data":         {"./data", "default"},
		"--db-user":      {"postgres", "flag"},
		"--database-url": {"postgres://web@db:5432/shop", "environment DATABASE_URL"},
		keyEnv:           {"(set)", "environment"},
		hookEnv:          {"(set)", "environment"},
		smsEnv:           {"https://sms.example", "environment"},
		methodsEnv:       {"card,alipay", "environment"},
		"--meili-url":    {"", "default"},
		"--meili-key":    {"(set)", "environment MEILI_KEY"},
		smtpEnv:          {"smtps://market@mail.example", "environment"},
		fromEnv:          {"no-reply@market.example", "environment"},
	} {
		if got := have[name]; got.Value != want[0] || got.Source != want[1] {
			t.Errorf("%s: %q from %q", name, got.Value, got.Source)
		}
	}
}

func TestSumsAreReadExactly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"10000.00": 1_000_000, "0": 0, "7": 700, "0.5": 50, "-3.20": -320} {
		if got, err := readSum(text, "CNY"); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1.234", "1,000", "1e3", "abc", ".5", "--1", "1.-5", "99999999999999999999"} {
		if got, err := readSum(text, "CNY"); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	if got, err := readSum("500", "JPY"); err != nil || got != 500 {
		t.Errorf("500 JPY: %d, %v", got, err)
	}
}
