package producer_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/producer"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func open(t *testing.T) (*producer.Room, *storage.DB, int32) {
	t.Helper()
	db, market := dbtest.Open(t)
	if err := region.LoadSome(t.Context(), db, "652823120", "652823100"); err != nil {
		t.Fatal(err)
	}
	return producer.New(db), db, market
}

func person(t *testing.T, db *storage.DB) people.Person {
	t.Helper()
	d := people.New(db)
	d.Cost = people.LightCost
	p, err := d.Register(t.Context(), once.Key{}, people.Newcomer{Name: "买买提", Phone: dbtest.Phone(), Password: "walnuts in Yuli"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func application(who people.Person) producer.Application {
	return producer.Application{PersonID: who.ID, Text: producer.Text{Name: " 兴平核桃合作社 ", NameEN: "Xingping walnuts", RegionCode: "652823120",
		Village: "哈拉洪村", Story: "三代人种核桃。", StoryEN: "Three generations of walnuts.", Licence: "916528230000000001"}}
}

func find(t *testing.T, db *storage.DB, market int32, which id.ID) producer.Producer {
	t.Helper()
	var p producer.Producer
	err := db.View(t.Context(), market, func(tx *storage.Tx) (err error) { p, err = producer.Find(tx, which); return err })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAProducerIsLetInWithAPayeeAndAPlace(t *testing.T) {
	r, db, market := open(t)
	who := person(t, db)
	made, err := r.Apply(t.Context(), once.Key{}, market, who, application(who))
	if err != nil {
		t.Fatal(err)
	}
	if made.Name != "兴平核桃合作社" || made.State != producer.Applied || made.RegionName != "新疆尉犁县兴平镇" {
		t.Errorf("made %+v", made)
	}
	if got := find(t, db, market, made.ID); !got.CreatedAt.Equal(made.CreatedAt) || got.Story != made.Story || got.PersonID != who.ID {
		t.Errorf("found %+v, made %+v", got, made)
	}
	err = db.View(t.Context(), market, func(tx *storage.Tx) error {
		payee, err := payable.FindPayee(tx, made.PayeeID)
		if err != nil || payee.Kind != payable.Producer || payee.Name != made.Name || payee.PersonID != who.ID {
			t.Errorf("payee %+v %v", payee, err)
		}
		if mine, err := producer.OfPerson(tx, who.ID); err != nil || mine.ID != made.ID {
			t.Errorf("of the person: %+v %v", mine, err)
		}
		if _, err := producer.OfPerson(tx, id.New()); !fault.Has(err, "producer_unknown") {
			t.Errorf("of nobody: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Another market sees nothing of it.
	other := dbtest.Market(t, db)
	err = db.View(t.Context(), other, func(tx *storage.Tx) error { _, err := producer.Find(tx, made.ID); return err })
	if !fault.Has(err, "producer_unknown") {
		t.Errorf("from another market: %v", err)
	}
}

func TestAnOfflineProducerHasNoAccountAndThereMayBeMany(t *testing.T) {
	r, db, market := open(t)
	for range 2 {
		made, err := r.Apply(t.Context(), once.Key{}, market, people.System, application(people.Person{}))
		if err != nil {
			t.Fatal(err)
		}
		if got := find(t, db, market, made.ID); got.PersonID != id.None {
			t.Errorf("person %v", got.PersonID)
		}
	}
}

func TestAWrongApplicationIsRefusedByField(t *testing.T) {
	r, db, market := open(t)
	for _, c := range []struct {
		field, code string
		change      func(*producer.Application)
	}{
		{"name", "required", func(a *producer.Application) { a.Name = " " }},
		{"name", "too_long", func(a *producer.Application) { a.Name = strings.Repeat("长", 81) }},
		{"story", "too_long", func(a *producer.Application) { a.Story = strings.Repeat("长", 4001) }},
		{"licence", "required", func(a *producer.Application) { a.Licence = "" }},
		{"region", "required", func(a *producer.Application) { a.RegionCode = "" }},
		{"region", "region_unknown", func(a *producer.Application) { a.RegionCode = "652823998" }},
		{"region", "region_level", func(a *producer.Application) { a.RegionCode = "6528" }},
		{"", "person_unknown", func(a *producer.Application) { a.PersonID = id.New() }},
		{"state", "unknown_state", func(a *producer.Application) { a.State = "famous" }},
	} {
		a := application(people.Person{})
		c.change(&a)
		_, err := r.Apply(t.Context(), once.Key{}, market, people.System, a)
		if f, ok := fault.As(err); !ok || f.Code != c.code || f.Field != c.field {
			t.Errorf("want %s on %s: %v", c.code, c.field, err)
		}
	}
	_, err := r.Apply(t.Context(), once.Key{}, market, people.System, producer.Application{})
	if f, ok := fault.As(err); !ok || len(f.More) != 2 {
		t.Errorf("nothing given: %v", err)
	}
	exempt := application(people.Person{})
	exempt.Licence, exempt.Exemption = "", "自产农副产品，电子商务法第十条"
	if _, err := r.Apply(t.Context(), once.Key{}, market, people.System, exempt); err != nil {
		t.Errorf("who needs no licence: %v", err)
	}
	active := application(people.Person{})
	active.State = producer.Active
	if _, err := r.Apply(t.Context(), once.Key{}, market, person(t, db), active); !fault.Has(err, "operator_only") {
		t.Errorf("who lets themselves in: %v", err)
	}
	if made, err := r.Apply(t.Context(), once.Key{}, market, people.Person{ID: id.New(), Operator: []int32{market}}, active); err != nil || made.State != producer.Active {
		t.Errorf("whom the operator lets in: %+v %v", made, err)
	}
}

func TestAPersonIsOneProducerPerMarketEvenAtOnce(t *testing.T) {
	r, db, market := open(t)
	who := person(t, db)
	k := once.Of(who.ID, "apply", []byte("same"))
	keys := []once.Key{k, {}, k, {}, k}
	made, errs := make([]producer.Producer, len(keys)), make([]error, len(keys))
	var wait sync.WaitGroup
	for i, k := range keys {
		wait.Go(func() { made[i], errs[i] = r.Apply(t.Context(), k, market, who, application(who)) })
	}
	wait.Wait()
	ids := map[id.ID]bool{}
	for i, err := range errs {
		switch {
		case err == nil:
			ids[made[i].ID] = true
		case !fault.Has(err, "producer_exists"):
			t.Error(err)
		}
	}
	if len(ids) != 1 {
		t.Fatalf("made %d producers: %v", len(ids), errs)
	}
	var payees int
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		return tx.Get(&payees, `SELECT count(*) FROM payees WHERE market_id = $1`, market)
	})
	if err != nil || payees != 1 {
		t.Errorf("%d payees %v", payees, err)
	}
	if other := dbtest.Market(t, db); other > 0 {
		if _, err := r.Apply(t.Context(), once.Key{}, other, who, application(who)); err != nil {
			t.Errorf("in another market: %v", err)
		}
	}
}

func TestAKeyGivesTheFirstAnswerAgain(t *testing.T) {
	r, _, market := open(t)
	k := once.Of(id.None, id.Secret(5), nil)
	first, err := r.Apply(t.Context(), k, market, people.System, application(people.Person{}))
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Apply(t.Context(), k, market, people.System, application(people.Person{}))
	if err != nil || again.ID != first.ID {
		t.Errorf("again %+v %v", again, err)
	}
}

func TestAProducerIsApprovedSuspendedAndReadmittedWithAReason(t *testing.T) {
	r, db, market := open(t)
	made, err := r.Apply(t.Context(), once.Key{}, market, people.System, application(people.Person{}))
	if err != nil {
		t.Fatal(err)
	}
	operator := people.Person{ID: id.New(), Operator: []int32{market}}
	ctx := t.Context()
	must := func(state string, err error) {
		t.Helper()
		if got := find(t, db, market, made.ID); err != nil || got.State != state {
			t.Errorf("state %s, want %s (%v)", got.State, state, err)
		}
	}
	refused := func(code string, err error) {
		t.Helper()
		if !fault.Has(err, code) {
			t.Errorf("want %s: %v", code, err)
		}
	}
	refused("operator_only", r.Approve(ctx, market, made.ID, people.Person{ID: made.ID, Operator: []int32{market + 1}}))
	refused("producer_state", r.Suspend(ctx, market, made.ID, operator, "early"))
	for range 2 {
		must(producer.Active, r.Approve(ctx, market, made.ID, operator))
	}
	refused("required", r.Suspend(ctx, market, made.ID, operator, "  "))
	for range 2 {
		must(producer.Suspended, r.Suspend(ctx, market, made.ID, operator, "licence ran out"))
	}
	refused("producer_state", r.Approve(ctx, market, made.ID, operator))
	must(producer.Active, r.Readmit(ctx, market, made.ID, operator, "licence renewed"))
	refused("producer_unknown", r.Approve(ctx, market, id.New(), operator))
	err = db.View(ctx, market, func(tx *storage.Tx) error {
		lines, err := trail.About(tx, "producer:"+made.ID.String(), id.None, 10)
		if len(lines) != 4 || lines[0].Deed != "producer.readmit" || lines[1].Why != "licence ran out" {
			t.Errorf("trail %+v", lines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEditingChangesWhatIsToldAndNothingElse(t *testing.T) {
	r, db, market := open(t)
	made, err := r.Apply(t.Context(), once.Key{}, market, people.System, application(people.Person{}))
	if err != nil {
		t.Fatal(err)
	}
	told := application(people.Person{}).Text
	told.Name, told.RegionCode = "尉犁核桃", "652823100"
	for range 2 {
		got, err := r.Edit(t.Context(), market, made.ID, people.System, told)
		if err != nil || got.Name != "尉犁核桃" || got.RegionName != "新疆尉犁县尉犁镇" || got.PayeeID != made.PayeeID {
			t.Errorf("edited %+v %v", got, err)
		}
	}
	if got := find(t, db, market, made.ID); got.Name != "尉犁核桃" || got.State != made.State || got.RegionCode != "652823100" {
		t.Errorf("found %+v", got)
	}
	told.Licence = ""
	if _, err := r.Edit(t.Context(), market, made.ID, people.System, told); !fault.Has(err, "required") {
		t.Errorf("without licence: %v", err)
	}
	told.Licence = "1"
	if _, err := r.Edit(t.Context(), dbtest.Market(t, db), made.ID, people.System, told); !fault.Has(err, "producer_unknown") {
		t.Errorf("in another market: %v", err)
	}
	if _, err := r.Edit(t.Context(), market, made.ID, person(t, db), told); !fault.Has(err, "forbidden") {
		t.Errorf("by a stranger: %v", err)
	}
	if _, err := r.Edit(t.Context(), market, made.ID, people.Person{}, told); !fault.Has(err, "forbidden") {
		t.Errorf("an offline producer by nobody: %v", err)
	}
	who := person(t, db)
	mine, err := r.Apply(t.Context(), once.Key{}, market, who, application(who))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Edit(t.Context(), market, mine.ID, who, told); err != nil || got.Licence != "1" {
		t.Errorf("by themselves: %+v %v", got, err)
	}
}

func TestProducersAreListedNewestFirstPageByPage(t *testing.T) {
	r, db, market := open(t)
	var made []id.ID
	for range 5 {
		p, err := r.Apply(t.Context(), once.Key{}, market, people.System, application(people.Person{}))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, p.ID)
	}
	err := db.View(t.Context(), market, func(tx *storage.Tx) error {
		first, err := producer.List(tx, id.None, 3)
		if err != nil {
			return err
		}
		rest, err := producer.List(tx, first[2].ID, 3)
		if err != nil {
			return err
		}
		all := slices.Concat(first, rest)
		if len(all) != 5 {
			t.Fatalf("%d listed", len(all))
		}
		for i, p := range all {
			if p.ID != made[4-i] || p.RegionName != "新疆尉犁县兴平镇" {
				t.Errorf("%d: %+v", i, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
