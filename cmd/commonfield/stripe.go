package main

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"commonfield/marketplace/payment/stripe"
)

// The names that Stripe's settings have.
const (
	keyEnv     = "STRIPE_SECRET_KEY"
	hookEnv    = "STRIPE_WEBHOOK_SECRET"
	methodsEnv = "STRIPE_METHODS"
	bankEnv    = "STRIPE_BANK_MARKET"
	baseEnv    = "STRIPE_API_BASE"
)

var (
	secretKey = regexp.MustCompile(`^[sr]k_(test|live)_[0-9A-Za-z_]+$`)
	method    = regexp.MustCompile(`^[a-z][a-z0-9_]{1,40}$`)
)

// stripe reads the settings of that gateway and refuses what cannot be meant: a
// key that is none, money that is real where things are tried out, and money that
// is not where they are real. Values are never printed.
func (p *program) stripe() (stripe.Options, error) {
	o := stripe.Options{Key: os.Getenv(keyEnv), Bank: strings.TrimSpace(os.Getenv(bankEnv)), Base: strings.TrimRight(os.Getenv(baseEnv), "/"), Home: p.address(), Watch: p.calls.stripe()}
	for secret := range strings.SplitSeq(os.Getenv(hookEnv), ",") {
		if secret = strings.TrimSpace(secret); secret == "" {
			continue
		}
		if !strings.HasPrefix(secret, "whsec_") {
			return o, usage("%s is no secret of a webhook endpoint: it begins with whsec_", hookEnv)
		}
		o.Secrets = append(o.Secrets, secret)
	}
	for m := range strings.SplitSeq(os.Getenv(methodsEnv), ",") {
		if m = strings.TrimSpace(m); m == "" {
			continue
		}
		if !method.MatchString(m) {
			return o, usage("%s: %q is no way of paying, as card,alipay,wechat_pay", methodsEnv, m)
		}
		o.Methods = append(o.Methods, m)
	}
	switch {
	case o.Key == "" && len(o.Secrets) > 0:
		return o, usage("%s is set and %s is not: nothing could be asked about the news", hookEnv, keyEnv)
	case o.Key == "":
		return o, nil
	case !secretKey.MatchString(o.Key):
		return o, usage("%s is no secret key: it begins with sk_test_, sk_live_ or rk_ (pk_ is the public one)", keyEnv)
	case p.production() && !o.Live():
		return o, refused("production does not serve with Stripe's test key, which takes no real money: set the live one in %s", keyEnv)
	case !p.production() && o.Live():
		return o, refused("%s takes real money: it is refused unless COMMONFIELD_ENV=production", keyEnv)
	case p.production() && len(o.Secrets) == 0:
		return o, refused("production does not serve with Stripe and without %s: chargebacks would be found a day late", hookEnv)
	case p.production() && o.Base != "":
		return o, refused("production does not serve with %s, which sends the key to another address than Stripe's", baseEnv)
	}
	if u, err := url.Parse(o.Base); o.Base != "" && (err != nil || u.Host == "") {
		return o, usage("%s is no address", baseEnv)
	}
	return o, nil
}

// payable refuses to serve where payers could not come back from Stripe.
func (s *Serve) payable(p *program) error {
	o, err := p.stripe()
	if err == nil && o.Key != "" && p.production() && !strings.HasPrefix(s.URL, "https://") {
		return refused("with Stripe, production needs the market's own address in COMMONFIELD_URL, as https://market.example: payers come back to it")
	}
	return err
}

// takesMoney looks at the gateways, and asks Stripe whose key it is.
func (p *program) takesMoney() finding {
	f := finding{Name: "gateway", OK: true, Says: "sandbox (takes no real money) and bank transfer", Mend: "see docs/stripe.md"}
	if p.production() {
		f.Says = "bank transfer"
	}
	o, err := p.stripe()
	if err != nil {
		_, line := judge(err)
		return finding{Name: f.Name, Says: line, Mend: f.Mend}
	}
	if o.Key == "" {
		return f
	}
	a, err := stripe.New(o).Account()
	switch {
	case err != nil:
		f.OK, f.Says = false, "Stripe: "+strings.ReplaceAll(err.Error(), "\n", " ")
	case !a.Charges || !a.Payouts:
		f.OK, f.Says = false, fmt.Sprintf("Stripe account %s: takes money: %t, pays out: %t", a.ID, a.Charges, a.Payouts)
		f.Mend = "finish the account at https://dashboard.stripe.com"
	default:
		f.Says = fmt.Sprintf("Stripe account %s (%s, settles in %s), and bank transfer", a.ID, a.Country, a.Currency)
		if len(o.Secrets) == 0 {
			f.OK, f.Mend = false, "set "+hookEnv+": without news a payer who closes the browser is found by the sweeper, minutes later"
		}
	}
	return f
}
