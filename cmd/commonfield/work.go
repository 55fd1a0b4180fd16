package main

import (
	"context"
	"sync"

	"commonfield/storage"
)

// Work runs jobs without serving pages.
type Work struct {
	Drain bool `help:"Run what is due and end."`
}

// Help shows an example.
func (*Work) Help() string {
	return `Beside serve on other machines, or in its place for an evening's maintenance. Several may run on one database.

Examples:
  commonfield work
  commonfield work --drain`
}

// Run works until the context ends, or with --drain until nothing is due.
func (w *Work) Run(p *program) error {
	m, err := p.open()
	if err != nil {
		return err
	}
	defer m.close()
	if err := p.inProduction(p.ctx, m); err != nil {
		return err
	}
	p.quiet(m)
	if w.Drain {
		return p.drain(m)
	}
	log := p.logger()
	work, stop := context.WithCancel(context.WithoutCancel(p.ctx))
	defer stop()
	ended := make(chan error, 2)
	var running sync.WaitGroup
	running.Go(func() { ended <- m.Worker.Run(work) })
	running.Go(func() { calendar(work, m, log) })
	running.Go(func() {
		if err := mourn(work, m.DB); err != nil {
			ended <- err
		}
	})
	log.Info("working", "database", m.base.where(), "environment", p.Env)
	select {
	case <-p.ctx.Done():
		log.Info("stopping: jobs that run are finished first")
	case err = <-ended:
	}
	stop()
	if late := wait(&running, goodbye); err == nil {
		err = late
	}
	return err
}

// drain runs what is due in every market until a round finds nothing: a job may
// add others, also in another market.
func (p *program) drain(m *market) error {
	if err := m.Tick(p.ctx); err != nil {
		return err
	}
	all, err := m.Books.All(p.ctx)
	if err != nil {
		return err
	}
	markets := []int32{storage.Platform}
	for _, b := range all {
		markets = append(markets, b.ID)
	}
	total := 0
	for {
		round := 0
		for _, id := range markets {
			n, err := m.Worker.Drain(p.ctx, id)
			if err != nil {
				return err
			}
			round += n
		}
		if total += round; round == 0 {
			p.printf("jobs that ran: %d; nothing is due any more\n", total)
			return nil
		}
	}
}
