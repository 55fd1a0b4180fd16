package main

import (
	"strings"
	"testing"
)

func TestSettingsOfStripeThatNobodyCanMeanAreRefusedInOneLineWithoutTheirValues(t *testing.T) {
	t.Parallel()
	const test, live = "STRIPE_SECRET_KEY=sk_test_geheim", "STRIPE_SECRET_KEY=sk_live_geheim"
	const hook, prod = "STRIPE_WEBHOOK_SECRET=whsec_geheim", "COMMONFIELD_ENV=production"
	for name, c := range map[string]struct {
		env  []string
		code int
		word string
	}{
		"the public key":                {[]string{"STRIPE_SECRET_KEY=pk_test_geheim"}, exitUsage, "pk_ is the public one"},
		"no key but its news":           {[]string{hook}, exitUsage, "STRIPE_SECRET_KEY is not"},
		"another secret":                {[]string{test, "STRIPE_WEBHOOK_SECRET=geheim"}, exitUsage, "whsec_"},
		"a way that is none":            {[]string{test, "STRIPE_METHODS=card, 支付宝"}, exitUsage, "STRIPE_METHODS"},
		"real money for trying out":     {[]string{live, hook}, exitRefused, "COMMONFIELD_ENV=production"},
		"no real money where it counts": {[]string{test, hook, prod}, exitRefused, "test key"},
		"no news where it counts":       {[]string{live, prod}, exitRefused, "STRIPE_WEBHOOK_SECRET"},
		"another server gets the key":   {[]string{live, hook, prod, "STRIPE_API_BASE=https://elsewhere.example"}, exitRefused, "STRIPE_API_BASE"},
		"nowhere to come back to":       {[]string{live, hook, prod}, exitRefused, "COMMONFIELD_URL"},
	} {
		a := with(t, c.env, "", "serve", "--addr", "127.0.0.1:0", "--data", t.TempDir())
		a.refuses(t, c.code, c.word)
		if strings.Contains(a.out+a.err, "geheim") {
			t.Errorf("%s: a secret is printed: %s", name, a.err)
		}
	}
}
