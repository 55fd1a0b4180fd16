package hook

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"commonfield/storage/fault"
)

// longest is how long an address may be.
const longest = 500

// readable gives an address as it is kept. It refuses what is none (hook_url),
// what is not encrypted (hook_https) and what leads to this machine or its
// neighbours (hook_private); a name that does not resolve yet is let in, for
// every connection is looked at again.
func (r *Room) readable(ctx context.Context, text string) (string, error) {
	text = strings.TrimSpace(text)
	u, err := url.Parse(text)
	if err != nil || len(text) > longest || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fault.Invalid("url", "hook_url")
	}
	if r.private {
		return u.String(), nil
	}
	if u.Scheme != "https" {
		return "", fault.Invalid("url", "hook_https")
	}
	if here(ctx, u.Hostname()) {
		return "", fault.Invalid("url", "hook_private")
	}
	return u.String(), nil
}

// here says whether a name leads, now, to an address that is not the world's.
func here(ctx context.Context, host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return !public(a)
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || !strings.Contains(name, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	asked, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	found, err := net.DefaultResolver.LookupNetIP(asked, "ip", host)
	if err != nil {
		return false // looked at again when it is connected to
	}
	for _, a := range found {
		if !public(a) {
			return true
		}
	}
	return false
}

// closed are networks that no receiver has an address of: what RFC 6890 and its
// followers keep apart, and what only wraps an address of another network.
var closed = func() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// public says whether an address is one of the world's.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range closed {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
