package main

import (
	"strings"
	"testing"
)

func TestTheDoctorSaysWhetherLettersWouldBeTaken(t *testing.T) {
	t.Parallel()
	p := &program{Settings: Settings{Data: t.TempDir(), Env: "development"}, ctx: t.Context()}
	for _, c := range []struct {
		name, env, address, from, says string
		ok                             bool
	}{
		{"development without a server", "development", "", "", "nothing is sent", true},
		{"production without a server", "production", "", "", "no letters are sent", false},
		{"production with a folder", "production", "folder", "", "sends nothing", false},
		{"a server that is down", "production", "smtp://market:geheim@127.0.0.1:1", "no-reply@market.example", "cannot be reached", false},
		{"no address that letters come from", "production", "smtp://market:geheim@mail.example", "", "COMMONFIELD_MAIL_FROM", false},
		{"an address that is none", "production", "smtp:/geheim", "no-reply@market.example", "is not understood", false},
	} {
		p.Env = c.env
		f := p.look(c.address, c.from)
		if f.OK != c.ok || !strings.Contains(f.Says, c.says) || strings.Contains(f.Says, "geheim") || f.Mend == "" {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestAWrongMailServerIsOneLineBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	with(t, []string{"COMMONFIELD_SMTP_URL=smtp://u:geheim@mail.example:99999", "COMMONFIELD_MAIL_FROM=a@b.example"}, "", "serve", "--addr", "127.0.0.1:0").
		refuses(t, exitUsage, "COMMONFIELD_SMTP_URL is not understood")
}
