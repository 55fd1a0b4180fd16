package main

import (
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"commonfield/storage/dbtest"
)

// besides are the points of what follows a deed without moving money.
var besides = regexp.MustCompile(`of ((told|notice|hook|search|jobs|kept|clicks|people|door|marketplace|statement|shelf|catalog|stock)[.:]|` +
	`order:(sweep|seen)|order.*Seen|api.*within|api.*sendBack|payment:refund-news|dispute:(told|over)|returns:(told|over)|payout:drafted)`)

// steps are the points of money that a deed passes, each with its number.
func steps(passed []string) []string {
	n := map[string]int{}
	var all []string
	for _, p := range passed {
		n[p]++
		if p != "" && !besides.MatchString(p) {
			all = append(all, fmt.Sprintf("%s:%d", p, n[p]))
		}
	}
	return all
}

// walk is a deed that nobody cuts off: its cells, and what it comes to. Pressed
// again it comes to nothing more.
func (l *lane) walk(d deed) (points []string, whole effect) {
	l.t.Helper()
	press := d.ready(l)
	l.quiet()
	before := l.book()
	l.arm("")
	l.ok(press())
	l.quiet()
	points = steps(l.passed())
	whole = since(before, l.book())
	l.later()
	l.ok(press())
	l.later()
	if again := since(before, l.book()); !maps.Equal(again, whole) || len(whole) == 0 {
		l.t.Errorf("%s: pressed once\n%s\npressed again\n%s", d.name, whole, again)
	}
	return points, whole
}

const unreached = "the point was never reached"

// crash kills the program at one point of a deed, starts it again, and holds what
// comes of it against the same deed in peace.
func (l *lane) crash(d deed, point string, whole effect) (wrong []string) {
	l.t.Helper()
	press := d.ready(l)
	l.quiet()
	before := l.book()
	l.arm(point)
	_ = press() // its answer is lost
	if !l.dies() {
		l.arm("")
		return []string{unreached}
	}
	l.lapse()
	l.start()
	l.later()
	for _, w := range l.audit() {
		wrong = append(wrong, "by itself: "+w)
	}
	alone := since(before, l.book())
	if len(alone) > 0 && !d.person && !maps.Equal(alone, whole) {
		wrong = append(wrong, "by itself it came to\n"+alone.String())
	}
	if err := press(); err != nil {
		wrong = append(wrong, "pressed again: "+err.Error())
	}
	l.quiet()
	l.later()
	in := since(before, l.book())
	if !maps.Equal(in, whole) && (d.gone == nil || !maps.Equal(in, whole.and(d.gone))) {
		wrong = append(wrong, fmt.Sprintf("it came to\n%s\ninstead of\n%s", in, whole))
	}
	if maps.Equal(in, alone) {
		return wrong // held against the rules already
	}
	return append(wrong, l.audit()...)
}

// matrix takes deeds from a list until it is empty, and counts the cells of each.
func (l *lane) matrix(list <-chan deed, done func(d deed, points []string)) {
	l.start()
	for d := range list {
		if d.tidy != nil {
			d.tidy(l)
		}
		points, whole := l.walk(d)
		for _, m := range d.must {
			for _, when := range []string{"before ", "after "} {
				if !slices.ContainsFunc(points, func(p string) bool { return strings.HasPrefix(p, when) && strings.Contains(p, m) }) {
					l.t.Errorf("%s: no point %s%s among\n%s", d.name, when, m, strings.Join(points, "\n"))
				}
			}
		}
		for _, p := range points {
			if d.tidy != nil {
				d.tidy(l)
			}
			for _, w := range l.crash(d, p, whole) {
				l.t.Errorf("%s, killed %s: %s", d.name, p, w)
			}
		}
		done(d, points)
	}
}

// controls are two cells that must not pass: a point that no deed passes, and a buyer's
// friend who, the answer lost, asks for the same refund under another key.
func (l *lane) controls() {
	peace := deed{name: "refund", ready: func(l *lane) func() error { return l.refund(l.paid("sandbox", 1), 0, 1000) }}
	_, whole := l.walk(peace)
	if wrong := l.crash(peace, "after commit of nobody:1", whole); !slices.Equal(wrong, []string{unreached}) {
		l.t.Errorf("a point that is nowhere: %v", wrong)
	}
	keyless := deed{name: "refund under a new key each time", ready: func(l *lane) func() error {
		b := l.paid("sandbox", 1)
		return func() error { return l.refund(b, 0, 1000)() }
	}}
	wrong := strings.Join(l.crash(keyless, "after commit of order.(*Pipeline).Refund:1", whole), "\n")
	if !strings.Contains(wrong, "+2 refund * succeeded 1000") {
		l.t.Errorf("a refund that was doubled is not noticed: %s", wrong)
	}
}

// lanes opens so many copies of one prepared database.
func lanes(t *testing.T, n int) []*lane {
	t.Helper()
	binary := fragile(t)
	db, address := dbtest.Own(t)
	_ = db.Close()
	data := folder(t)
	first := openStand(t, address, data, 1)
	first.settle(t)
	if err := first.m.Shut(); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*lane, n)
	for i := range all {
		at := copied(t, address, strings.TrimPrefix(u.Path, "/"), i)
		owner, err := sql.Open("postgres", at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = owner.Close() })
		all[i] = &lane{stand: openStand(t, at, data, uint64(i)+1), t: t, binary: binary, folder: t.TempDir(), owner: owner, url: at}
		all[i].like(first)
		all[i].connect(t)
	}
	return all
}

// The program is killed with kill −9 at each step of each deed that lasts: before and
// after each commit, each call that changes something at a gateway, and each file.
// Started again it comes to where the deed in peace had come, once.
func TestKilledAtAnyStepOfAnyDeedOfMoneyItComesToTheSameOnce(t *testing.T) {
	t.Parallel()
	deeds := slices.Concat(ofTheGateway, deeds, further, ofHands)
	list := make(chan deed, len(deeds))
	for _, d := range deeds {
		list <- d
	}
	close(list)
	var mu sync.Mutex
	total, finished := 0, 0
	done := func(d deed, points []string) {
		mu.Lock()
		defer mu.Unlock()
		total, finished = total+len(points), finished+1
		t.Logf("%s: %d cells\n\t%s", d.name, len(points), strings.Join(points, "\n\t"))
	}
	all := lanes(t, 4)
	var running sync.WaitGroup
	for _, l := range all {
		running.Go(func() { l.matrix(list, done) })
	}
	running.Wait()
	if t.Failed() {
		return
	}
	running.Go(all[0].controls)
	running.Wait()
	t.Logf("the crash matrix: %d deeds, %d cells", finished, total)
	if finished != len(deeds) || total < 6*len(deeds) {
		t.Errorf("only %d deeds of %d, %d cells", finished, len(deeds), total)
	}
}
