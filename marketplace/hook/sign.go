package hook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// prefix begins a secret as it is shown, so that it is known for one.
const prefix = "whsec_"

// newSecret makes a secret of 32 random bytes.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand crashes the program instead
	return prefix + base64.StdEncoding.EncodeToString(b)
}

// Sign gives the signature of one request by one secret, as a receiver works it
// out: v1 and the HMAC-SHA256 of id, time and body with dots between.
func Sign(name string, at time.Time, body, secret string) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, prefix))
	if err != nil {
		key = nil // a secret of ours is always readable
	}
	h := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(h, "%s.%d.%s", name, at.Unix(), body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func signatures(name string, at time.Time, body string, secrets ...string) string {
	var all []string
	for _, s := range secrets {
		all = append(all, Sign(name, at, body, s))
	}
	return strings.Join(all, " ")
}

// about binds a sealed secret to its hook.
func about(h fmt.Stringer) string { return "hook:" + h.String() }
