// Package notice tells people what happened: a row in their own list, and a
// letter by e-mail or a short message to those who have confirmed where it goes
// and want one.
//
// It promises that one deed is told to one person once, however often it is
// told; that the way of an order never waits for it, for everything here runs as
// a job; that a letter which could not be handed over is tried again, with the
// same Message-ID; and that no subject and no log line carries personal data.
// What is told to whom is decided by marketplace/told, above; how a letter is
// carried, by a Sender that is handed in.
package notice

import (
	"encoding/json"
	"log/slog"
	"time"

	"commonfield/agents/region"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/seal"
)

// Notice is one thing that one person is told.
type Notice struct {
	Person id.ID     `db:"user_id"`
	ID     id.ID     `db:"id"`
	Key    string    `db:"key"` // the deed, told once to a person
	Kind   Kind      `db:"kind"`
	Market int32     `db:"market_id"`
	Way    string    `db:"way"` // the page it is about, "/orders/YL/…"
	Facts  Facts     `db:"-"`
	Shown  bool      `db:"shown"`
	At     time.Time `db:"told_at"` // when the deed was done

	ReadAt     *time.Time `db:"read_at"`
	LetteredAt *time.Time `db:"lettered_at"`
	TextedAt   *time.Time `db:"texted_at"`
}

// Facts fill a notice's sentence. They are written in the reader's language when
// it is read, so they are kept raw. No buyer's name, phone or address is in them.
type Facts struct {
	Number   string     `json:"number,omitempty"` // of an order, a payout, a payment's reference
	Sum      int64      `json:"sum_minor,omitempty"`
	Rest     int64      `json:"rest_minor,omitempty"`
	Currency string     `json:"currency,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
	Carrier  string     `json:"carrier,omitempty"`
	Parcel   string     `json:"parcel,omitempty"`
	Count    int64      `json:"count,omitempty"`
	Tail     string     `json:"tail,omitempty"` // last digits of an account
	Word     string     `json:"word,omitempty"` // what a program calls it: a job's kind, a check, a browser
	Role     string     `json:"role,omitempty"`
	Why      string     `json:"why,omitempty"`
	Lines    []Line     `json:"lines,omitempty"` // of a contract, for its confirmation
}

// Line is one line of a contract's summary.
type Line struct {
	Title    string `json:"title"`
	TitleEN  string `json:"title_en,omitempty"`
	Seller   string `json:"seller,omitempty"` // a producer's name is that of a business
	SellerEN string `json:"seller_en,omitempty"`
	Unit     string `json:"unit"`
	Quantity int64  `json:"quantity"` // base units
	Price    int64  `json:"price_minor"`
	Total    int64  `json:"total_minor"`
	Returns  int    `json:"return_days,omitempty"`
	Charge   string `json:"charge,omitempty"` // no goods: what comes on top, or is taken off
}

// Room is the room, opened once. It is safe for use by many goroutines.
type Room struct {
	db        *storage.DB
	books     *region.Books
	box       *seal.Box
	sender    Sender // nil: no letters are written
	texter    Texter // nil: no short messages
	mostTexts int    // in a day and market
	home      string // the market's own address, for links in letters
	log       *slog.Logger
}

// Options of the room.
type Options struct {
	Sender    Sender // nil: nobody gets letters
	Texter    Texter // nil: nobody gets short messages
	MostTexts int    // in a day and market; 0 is MostTexts
	Home      string // "https://market.example"
	Log       *slog.Logger
}

// New opens the room.
func New(db *storage.DB, books *region.Books, box *seal.Box, o Options) *Room {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MostTexts == 0 {
		o.MostTexts = MostTexts
	}
	return &Room{db: db, texter: o.Texter, mostTexts: o.MostTexts, books: books, box: box, sender: o.Sender, home: o.Home, log: o.Log}
}

// Texts says whether short messages are sent at all.
func (r *Room) Texts() bool { return r.texter != nil }

// Sends says whether letters are written at all.
func (r *Room) Sends() bool { return r.sender != nil }

const columns = "user_id, id, key, kind, market_id, way, facts, shown, told_at, read_at, lettered_at, texted_at"

// row is a notice as it lies in its table.
type row struct {
	Notice
	Text []byte `db:"facts"`
}

func (r row) notice() (Notice, error) {
	n := r.Notice
	err := json.Unmarshal(r.Text, &n.Facts)
	return n, err
}

func notices(rows []row) ([]Notice, error) {
	all := make([]Notice, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = r.notice(); err != nil {
			return nil, err
		}
	}
	return all, nil
}
