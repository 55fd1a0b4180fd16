package marketplace_test

import (
	"slices"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/marketplace"
	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/noticetest"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
)

func TestWhatConcernsAnAccountIsToldItsPerson(t *testing.T) {
	ctx := t.Context()
	_, address := dbtest.Own(t)
	now := time.Now()
	m, err := marketplace.Open(ctx, marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard, Letters: &noticetest.Post{}, Home: "https://market.example", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Shut() }()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m.People.Cost = people.LightCost
	p, err := m.People.Register(ctx, once.Key{}, people.Newcomer{Name: "陈秀英", Email: "chen@example.com", Password: "walnut-harvest-1"})
	must(err)
	told := func(want ...notice.Kind) {
		t.Helper()
		_, err := m.Worker.Drain(ctx, storage.Platform)
		must(err)
		rows, err := m.Notices.List(ctx, p.ID, id.None, 100)
		must(err)
		var got []notice.Kind
		for _, r := range slices.Backward(rows) {
			got = append(got, r.Kind)
		}
		if !slices.Equal(got, want) {
			t.Errorf("told %v, not %v", got, want)
		}
	}
	const phone, desktop = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0.1", "Mozilla/5.0 (Windows NT 10.0) Firefox/132.0"
	in := func(device string) {
		t.Helper()
		_, _, err := m.People.SignIn(ctx, "chen@example.com", "walnut-harvest-1", device)
		must(err)
	}
	in(phone) // the first device is no news
	told()
	in(phone)
	in("Mozilla/5.0 (Linux; Android 15) Chrome/131.2") // brought up to date
	told()
	in(desktop)
	told(notice.NewDevice)
	in(desktop)
	told(notice.NewDevice)
	_, _, err = m.People.SignIn(ctx, "chen@example.com", "wrong-password-1", "curl/8")
	if err == nil {
		t.Fatal("a wrong password lets in")
	}
	told(notice.NewDevice)

	if err := m.People.SetPassword(ctx, p, "wrong-password-1", "another-harvest-2"); err == nil {
		t.Fatal("a wrong password changes it")
	}
	must(m.People.SetPassword(ctx, p, "walnut-harvest-1", "another-harvest-2"))
	told(notice.NewDevice, notice.PasswordChanged)
	must(m.People.ResetPassword(ctx, people.System, p.ID, "a-third-harvest-3"))
	told(notice.NewDevice, notice.PasswordChanged, notice.PasswordChanged)

	change := func(deed func(*storage.Tx, id.ID, string, string, id.ID) error) {
		t.Helper()
		must(m.DB.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
			tx.Keyed()
			return deed(tx, p.ID, people.Operator, "", people.System.ID)
		}))
	}
	for range 2 { // the second time changes nothing
		change(people.Grant)
		now = now.Add(time.Second)
	}
	for range 2 {
		change(people.Withdraw)
		now = now.Add(time.Second)
	}
	told(notice.NewDevice, notice.PasswordChanged, notice.PasswordChanged, notice.RoleGranted, notice.RoleWithdrawn)

	must(m.People.Close(ctx, p))
	told()
}

// The job comes before the deed: one whose deed never followed tells nothing.
func TestNewsWithoutItsDeedIsNoNews(t *testing.T) {
	ctx := t.Context()
	_, address := dbtest.Own(t)
	now := time.Now()
	m, err := marketplace.Open(ctx, marketplace.Config{URL: address, Data: t.TempDir(), Guard: dbtest.Guard, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Shut() }()
	m.People.Cost = people.LightCost
	p, err := m.People.Register(ctx, once.Key{}, people.Newcomer{Name: "陈秀英", Phone: dbtest.Phone(), Password: "walnut-harvest-1"})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	err = m.DB.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed()
		jobs.Add(tx, people.JobPassword, "x", people.News{Person: p.ID, At: tx.Now})
		jobs.Add(tx, people.JobDevice, "x", people.News{Person: p.ID, Session: id.New(), At: tx.Now})
		jobs.Add(tx, people.JobClosed, "x", people.News{Person: p.ID, At: tx.Now})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := m.Worker.Drain(ctx, storage.Platform); err != nil {
			t.Fatal(err)
		}
		now = now.Add(11 * time.Second)
	}
	rows, err := m.Notices.List(ctx, p.ID, id.None, 10)
	if err != nil || len(rows) != 0 {
		t.Errorf("%d notices, %v", len(rows), err)
	}
	var waiting int
	err = m.DB.View(ctx, storage.Platform, func(tx *storage.Tx) error {
		return tx.Get(&waiting, "SELECT count(*) FROM jobs WHERE market_id = $1 AND state <> 'done'", storage.Platform)
	})
	if err != nil || waiting != 0 {
		t.Errorf("%d jobs wait for what never comes, %v", waiting, err)
	}
}
