package main

import (
	"strings"

	"commonfield/storage/fault"
)

// SetupCode makes a setup code.
type SetupCode struct{}

// Help shows an example.
func (*SetupCode) Help() string {
	return `The first operator of the platform is made on the page /setup, by whoever holds a code that only the server's log or this command shows. It works for 24 hours and once; when there is an operator no code is made any more, and the page is gone.

Example:
  commonfield setup-code`
}

// Run makes a code and shows it.
func (c *SetupCode) Run(p *program) error {
	m, err := p.prepared()
	if err != nil {
		return err
	}
	defer m.close()
	code, err := m.People.SetupCode(p.ctx)
	if fault.Has(err, "setup_over") {
		return refused("there are operators already: they sign in; commonfield person grant makes others")
	}
	if err != nil {
		return err
	}
	p.printf("setup code, good for 24 hours and for one person: %s\ntype it at /setup\n", code)
	return nil
}

// invite shows a setup code when nobody operates anything yet: without one
// nobody could ever come in by the pages.
func (s *Serve) invite(p *program, m *market, at string) error {
	open, err := m.People.Unoperated(p.ctx)
	if err != nil || !open {
		return err
	}
	code, err := m.People.SetupCode(p.ctx)
	if err != nil {
		return err
	}
	if s.URL != "" {
		at = strings.TrimRight(s.URL, "/")
	}
	p.printf("nobody operates this platform yet: open %s/setup within 24 hours and type the setup code %s\n", at, code)
	return nil
}
