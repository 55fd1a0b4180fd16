package main

// Seed fills an installation without serving it.
type Seed struct {
	Demo bool `required:"" help:"The demonstration: two markets with goods, people and orders in every state."`
}

// Help shows an example.
func (*Seed) Help() string {
	return `The same as serve --demo, without serving. Doing it twice is doing it once. Refused in production.

Example:
  commonfield seed --demo`
}

// Run makes the demonstration and checks its books.
func (*Seed) Run(p *program) error {
	if p.production() {
		return refused("seed --demo is refused when COMMONFIELD_ENV=production: it makes people whose passwords everybody knows")
	}
	m, err := p.prepared()
	if err != nil {
		return err
	}
	defer m.close()
	return p.plant(m)
}

// plant makes the demonstration through the public verbs, and refuses to go on
// when the books are not clean afterwards.
func (p *program) plant(m *market) error {
	if err := demonstration(p, m); err != nil {
		return err
	}
	report, err := m.Audit(p.ctx)
	if err != nil {
		return err
	}
	if !report.OK {
		showReport(p.err, report)
		return refused("the books are not clean: nothing is served")
	}
	return nil
}

// demonstration is where the demonstration is made.
func demonstration(*program, *market) error {
	return refused("this build has no demonstration")
}
