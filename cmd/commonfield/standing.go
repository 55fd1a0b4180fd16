package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commonfield/marketplace"
	"commonfield/storage/jobs"
)

// standing tells what stands in the database: jobs, how far search is behind, what
// should be known of the money. However often somebody looks, it is read every
// fifteen seconds at most.
type standing struct {
	m *market

	mu   sync.Mutex
	at   time.Time
	last state
	err  error
}

type state struct {
	jobs  map[string]int64
	waits int64
	lag   time.Duration
	money marketplace.Watched
}

// believedFor is how long what was read is told.
const believedFor = 15 * time.Second

var (
	jobsDepth   = prometheus.NewDesc("commonfield_jobs", "Jobs by state; failed ones gave up.", []string{"state"}, nil)
	searchWaits = prometheus.NewDesc("commonfield_search_changes_waiting", "Changed rows that search does not know of yet.", nil, nil)
	searchLag   = prometheus.NewDesc("commonfield_search_lag_seconds", "Age of the oldest change that search does not know of yet.", nil, nil)
	auditAt     = prometheus.NewDesc("commonfield_audit_timestamp_seconds", "When the market whose daily check of the books is oldest had it; 0: a market never had it.", nil, nil)
	auditOK     = prometheus.NewDesc("commonfield_audit_ok", "1 when every market had its daily check of the books, and the last found no rule broken.", nil, nil)
	auditBroken = prometheus.NewDesc("commonfield_audit_violations", "Violations that the last daily checks found, over all markets.", nil, nil)
	auditAlarms = prometheus.NewDesc("commonfield_audit_alarms", "Alarms that the last daily checks heard, over all markets.", nil, nil)
	unclaimed   = prometheus.NewDesc("commonfield_money_unclaimed_minor", "Money that belongs to payers and waits to go back, in minor units.", []string{"currency"}, nil)
	contested   = prometheus.NewDesc("commonfield_chargebacks_open", "Chargebacks that no bank has decided yet.", nil, nil)
	unpaid      = prometheus.NewDesc("commonfield_payouts_unpaid", "Payouts that failed or came back within seven days.", nil, nil)
)

func newStanding(m *market) *standing { return &standing{m: m} }

// Describe names what is told.
func (k *standing) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDepth, searchWaits, searchLag, auditAt, auditOK, auditBroken, auditAlarms, unclaimed, contested, unpaid} {
		to <- d
	}
}

// Collect tells it.
func (k *standing) Collect(to chan<- prometheus.Metric) {
	s, err := k.now()
	if err != nil {
		to <- prometheus.NewInvalidMetric(jobsDepth, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for name, n := range s.jobs {
		gauge(jobsDepth, float64(n), name)
	}
	gauge(searchWaits, float64(s.waits))
	gauge(searchLag, s.lag.Seconds())
	checked, well := 0.0, 0.0
	if !s.money.Audited.IsZero() {
		checked = float64(s.money.Audited.Unix())
	}
	if s.money.Broken == 0 && checked > 0 {
		well = 1
	}
	gauge(auditAt, checked)
	gauge(auditOK, well)
	gauge(auditBroken, float64(s.money.Violations))
	gauge(auditAlarms, float64(s.money.Alarms))
	for currency, sum := range s.money.Unclaimed {
		gauge(unclaimed, float64(sum), currency)
	}
	gauge(contested, float64(s.money.Contested))
	gauge(unpaid, float64(s.money.Unpaid))
}

// now reads it, unless it was read a moment ago.
func (k *standing) now() (state, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.at) < believedFor {
		return k.last, k.err
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	var s state
	var err1, err2, err3 error
	s.jobs, err1 = jobs.Depth(ctx, k.m.DB)
	s.waits, s.lag, err2 = k.m.Search.Lag(ctx)
	s.money, err3 = k.m.Watch(ctx)
	k.at, k.last, k.err = time.Now(), s, errors.Join(err1, err2, err3)
	return k.last, k.err
}
