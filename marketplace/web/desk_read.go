package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/catalog"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

// What people type is read exactly, without floats: sums into minor units,
// shares into basis points, quantities into base units.

// hundredth is a number with two decimals.
var hundredth = catalog.Unit{Code: "hundredth", Dimension: catalog.Count, Base: 100}

// cents reads "26", "26.5" or "26.50" as hundredths, on its field.
func cents(field, text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, fault.Invalid(field, "required")
	}
	if nothing(text) {
		return 0, nil
	}
	n, err := catalog.ParseQuantity(text, hundredth)
	switch {
	case fault.Has(err, "quantity_whole"):
		return 0, fault.Invalid(field, "two_decimals")
	case err != nil:
		return 0, fault.Invalid(field, "not_a_number")
	}
	return n, nil
}

// nothing says whether a number is zero, which a quantity of goods never is.
func nothing(text string) bool {
	return strings.Trim(text, "0０.．") == "" && strings.ContainsAny(text, "0０") && strings.Count(text, ".")+strings.Count(text, "．") < 2
}

// minor reads a sum above zero.
func minor(field, text string) (int64, error) {
	n, err := cents(field, text)
	if err == nil && n <= 0 {
		err = fault.Invalid(field, "sum_zero")
	}
	return n, err
}

// points reads per cent as basis points.
func points(field, text string) (int32, error) {
	n, err := cents(field, strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if err == nil && n > 10_000 {
		err = fault.Invalid(field, "out_of_range", fault.Args{"min": int64(0), "max": int64(10_000), "unit": "bp"})
	}
	return int32(min(n, 10_000)), err
}

// base reads a quantity of a unit; with zero, nothing is a quantity too.
func base(field, text string, unit catalog.Unit, zero bool) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, fault.Invalid(field, "required")
	}
	if zero && nothing(text) {
		return 0, nil
	}
	n, err := catalog.ParseQuantity(text, unit)
	return n, on(err, map[string]string{"quantity": field})
}

// whole reads a small whole number; empty is none.
func whole(field, text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 20)
	if err != nil {
		return 0, fault.Invalid(field, "not_a_number")
	}
	return int(n), nil
}

// day reads a date field in a place; empty is none.
func day(field, text string, place *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, place)
	if err != nil {
		return time.Time{}, fault.Invalid(field, "not_a_day")
	}
	return t, nil
}

// on moves the faults of an error to the fields of a form. A field that the
// form does not know by another name stays; "" is the whole form.
func on(err error, fields map[string]string) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	g := *f
	if to, known := fields[g.Field]; known {
		g.Field = to
	}
	g.More = nil
	for _, more := range f.More {
		g.More = append(g.More, on(more, fields))
	}
	return &g
}

// row reads the id of a row from an address or a form.
func row(text string) (id.ID, error) {
	i, ok := id.Parse(strings.TrimSpace(text))
	if !ok {
		return id.None, fault.NotFound("not_found")
	}
	return i, nil
}

// refused says whether an error belongs into the form again; what is no fault,
// or says that there is no such thing, has a page of its own.
func refused(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind != fault.KindNotFound && f.Kind != fault.KindSignIn
}

// after is the cursor of a list.
func after(c *fiber.Ctx) (id.ID, error) {
	text := c.Query("after")
	if text == "" {
		return id.None, nil
	}
	i, ok := id.Parse(text)
	if !ok {
		return id.None, fault.Invalid("after", "cursor_bad")
	}
	return i, nil
}
