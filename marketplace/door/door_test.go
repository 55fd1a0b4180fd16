package door_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/lib/pq"

	"commonfield/marketplace/door"
	"commonfield/storage/fault"
)

func TestADatabaseThatIsAwayIsToBeAskedAgainAndNoFaultOfTheProgram(t *testing.T) {
	for what, c := range map[string]struct {
		err    error
		status int
	}{
		"starting":         {&pq.Error{Code: "57P03"}, fiber.StatusServiceUnavailable},
		"stopped":          {fmt.Errorf("orders: %w", &pq.Error{Code: "57P01"}), fiber.StatusServiceUnavailable},
		"refused":          {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, fiber.StatusServiceUnavailable},
		"cut":              {driver.ErrBadConn, fiber.StatusServiceUnavailable},
		"silent":           {fmt.Errorf("orders: %w", context.DeadlineExceeded), fiber.StatusServiceUnavailable},
		"a wrong column":   {&pq.Error{Code: "42703"}, fiber.StatusInternalServerError},
		"a broken promise": {errors.New("no such thing"), fiber.StatusInternalServerError},
		"a refusal because the database was away stays one": {fault.Conflict("sold_out").Because(driver.ErrBadConn), fiber.StatusConflict},
	} {
		if got := door.Status(c.err); got != c.status {
			t.Errorf("%s: %d, not %d", what, got, c.status)
		}
	}
}

func TestAPageIsAskedOnlyWithTextAndTheAPIAsItWasSent(t *testing.T) {
	app, d := fiber.New(door.Config(fiber.DefaultErrorHandler)), door.New(nil, door.Options{})
	app.Use(d.Every)
	app.Get("/*", func(c *fiber.Ctx) error {
		return c.SendString(fmt.Sprintf("%q %q", c.Query("category"), c.Query("q")))
	})
	for asked, want := range map[string]string{
		"/?category=nuts%00&q=%E6%A0%B8%E6%A1%83": `"nuts" "核桃"`,
		"/?category=%00":                  `"" ""`,
		"/?q=a%ffb&%00category=%c3%28":    `"(" "ab"`,
		"/?category=rice&q=%F0%9F%8C%BE+": `"rice" "🌾 "`,
		"/api/v1/listings?category=%00":   `"\x00" ""`,
	} {
		answer, err := app.Test(httptest.NewRequest(http.MethodGet, asked, nil))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("%s: %s (%v), not %s", asked, got, err, want)
		}
	}
}
