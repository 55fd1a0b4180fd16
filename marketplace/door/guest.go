package door

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/people"
	"commonfield/catalog/shelf"
	"commonfield/marketplace/order"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// Became makes what a guest has ordered and put aside the person's who they
// turned out to be, signing in or registering in the same browser. For anybody
// but a guest it does nothing; twice is once.
func (d *Door) Became(ctx context.Context, was, is people.Person) error {
	if !was.Guest || is.Guest || is.ID == id.None {
		return nil
	}
	if err := d.Kept.Merge(ctx, was.ID, is.ID); err != nil {
		return err
	}
	return d.Orders.Claim(ctx, was, is)
}

// ClaimOrder makes a guest's checkout the person's who names one of its orders by
// number, phone and claim code. Tries are counted by address and by number; every
// mismatch is refused alike (no_such_order).
func (d *Door) ClaimOrder(c *fiber.Ctx, p people.Person, number, phone, code string) (order.Ref, error) {
	var missing error
	if strings.TrimSpace(code) == "" {
		missing = fault.Invalid("code", "required")
	}
	if err := fault.All(d.naming(c, number, phone), missing); err != nil {
		return order.Ref{}, err
	}
	return d.Orders.ClaimOne(c.UserContext(), p, number, phone, code)
}

// FindOrder shows a guest's order to somebody without an account who names it so;
// a session of their own is opened for nobody.
func (d *Door) FindOrder(c *fiber.Ctx, number, phone string) (order.Ref, error) {
	if err := d.naming(c, number, phone); err != nil {
		return order.Ref{}, err
	}
	p, err := d.Somebody(c)
	if err != nil {
		return order.Ref{}, err
	}
	return d.Orders.Look(c.UserContext(), p.ID, number, phone)
}

func (d *Door) naming(c *fiber.Ctx, number, phone string) error {
	number = strings.ToUpper(strings.TrimSpace(number))
	var one, two error
	if number == "" {
		one = fault.Invalid("number", "required")
	}
	if strings.TrimSpace(phone) == "" {
		two = fault.Invalid("phone", "required")
	}
	if err := fault.All(one, two); err != nil {
		return err
	}
	if err := d.Limit(c, "find:address", d.Address(c), 20, 10*time.Minute); err != nil {
		return err
	}
	return d.Limit(c, "find:number", number, 10, time.Hour)
}

// Missing is a line of an order that could not be put aside again, and why.
type Missing struct {
	Line order.Line
	Why  error
}

// Reorder puts what is still sold of an order into its buyer's kept basket, in
// the quantities of then, and says what is not and why. Twice is once.
func (d *Door) Reorder(ctx context.Context, p people.Person, ref order.Ref) (put int, missing []Missing, err error) {
	if err := Writer(p); err != nil {
		return 0, nil, err
	}
	s, as, err := d.Watch(ctx, p, ref)
	if err != nil {
		return 0, nil, err
	}
	if as != order.AsBuyer {
		return 0, nil, fault.Forbidden("forbidden")
	}
	amounts := map[id.ID]int64{}
	for _, l := range s.Lines {
		if l.Listing != nil {
			amounts[*l.Listing] += l.Quantity
		}
	}
	for _, l := range s.Lines {
		if l.Listing == nil || amounts[*l.Listing] == 0 {
			continue
		}
		why := d.Kept.Put(ctx, p.ID, shelf.Ref{Market: ref.Market, Listing: *l.Listing}, amounts[*l.Listing])
		amounts[*l.Listing] = 0
		if _, refused := fault.As(why); why != nil && !refused {
			return put, missing, why
		}
		if why != nil {
			missing = append(missing, Missing{l, why})
			continue
		}
		put++
	}
	return put, missing, nil
}
