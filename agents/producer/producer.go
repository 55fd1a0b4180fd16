// Package producer holds who grows and makes what is offered: a person with an
// account or, offline, a name alone, for whom an agent or operator acts.
//
// It promises that every producer can be owed (has a payee), lives in a real
// county or township, and carries a licence or the reason why none is needed
// (E-commerce Law 10). Listings, and who may act for whom, are left to others.
package producer

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"commonfield/agents/payable"
	"commonfield/agents/people"
	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/jobs"
	"commonfield/storage/once"
	"commonfield/storage/trail"
)

// The states of a producer: only an active one's listings are for sale.
const (
	Applied   = "applied"
	Active    = "active"
	Suspended = "suspended"
)

// Producer is one in one market.
type Producer struct {
	ID         id.ID     `db:"id"`
	PayeeID    id.ID     `db:"payee_id"`
	PersonID   id.ID     `db:"person_id"` // none: offline
	Name       string    `db:"name"`
	NameEN     string    `db:"name_en"`
	RegionCode string    `db:"region_code"` // a county or township
	RegionName string    `db:"-"`           // 新疆尉犁县兴平镇; written from the code
	RegionEN   string    `db:"-"`           // Xingping town, Yuli county, Xinjiang
	Village    string    `db:"village"`
	Story      string    `db:"story"`
	StoryEN    string    `db:"story_en"`
	Licence    string    `db:"licence"`
	Exemption  string    `db:"exemption"`
	State      string    `db:"state"`
	Version    int       `db:"version"`
	CreatedAt  time.Time `db:"created_at"`
}

// Application is what letting a producer in takes. PersonID is none for an
// offline producer. State is applied when empty; only an operator may say
// active.
type Application struct {
	Text
	PersonID id.ID
	State    string
}

// Room lets producers in and keeps them.
type Room struct{ db *storage.DB }

// New opens the room.
func New(db *storage.DB) *Room { return &Room{db} }

// Apply makes a producer and their payee. With a key, twice is once. It refuses
// wrong values each by its field (required, too_long, region_unknown,
// region_level), and a person who is a producer of the market already
// (producer_exists).
func (r *Room) Apply(ctx context.Context, k once.Key, market int32, by people.Person, a Application) (Producer, error) {
	if a.State == "" {
		a.State = Applied
	}
	if a.State != Applied && a.State != Active {
		return Producer{}, fault.Invalid("state", "unknown_state", fault.Args{"state": a.State})
	}
	if a.State == Active && !by.IsOperator(market) {
		return Producer{}, fault.Forbidden("operator_only")
	}
	text, err := a.check()
	if err != nil {
		return Producer{}, err
	}
	add := func(tx *storage.Tx) (Producer, error) { return add(tx, by, a, text) }
	p, err := once.Do(ctx, r.db, market, k, add)
	if storage.Violates(err, "producers_one") {
		// Somebody was quicker: with this key, then theirs is the answer, or
		// without, then the person is a producer already.
		p, err = once.Do(ctx, r.db, market, k, add)
	}
	return p, err
}

func add(tx *storage.Tx, by people.Person, a Application, t Text) (Producer, error) {
	if err := placed(tx, t.RegionCode); err != nil {
		return Producer{}, err
	}
	if a.PersonID != id.None {
		if _, err := people.Find(tx, a.PersonID); err != nil {
			return Producer{}, err
		}
		if _, err := OfPerson(tx, a.PersonID); !fault.Has(err, "producer_unknown") {
			if err == nil {
				err = fault.Conflict("producer_exists")
			}
			return Producer{}, err
		}
	}
	name, err := region.Name(tx, t.RegionCode)
	if err != nil {
		return Producer{}, err
	}
	p := Producer{ID: id.New(), PersonID: a.PersonID, RegionName: name, State: a.State, Version: 1, CreatedAt: tx.Now}
	p.tell(t)
	p.PayeeID = payable.NewPayee(tx, payable.Producer, p.Name, p.PersonID)
	tx.Queue(`INSERT INTO producers (market_id, id, payee_id, person_id, name, name_en, region_code, village, story, story_en, licence, exemption, state, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)`,
		tx.Market, p.ID, p.PayeeID, uuid.NullUUID{UUID: p.PersonID, Valid: p.PersonID != id.None},
		p.Name, p.NameEN, p.RegionCode, p.Village, p.Story, p.StoryEN, p.Licence, p.Exemption, p.State, tx.Now)
	changed(tx, p)
	trail.Write(tx, by.ID, "producer.apply", "producer:"+p.ID.String(), p.State)
	if p.State == Applied {
		announce(tx, p.ID, p.State, "")
	}
	return p, nil
}

