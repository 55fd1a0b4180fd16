package main

import "commonfield/marketplace/demo"

// Seed fills an installation without serving it.
type Seed struct {
	Demo bool `required:"" help:"The demonstration: three markets with goods, people and orders in every state."`
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
		showReport(p.err, m, report)
		return refused("the books are not clean: nothing is served")
	}
	return nil
}

// demonstration makes it and says who can sign in. Of several programs on one
// database one makes it and the others find it made: two at once would walk the
// same orders and be in each other's way.
func demonstration(p *program, m *market) error {
	done, err := m.base.alone(p.ctx, demoLock)
	if err != nil {
		return err
	}
	defer done()
	logins, err := demo.Build(p.ctx, p.config(m.base), p.say)
	if err != nil {
		return err
	}
	t := columns("who can sign in", "name", "phone", "market")
	for _, l := range logins {
		t.add(l.Role, l.Name, l.Phone, l.Market)
	}
	t.print(p.out)
	p.printf("the password of all of them: %s\n", demo.Password)
	return nil
}
