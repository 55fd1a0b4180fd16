package door

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"commonfield/agents/attribution"
)

// Follow remembers the agent whose link brought the visitor.
func (d *Door) Follow(c *fiber.Ctx, code string) {
	d.cookie(c, agentCookie, code+"."+strconv.FormatInt(d.DB.Now().Unix(), 10), attribution.Window)
}

// Followed gives the code of the link that brought the visitor, and when. It
// is the visitor's own cookie: all it could do is name an agent.
func (d *Door) Followed(c *fiber.Ctx) (code string, at time.Time) {
	code, when, ok := strings.Cut(c.Cookies(agentCookie), ".")
	sec, err := strconv.ParseInt(when, 10, 64)
	if !ok || err != nil || len(code) > 16 {
		return "", time.Time{}
	}
	at = time.Unix(sec, 0)
	if at.After(d.DB.Now()) {
		at = d.DB.Now()
	}
	return code, at
}
