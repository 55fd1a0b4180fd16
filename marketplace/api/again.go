package api

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"commonfield/marketplace/door"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// longestKey is how many characters an Idempotency-Key may have.
var longestKey = 200

// recall reads the Idempotency-Key and, when the same request was answered
// before, answers with the same bytes. The same key with other content is
// refused (key_reused). Keys belong to a person: without one there is none, and
// where an answer holds a secret that nobody may read again, none is kept.
func (v *visit) recall() (bool, error) {
	sent := v.c.Get("Idempotency-Key")
	if sent == "" || !v.route.writes() {
		return false, nil
	}
	if len(sent) > longestKey || strings.ContainsFunc(sent, func(r rune) bool { return r < ' ' || r > '~' }) {
		return false, fault.Invalid("Idempotency-Key", "key_bad", fault.Args{"most": longestKey})
	}
	if v.who.ID == id.None || v.route.fresh {
		return false, nil
	}
	content := strings.Join([]string{v.route.method, v.c.OriginalURL(), v.c.Get(fiber.HeaderContentType), ""}, "\n")
	v.key = once.Of(v.who.ID, sent, append([]byte(content), v.c.Request().Body()...))
	v.home = storage.Platform
	if text := v.c.Params("market"); text != "" {
		if m, err := v.market(text); err == nil {
			v.home = m.ID
		}
	}
	code, body, found, err := v.kept()
	if err != nil || !found {
		return false, err
	}
	return true, v.repeat(code, body)
}

// kept opens what was answered before; answers are sealed, because they may
// hold what only their reader should know.
func (v *visit) kept() (int, []byte, bool, error) {
	code, sealed, found, err := once.Recall(v.ctx, v.s.DB, v.home, v.key)
	if err != nil || !found {
		return 0, nil, false, err
	}
	body, err := v.s.Box.Open(sealed, "api:"+v.key.Key)
	return code, body, err == nil, err
}

func (v *visit) repeat(code int, body []byte) error {
	v.c.Set("Idempotency-Replayed", "true")
	if len(body) > 0 {
		v.c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	}
	return v.c.Status(code).Send(body)
}

// remember keeps a success. Of many at once the first is kept, and all others
// give its bytes. When it cannot be kept the deed is done all the same, and
// asking again finds it by its own key.
func (v *visit) remember() {
	code := v.c.Response().StatusCode()
	if v.key.Key == "" || code < http.StatusOK || code >= http.StatusMultipleChoices {
		return
	}
	mine := v.c.Response().Body()
	sealed, err := v.s.Box.Seal(mine, "api:"+v.key.Key)
	if err == nil {
		err = once.Remember(v.ctx, v.s.DB, v.home, v.key, code, sealed)
	}
	var first []byte
	found := false
	if err == nil {
		code, first, found, err = v.kept()
	}
	if err != nil {
		slog.WarnContext(v.ctx, "api: an answer was not kept", "request", door.RequestID(v.c), "error", err.Error())
		return
	}
	if found && string(first) != string(mine) {
		_ = v.repeat(code, first)
	}
}
