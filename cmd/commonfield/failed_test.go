package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
)

// A request whose headers are too large is answered by the door that it came to.
func TestHeadersThatAreTooLargeAreAnsweredByTheirDoor(t *testing.T) {
	app := fiber.New(door.Config(failed))
	remember(app)
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(at) }()
	t.Cleanup(func() { _ = app.Shutdown(); <-done })
	for line, want := range map[string]string{
		"GET /api/v1/me HTTP/1.1":          "application/problem+json",
		"OPTIONS /api/v1/orders HTTP/1.1":  "application/problem+json",
		"GET / HTTP/1.1":                   "text/html; charset=utf-8",
		"GET /apiary HTTP/1.1":             "text/html; charset=utf-8",
		"GET /search?q=GET+/api/ HTTP/1.1": "text/html; charset=utf-8",
	} {
		conn, err := net.DialTimeout("tcp", at.Addr().String(), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.WriteString(conn, line+"\r\nHost: x\r\nCookie: a="+strings.Repeat("a", 17_000)+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = conn.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge || res.Header.Get("Content-Type") != want {
			t.Errorf("%s: %d %s, want %s", line, res.StatusCode, res.Header.Get("Content-Type"), want)
		}
		if json := strings.Contains(string(body), `"code":"headers_too_large"`); json != strings.HasPrefix(want, "application/") {
			t.Errorf("%s: %.200s", line, body)
		}
	}
}