// Edit changes what is told about a producer: by the producer or an operator
// (forbidden). Twice is once.
func (r *Room) Edit(ctx context.Context, market int32, producer id.ID, by people.Person, t Text) (Producer, error) {
	t, err := t.check()
	if err != nil {
		return Producer{}, err
	}
	var p Producer
	err = r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		if err := placed(tx, t.RegionCode); err != nil {
			return err
		}
		if p, err = Find(tx, producer); err != nil {
			return err
		}
		if (p.PersonID == id.None || by.ID != p.PersonID) && !by.IsOperator(market) {
			return fault.Forbidden("forbidden")
		}
		was := p
		if p.tell(t); p == was {
			return nil
		}
		if p.RegionName, err = region.Name(tx, p.RegionCode); err != nil {
			return err
		}
		tx.Expect(1, fault.Conflict("conflict"), `UPDATE producers SET name = $3, name_en = $4, region_code = $5, village = $6, story = $7, story_en = $8, licence = $9, exemption = $10, version = version + 1, changed_at = $12
WHERE market_id = $1 AND id = $2 AND version = $11`, tx.Market, p.ID, p.Name, p.NameEN, p.RegionCode, p.Village, p.Story, p.StoryEN, p.Licence, p.Exemption, p.Version, tx.Now)
		p.Version++
		changed(tx, p)
		trail.Write(tx, by.ID, "producer.edit", "producer:"+p.ID.String(), "")
		return nil
	})
	return p, err
}

// Approve lets an applied producer sell. Twice is once; a suspended one is
// readmitted, not approved (producer_state).
func (r *Room) Approve(ctx context.Context, market int32, producer id.ID, by people.Person) error {
	return r.move(ctx, market, producer, by, Applied, Active, "producer.approve", "")
}

// Suspend stops a producer's sales, for a reason that they can read. Running
// orders go on. Twice is once.
func (r *Room) Suspend(ctx context.Context, market int32, producer id.ID, by people.Person, why string) error {
	if strings.TrimSpace(why) == "" {
		return fault.Invalid("why", "required")
	}
	return r.move(ctx, market, producer, by, Active, Suspended, "producer.suspend", why)
}

// Readmit lets a suspended producer sell again, for a reason. Twice is once.
func (r *Room) Readmit(ctx context.Context, market int32, producer id.ID, by people.Person, why string) error {
	if strings.TrimSpace(why) == "" {
		return fault.Invalid("why", "required")
	}
	return r.move(ctx, market, producer, by, Suspended, Active, "producer.readmit", why)
}

func (r *Room) move(ctx context.Context, market int32, producer id.ID, by people.Person, from, to, deed, why string) error {
	if !by.IsOperator(market) {
		return fault.Forbidden("operator_only")
	}
	return r.db.Update(ctx, market, func(tx *storage.Tx) error {
		tx.Keyed()
		p, err := Find(tx, producer)
		if err != nil || p.State == to {
			return err
		}
		refuse := fault.Conflict("producer_state", fault.Args{"state": p.State})
		if p.State != from {
			return refuse
		}
		tx.Expect(1, refuse, `UPDATE producers SET state = $4, version = version + 1, changed_at = $6 WHERE market_id = $1 AND id = $2 AND state = $3 AND version = $5`, tx.Market, p.ID, from, to, p.Version, tx.Now)
		p.Version++
		changed(tx, p)
		trail.Write(tx, by.ID, deed, "producer:"+p.ID.String(), why)
		announce(tx, p.ID, to, why)
		return nil
	})
}

// changed lets search know of a producer's new version.
func changed(tx *storage.Tx, p Producer) {
	jobs.Index(tx, "producer", p.ID, "v"+strconv.Itoa(p.Version))
}
