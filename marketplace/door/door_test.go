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
	"net/netip"
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

// The address stands in links that people share, and in what search engines keep of
// a page: a visitor must not be able to name another.
func TestOnlyATrustedProxySaysWhichHostWasAsked(t *testing.T) {
	for trusted, want := range map[string]string{"": "http://market.example", "10.0.0.0/8": "http://market.example", "0.0.0.0/32": "https://evil.example"} {
		var proxies []netip.Prefix
		if trusted != "" {
			proxies = append(proxies, netip.MustParsePrefix(trusted)) // a test's own connection comes from 0.0.0.0
		}
		app := fiber.New(door.Config(fiber.DefaultErrorHandler, proxies...))
		d := door.New(nil, door.Options{})
		app.Get("/", func(c *fiber.Ctx) error { return c.SendString(d.Home(c)) })
		ask := httptest.NewRequest(http.MethodGet, "http://market.example/", nil)
		ask.Header.Set("X-Forwarded-Host", "evil.example")
		ask.Header.Set("X-Forwarded-Proto", "https")
		answer, err := app.Test(ask)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("with %q trusted: %s (%v), not %s", trusted, got, err, want)
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
