package main

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"commonfield/storage/jobs"
)

// watch adds what those who run the program look at: /healthz (the process
// lives), /readyz (the database answers), /metrics, and the count of requests.
func watch(app *fiber.App, m *market) {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerPool(metrics, m)
	metrics.MustRegister(&depth{m}, &behind{m})
	app.Use(requests(metrics))
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.Get("/readyz", func(c *fiber.Ctx) error {
		ctx, stop := context.WithTimeout(c.UserContext(), 2*time.Second)
		defer stop()
		if err := m.DB.Ping(ctx); err != nil {
			return c.Status(fiber.StatusServiceUnavailable).SendString("the database does not answer\n")
		}
		return c.SendString("ok\n")
	})
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})))
}

// requests counts and times requests by route, never by address: an address may
// hold who somebody is.
func requests(metrics *prometheus.Registry) fiber.Handler {
	took := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "commonfield_http_request_seconds", Help: "Time to answer a request, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})
	metrics.MustRegister(took)
	return func(c *fiber.Ctx) error {
		began := time.Now()
		err := c.Next()
		if err != nil {
			// Answered here, so that the status is known when it is counted.
			if err := c.App().ErrorHandler(c, err); err != nil {
				_ = c.SendStatus(fiber.StatusInternalServerError)
			}
		}
		route, status := c.Route().Path, c.Response().StatusCode()
		if status == fiber.StatusNotFound && route == "/" {
			route = "(none)" // no route matched, and this middleware's own was the last
		}
		took.WithLabelValues(c.Route().Method, route, strconv.Itoa(status)).Observe(time.Since(began).Seconds())
		return nil
	}
}

// registerPool shows the connections to the database.
func registerPool(metrics *prometheus.Registry, m *market) {
	gauge := func(name, help string, now func() float64) {
		metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, now))
	}
	counter := func(name, help string, now func() float64) {
		metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, now))
	}
	gauge("commonfield_database_connections_open", "Connections to the database.", func() float64 { return float64(m.DB.Stats().OpenConnections) })
	gauge("commonfield_database_connections_used", "Connections that are at work.", func() float64 { return float64(m.DB.Stats().InUse) })
	gauge("commonfield_database_connections_most", "Connections that may be opened.", func() float64 { return float64(m.DB.Stats().MaxOpenConnections) })
	counter("commonfield_database_waits_total", "Times somebody waited for a connection.", func() float64 { return float64(m.DB.Stats().WaitCount) })
	counter("commonfield_database_wait_seconds_total", "Time waited for connections.", func() float64 { return m.DB.Stats().WaitDuration.Seconds() })
	counter("commonfield_database_round_trips_total", "Messages to the database that waited for an answer.", func() float64 { return float64(m.DB.Trips()) })
}

// behind says how far search is behind the rows when somebody looks.
type behind struct{ m *market }

var (
	searchWaits = prometheus.NewDesc("commonfield_search_changes_waiting", "Changed rows that search does not know of yet.", nil, nil)
	searchLag   = prometheus.NewDesc("commonfield_search_lag_seconds", "Age of the oldest change that search does not know of yet.", nil, nil)
)

func (b *behind) Describe(to chan<- *prometheus.Desc) { to <- searchWaits; to <- searchLag }

func (b *behind) Collect(to chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	n, lag, err := b.m.Search.Lag(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(searchLag, err)
		return
	}
	to <- prometheus.MustNewConstMetric(searchWaits, prometheus.GaugeValue, float64(n))
	to <- prometheus.MustNewConstMetric(searchLag, prometheus.GaugeValue, lag.Seconds())
}

// depth counts jobs by state when somebody looks.
type depth struct{ m *market }

var jobsDepth = prometheus.NewDesc("commonfield_jobs", "Jobs by state.", []string{"state"}, nil)

func (d *depth) Describe(to chan<- *prometheus.Desc) { to <- jobsDepth }

func (d *depth) Collect(to chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	counts, err := jobs.Depth(ctx, d.m.DB)
	if err != nil {
		to <- prometheus.NewInvalidMetric(jobsDepth, err)
		return
	}
	for state, n := range counts {
		to <- prometheus.MustNewConstMetric(jobsDepth, prometheus.GaugeValue, float64(n), state)
	}
}
