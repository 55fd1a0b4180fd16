package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"html"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/lib/pq"

	"commonfield/storage"
)

// ServeLimits serves the limits of pages until ctx ends: *bare*, a fixed body,
// and *one query*, the page's one necessary prepared statement with its rows
// written as the page or the API writes them. Bodies are as large as the real
// ones (?size=), so that the network carries the same.
func ServeLimits(ctx context.Context, url string, listener net.Listener) error {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return err
	}
	// As the program's own connections: the same plans and the same rights.
	cfg.Options += " -c plan_cache_mode=force_generic_plan -c role=" + storage.AppRole
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(16) // as the program's own pool
	db.SetMaxIdleConns(16)
	list, err := db.PrepareContext(ctx, listQuery)
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }()
	one, err := db.PrepareContext(ctx, oneQuery)
	if err != nil {
		return err
	}
	defer func() { _ = one.Close() }()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/bare", bare)
	app.Get("/list/:as", func(c *fiber.Ctx) error {
		rows, err := list.Query("ffffffff-ffff-ffff-ffff-ffffffffffff")
		return answer(c, rows, err)
	})
	app.Get("/detail/:market/:id/:as", func(c *fiber.Ctx) error {
		rows, err := one.Query(c.Params("market"), c.Params("id"), time.Now())
		return answer(c, rows, err)
	})
	context.AfterFunc(ctx, func() { _ = app.Shutdown() })
	return app.Listener(listener)
}

var filler = bytes.Repeat([]byte("共田 Commonfield. "), 20_000)

func bare(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(filler[:c.QueryInt("size")])
}

// card is what a list shows of a listing, and shown what its own page does.
type card struct {
	Market         string `json:"market"`
	ID             string `json:"id"`
	Category       string `json:"category"`
	Title          string `json:"title"`
	TitleEN        string `json:"title_en"`
	Price          int64  `json:"price_minor"`
	Currency       string `json:"currency"`
	Unit           string `json:"unit"`
	Minimum        int64  `json:"minimum"`
	Available      int64  `json:"available"`
	Photo          string `json:"photo"`
	Producer       string `json:"producer"`
	ProducerName   string `json:"producer_name"`
	ProducerNameEN string `json:"producer_name_en"`
	Region         string `json:"region"`
	Rest           string `json:"story,omitempty"`
}

const listQuery = `SELECT m.code, l.id, l.category, l.title, l.title_en, l.price_minor, m.currency, l.unit, l.minimum,
		(SELECT COALESCE(sum(b.on_hand - b.reserved), 0) FROM batches b WHERE b.market_id = l.market_id AND b.listing_id = l.id),
		COALESCE(l.photos[1], ''), p.id, p.name, p.name_en, p.region_code, ''
	FROM (SELECT * FROM listings WHERE state = 'live' AND version > 0 AND id < $1::uuid ORDER BY id DESC LIMIT 21) l
	JOIN markets m ON m.id = l.market_id
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
	ORDER BY l.id DESC`

// The page of one listing shows its producer, its place, its stock and what the
// fee and the tax make of its price.
const oneQuery = `SELECT m.code, l.id, l.category, l.title, l.title_en, l.price_minor, m.currency, l.unit, l.minimum,
		(SELECT COALESCE(sum(b.on_hand - b.reserved), 0) FROM batches b WHERE b.market_id = l.market_id AND b.listing_id = l.id),
		COALESCE(l.photos[1], ''), p.id, p.name, p.name_en, p.region_code,
		l.story || l.story_en || p.story || p.village || c.name || u.base::text || l.state || l.changed_at::text || l.weight_band_bp::text
			|| COALESCE((SELECT max(r.rate_bp) FROM rates r WHERE r.market_id = l.market_id AND r.valid_from <= $3), 0)::text
	FROM listings l
	JOIN markets m ON m.id = l.market_id
	JOIN producers p ON p.market_id = l.market_id AND p.id = l.producer_id
	JOIN categories c ON c.code = l.category
	JOIN units u ON u.code = l.unit
	WHERE l.market_id = (SELECT id FROM markets WHERE code = $1) AND l.id = $2::uuid AND l.state <> 'draft'`

func answer(c *fiber.Ctx, rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	cards := make([]card, 0, 21)
	for rows.Next() {
		var d card
		if err := rows.Scan(&d.Market, &d.ID, &d.Category, &d.Title, &d.TitleEN, &d.Price, &d.Currency, &d.Unit, &d.Minimum, &d.Available,
			&d.Photo, &d.Producer, &d.ProducerName, &d.ProducerNameEN, &d.Region, &d.Rest); err != nil {
			return err
		}
		cards = append(cards, d)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(cards) == 0 {
		return fiber.ErrNotFound
	}
	if c.Params("as") == "json" {
		b, err := json.Marshal(cards)
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		if err != nil {
			return err
		}
		return filled(c, b)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return filled(c, markup(cards))
}

// markup writes what changes from card to card; the fixed text around it is the
// filler's.
func markup(cards []card) []byte {
	b := make([]byte, 0, 32<<10)
	for _, d := range cards {
		for _, text := range []string{"/listings/" + d.Market + "/" + d.ID, d.Title, d.Region, d.Unit, d.ProducerName, "/photos/" + d.Photo + "/640.jpg", d.Rest} {
			b = append(b, `<p>`...)
			b = append(b, html.EscapeString(text)...)
		}
		b = strconv.AppendInt(b, d.Price, 10)
		b = strconv.AppendInt(b, d.Available, 10)
	}
	return b
}

// filled makes a body as large as the real one.
func filled(c *fiber.Ctx, b []byte) error {
	if more := c.QueryInt("size") - len(b); more > 0 {
		b = append(b, filler[:min(more, len(filler))]...)
	}
	return c.Send(b)
}
