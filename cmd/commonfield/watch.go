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
)

// watch adds what those who run the program look at: /healthz (the process
// lives), /readyz (the database answers), /metrics for who may read it, and the
// count of requests.
func watch(app *fiber.App, m *market, called *calls, may func(*fiber.Ctx) bool) {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerPool(metrics, m)
	metrics.MustRegister(called.took, newStanding(m))
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
	shown := adaptor.HTTPHandler(promhttp.HandlerFor(metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	app.Get("/metrics", func(c *fiber.Ctx) error {
		if !may(c) {
			return c.Status(fiber.StatusForbidden).SendString("metrics are for those whom --metrics-from names\n")
		}
		return shown(c)
	})
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
