package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/api"
	"commonfield/marketplace/door"
	"commonfield/marketplace/web"
	"commonfield/storage"
)

// Serve runs everything in one process.
type Serve struct {
	Addr    string         `default:"127.0.0.1:8080" env:"COMMONFIELD_ADDR" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	URL     string         `env:"COMMONFIELD_URL" placeholder:"URL" help:"The market's own address as people type it, as https://market.example; empty: as asked."`
	Proxies []netip.Prefix `env:"COMMONFIELD_PROXIES" placeholder:"CIDR" help:"Proxies whose X-Forwarded-For, -Host and -Proto are believed, as 10.0.0.0/8,127.0.0.1/32."`
	Metrics []netip.Prefix `name:"metrics-from" env:"COMMONFIELD_METRICS_FROM" default:"127.0.0.0/8,::1/128" placeholder:"CIDR" help:"Who may read /metrics: this machine (${default}), or networks, as 10.0.0.0/8."`
	Demo    bool           `help:"Make three markets with goods, people and orders first, once. Refused in production."`
}

// Help shows an example.
func (*Serve) Help() string {
	return `Starts the private database in --data, or uses DATABASE_URL, brings it up to date, and serves until it is told to stop (Ctrl-C or SIGTERM): then requests and jobs that run are finished first.

E-mail, short messages, Stripe and keys are set by the environment alone: "commonfield config" lists every setting, "commonfield doctor" says whether what is set is well.

Examples:
  commonfield serve --demo
  commonfield serve --addr 0.0.0.0:8080 --data /srv/commonfield
  DATABASE_URL=postgres://web@db/commonfield COMMONFIELD_ENV=production commonfield serve`
}

// How long a stop may take, how long the database may be silent, and how often
// the calendar is looked at.
const (
	goodbye = 25 * time.Second
	silence = 30 * time.Second
	minute  = time.Minute
)

// Run serves until the context ends or the database is lost.
func (s *Serve) Run(p *program) error {
	if s.Demo && p.production() {
		return refused("--demo is refused when COMMONFIELD_ENV=production: it makes people whose passwords everybody knows")
	}
	if s.URL != "" && !strings.HasPrefix(s.URL, "https://") && !strings.HasPrefix(s.URL, "http://") {
		return usage("--url: %q is no address of a market, as https://market.example", s.URL)
	}
	// The settings and the port first: a mistake here should not start a database.
	if _, err := p.sender(); err != nil {
		return err
	}
	if _, _, err := p.texter(); err != nil {
		return err
	}
	if err := s.payable(p); err != nil {
		return err
	}
	listener, err := listen(s.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	p.calls = newCalls()
	p.home = strings.TrimRight(s.URL, "/")
	if p.home == "" && !p.production() {
		p.home = "http://" + listener.Addr().String()
	}
	m, err := p.prepared()
	if err != nil {
		return err
	}
	defer m.close()
	if err := p.inProduction(p.ctx, m); err != nil {
		return err
	}
	p.quiet(m)
	if s.Demo {
		if err := p.plant(m); err != nil {
			return err
		}
	}
	if err := s.invite(p, m, "http://"+listener.Addr().String()); err != nil {
		return err
	}
	roomy()
	log := p.logger()
	slog.SetDefault(log) // for what has no door's log at hand
	app := fiber.New(door.Config(failed, s.Proxies...))
	d := door.New(m.Marketplace, s.options(p, log))
	watch(app, m, p.calls, func(c *fiber.Ctx) bool { return d.Within(c, s.Metrics) })
	mount(app, d)
	return s.serve(p, m, app, listener, log)
}

// roomy lets garbage lie longer than Go would by itself: what the program holds
// is small, so that it would collect all the time under load. Near the limit it
// collects as often as it must. GOGC and GOMEMLIMIT in the environment win.
func roomy() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(200 << 20)
	}
}

func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, environment(err, "%s is in use by another program: stop it, or choose another address with --addr", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, environment(err, "%s may not be used by this user: ports below 1024 belong to root, choose another with --addr", addr)
	case err != nil:
		return nil, environment(err, "%s cannot be listened on: %v", addr, err)
	}
	return listener, nil
}

// serve runs web, jobs, calendar and the watch over the database until one of
// them ends, and then lets all of them finish.
func (s *Serve) serve(p *program, m *market, app *fiber.App, listener net.Listener, log *slog.Logger) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(p.ctx))
	defer stopWork()
	ended := make(chan error, 4)
	var running sync.WaitGroup
	running.Go(func() { ended <- app.Listener(listener) })
	running.Go(func() { ended <- m.Worker.Run(work) })
	running.Go(func() { calendar(work, m, log) })
	running.Go(func() {
		if err := mourn(work, m.DB); err != nil {
			ended <- err
		}
	})
	if s.Demo {
		fmt.Fprintf(p.out, "open http://%s (Ctrl-C stops it)\n", listener.Addr())
	}
	log.Info("serving", "address", "http://"+listener.Addr().String(), "database", m.base.where(), "environment", p.Env, "pay", m.Desk.Ways())
	var err error
	select {
	case <-p.ctx.Done():
		log.Info("stopping: what runs is finished first")
	case err = <-ended:
		if err == nil {
			err = errors.New("a part of the program ended by itself")
		}
	}
	stopped := app.ShutdownWithTimeout(goodbye)
	stopWork()
	if late := wait(&running, goodbye); late != nil && err == nil {
		err = late
	}
	if stopped != nil && err == nil {
		err = environment(stopped, "some requests did not finish in %s", goodbye)
	}
	if err == nil {
		log.Info("stopped")
	}
	return err
}

func wait(running *sync.WaitGroup, most time.Duration) error {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-time.After(most):
		return environment(nil, "some jobs did not finish in %s; they run again at the next start", most)
	}
}

// calendar adds what is due by the clock, every minute.
func calendar(ctx context.Context, m *market, log *slog.Logger) {
	for {
		if err := m.Tick(ctx); err != nil && ctx.Err() == nil {
			log.Warn("the calendar could not be kept", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(minute):
		}
	}
}

// mourn returns when the database has been silent for too long. One that says
// it is starting is not silent; the private one comes back by itself.
func mourn(ctx context.Context, db *storage.DB) error {
	heard := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(2 * time.Second):
		}
		asked, stop := context.WithTimeout(ctx, 5*time.Second)
		err := db.Ping(asked)
		stop()
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the program stops, so the database need not answer
		case err == nil || storage.Code(err) == "57P03":
			heard = time.Now()
		case time.Since(heard) > silence:
			return environment(err, "the database has not answered for %s (%v): start again when it does; nothing that was acknowledged is lost", silence, err)
		}
	}
}

// options of the doors. Cookies go over HTTPS only when the market's address
// says so, and always in production.
func (s *Serve) options(p *program, log *slog.Logger) door.Options {
	return door.Options{Secure: p.production() || strings.HasPrefix(s.URL, "https://"), Trusted: s.Proxies, Host: strings.TrimRight(s.URL, "/"), Log: log}
}

// mount is where the doors open onto the market: pages and API.
func mount(app *fiber.App, d *door.Door) {
	remember(app)
	app.Use(d.Every)
	d.Hooks(app)
	api.Mount(app, d)
	web.Mount(app, d)
}
