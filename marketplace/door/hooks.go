package door

import (
	"bytes"
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/tongue"
	"commonfield/storage/fault"
	"commonfield/storage/trail"
)

// HooksWay is where gateways send their news.
const HooksWay = "/hooks/stripe"

// quick is how long news may take: what follows from it is a job.
const quick = 10 * time.Second

// Hooks mounts the addresses that gateways send news to. Nobody signs in there: the
// body is signed. Whatever is refused is refused with a code and leaves no row.
func (d *Door) Hooks(app fiber.Router) { app.Post(HooksWay, d.heard) }

func (d *Door) heard(c *fiber.Ctx) error {
	if d.Stripe == nil {
		return c.Status(fiber.StatusNotFound).JSON(fiber.Map{"error": "not_found"})
	}
	ctx, stop := context.WithTimeout(trail.WithRequest(context.Background(), RequestID(c)), quick)
	defer stop()
	// The body as it came, and a copy: what is signed is these very bytes.
	err := d.Stripe.Take(ctx, d.Desk, bytes.Clone(c.Body()), c.Get("Stripe-Signature"))
	if err == nil {
		d.Worker.Wake()
		return c.JSON(fiber.Map{"received": true})
	}
	f, said := fault.As(err)
	if !said {
		d.o.Log.Error("news of a gateway was not taken", "request", RequestID(c), "error", err.Error())
		return c.Status(fiber.StatusInternalServerError).JSON(fiber.Map{"error": "internal"})
	}
	status := Status(err)
	if f.Kind == fault.KindInvalid {
		status = fiber.StatusBadRequest
	}
	d.o.Log.Warn("news of a gateway was refused", "request", RequestID(c), "code", f.Code, "because", tongue.Fault(tongue.For(tongue.English), f.Code, f.Args))
	return c.Status(status).JSON(fiber.Map{"error": f.Code})
}
