package people_test

import (
	"strings"
	"testing"
	"time"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/dbtest"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

func signIn(t *testing.T, d *people.Directory, p people.Person) string {
	t.Helper()
	got, token, err := d.SignIn(t.Context(), p.Phone, right, "phone")
	if err != nil || got.ID != p.ID {
		t.Fatalf("%v %v", got.ID, err)
	}
	return token
}

// clock gives a clock that the test moves, and its option.
func clock() (*time.Time, func(*storage.Options)) {
	now := time.Now().UTC()
	return &now, func(o *storage.Options) { o.Clock = func() time.Time { return now } }
}

func TestASessionIsResumedInOneQuery(t *testing.T) {
	d, db, _ := open(t, func(o *storage.Options) { o.Pool = 1 })
	p := register(t, d, newcomer())
	token := signIn(t, d, p)
	if got, err := d.Resume(t.Context(), token); err != nil || got.ID != p.ID || got.Name != p.Name || got.Phone != p.Phone || got.Language != "zh" || got.Guest {
		t.Fatalf("%+v %v", got, err)
	}
	before := db.Trips()
	if _, err := d.Resume(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if trips := db.Trips() - before; trips != 1 {
		t.Errorf("%d trips", trips)
	}
}

func TestAnUnknownLoginIsRefusedLikeAWrongPassword(t *testing.T) {
	d, db, _ := open(t, func(o *storage.Options) { o.Pool = 1 })
	p := register(t, d, newcomer())
	try := func(login, password string) (int64, error) {
		before := db.Trips()
		_, token, err := d.SignIn(t.Context(), login, password, "")
		if token != "" {
			t.Error("a refusal came with a token")
		}
		return db.Trips() - before, err
	}
	_, _ = try(p.Phone, "x") // prepares the statements
	a, wrong := try(p.Phone, "not the password")
	b, unknown := try(dbtest.Phone(), right)
	_, empty := try("", "")
	_, long := try(p.Phone, strings.Repeat("long ", 1000))
	for _, err := range []error{wrong, unknown, empty, long} {
		if f, ok := fault.As(err); !ok || f.Code != "wrong_password" || f.Field != "password" {
			t.Errorf("refused with %v", err)
		}
	}
	if a != b {
		t.Errorf("%d trips for a wrong password, %d for an unknown login: the difference can be measured", a, b)
	}
}

func TestASessionEndsAfterThirtyDays(t *testing.T) {
	now, option := clock()
	d, _, _ := open(t, option)
	token := signIn(t, d, register(t, d, newcomer()))
	_, guest, err := d.Guest(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	*now = now.Add(30*24*time.Hour - time.Second)
	for _, one := range []string{token, guest} {
		if _, err := d.Resume(t.Context(), one); err != nil {
			t.Errorf("a second before: %v", err)
		}
	}
	*now = now.Add(time.Second)
	for _, one := range []string{token, guest} {
		if _, err := d.Resume(t.Context(), one); !fault.Has(err, "sign_in_again") {
			t.Errorf("after thirty days: %v", err)
		}
	}
}

func TestASessionInUseIsWrittenDownOnceAnHour(t *testing.T) {
	now, option := clock()
	d, db, _ := open(t, option)
	p := register(t, d, newcomer())
	token := signIn(t, d, p)
	seen := func() time.Time {
		all, err := d.Sessions(t.Context(), p)
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v %v", all, err)
		}
		return all[0].SeenAt
	}
	first := seen()
	*now = now.Add(59 * time.Minute)
	if _, err := d.Resume(t.Context(), token); err != nil || !seen().Equal(first) {
		t.Errorf("after 59 minutes: %v, first %v (%v)", seen(), first, err)
	}
	*now = now.Add(time.Minute)
	if _, err := d.Resume(t.Context(), token); err != nil || !seen().Equal(db.Now()) {
		t.Errorf("after an hour: %v, now %v (%v)", seen(), db.Now(), err)
	}
	before := db.Trips()
	if _, err := d.Resume(t.Context(), token); err != nil || db.Trips()-before > 2 {
		t.Errorf("a moment later it cost %d trips (%v)", db.Trips()-before, err)
	}
}

func TestATokenThatWasTouchedOpensNothing(t *testing.T) {
	d, _, _ := open(t)
	p, other := register(t, d, newcomer()), register(t, d, newcomer())
	token := signIn(t, d, p)
	parts := strings.Split(token, ".")
	for _, bad := range []string{
		"", "..", "a.b.c", token + "A", token[:len(token)-1], parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1],
		other.ID.String() + "." + parts[1] + "." + parts[2],
		parts[0] + "." + id.New().String() + "." + parts[2],
		parts[0] + "." + parts[1] + "." + id.Secret(32),
		token + ".x", strings.Repeat("x", 10_000),
	} {
		if got, err := d.Resume(t.Context(), bad); !fault.Has(err, "sign_in_again") {
			t.Errorf("%.60q resumes %+v %v", bad, got, err)
		}
		if err := d.SignOut(t.Context(), bad); err != nil {
			t.Errorf("%.60q signs out with %v", bad, err)
		}
	}
	if _, err := d.Resume(t.Context(), token); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

func TestASessionIsStoredAsTheHashOfItsSecret(t *testing.T) {
	d, db, _ := open(t)
	p := register(t, d, newcomer())
	token := signIn(t, d, p)
	row := text(t, db, "sessions", p.ID)
	if secret := strings.Split(token, ".")[2]; len(secret) < 50 || strings.Contains(row, secret) {
		t.Errorf("stored: %s", row)
	}
}

func TestSigningOutEndsOneSessionAndEachSignInOpensAnother(t *testing.T) {
	d, _, _ := open(t)
	p := register(t, d, newcomer())
	first, second := signIn(t, d, p), signIn(t, d, p)
	if people.SessionOf(first) == people.SessionOf(second) {
		t.Error("two sign-ins share a session")
	}
	for range 2 {
		if err := d.SignOut(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Resume(t.Context(), first); !fault.Has(err, "sign_in_again") {
		t.Errorf("signed out: %v", err)
	}
	all, err := d.Sessions(t.Context(), p)
	if err != nil || len(all) != 1 || all[0].ID != people.SessionOf(second) || all[0].Device != "phone" {
		t.Errorf("open sessions: %+v %v", all, err)
	}
}

func TestASessionIsRevokedByItsOwnPersonOnly(t *testing.T) {
	d, _, _ := open(t)
	p, other := register(t, d, newcomer()), register(t, d, newcomer())
	token := signIn(t, d, p)
	if err := d.Revoke(t.Context(), other, people.SessionOf(token)); !fault.Has(err, "session_unknown") {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := d.Resume(t.Context(), token); err != nil {
		t.Errorf("still there: %v", err)
	}
	for range 2 {
		if err := d.Revoke(t.Context(), p, people.SessionOf(token)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Resume(t.Context(), token); !fault.Has(err, "sign_in_again") {
		t.Errorf("revoked: %v", err)
	}
}

func TestRotatingGivesANewTokenAndEndsTheOld(t *testing.T) {
	d, _, _ := open(t)
	guest, old, err := d.Guest(t.Context(), "tablet")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := d.Rotate(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Resume(t.Context(), old); !fault.Has(err, "sign_in_again") {
		t.Errorf("the old one: %v", err)
	}
	got, err := d.Resume(t.Context(), fresh)
	if err != nil || got.ID != guest.ID || !got.Guest || got.Name != "" || got.Operator != nil {
		t.Errorf("the new one: %+v %v", got, err)
	}
	all, err := d.Sessions(t.Context(), guest)
	if err != nil || len(all) != 1 || all[0].Device != "tablet" || !all[0].Guest {
		t.Errorf("sessions: %+v %v", all, err)
	}
	if _, err := d.Rotate(t.Context(), old); !fault.Has(err, "sign_in_again") {
		t.Errorf("rotating what has ended: %v", err)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	d, _, _ := open(t)
	p := register(t, d, newcomer())
	here, there := signIn(t, d, p), signIn(t, d, p)
	const next = "apricots in Luntai"
	err := d.SetPassword(t.Context(), p, "wrong", next)
	if f, ok := fault.As(err); !ok || f.Code != "wrong_password" || f.Field != "old" {
		t.Errorf("with a wrong old one: %v", err)
	}
	if err := d.SetPassword(t.Context(), p, right, "12345678"); !fault.Has(err, "weak_password") {
		t.Errorf("a weak one: %v", err)
	}
	if err := d.SetPassword(t.Context(), p, right, next, here); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Resume(t.Context(), here); err != nil {
		t.Errorf("where it was changed: %v", err)
	}
	if _, err := d.Resume(t.Context(), there); !fault.Has(err, "sign_in_again") {
		t.Errorf("elsewhere: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), p.Phone, right, ""); !fault.Has(err, "wrong_password") {
		t.Errorf("the old one: %v", err)
	}
	if _, _, err := d.SignIn(t.Context(), p.Phone, next, ""); err != nil {
		t.Errorf("the new one: %v", err)
	}
}

func TestATokenForProgramsActsWithinItsScope(t *testing.T) {
	d, db, _ := open(t, func(o *storage.Options) { o.Pool = 1 })
	p := register(t, d, newcomer())
	reads, reader, err := d.MakeToken(t.Context(), p, "price board", people.Read)
	if err != nil {
		t.Fatal(err)
	}
	_, writer, err := d.MakeToken(t.Context(), p, "scales", people.Write)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(reader, "cf_") || strings.Contains(text(t, db, "api_tokens", p.ID), strings.Split(reader, ".")[2]) {
		t.Error("the secret is not marked, or it is stored")
	}
	if got, err := d.ByToken(t.Context(), reader); err != nil || got.ID != p.ID || !got.ReadOnly || got.Name != p.Name {
		t.Errorf("reader: %+v %v", got, err)
	}
	before := db.Trips()
	if got, err := d.ByToken(t.Context(), writer); err != nil || got.ReadOnly || db.Trips()-before != 1 {
		t.Errorf("writer: %+v %v in %d trips", got, err, db.Trips()-before)
	}
	session := signIn(t, d, p)
	for _, bad := range []string{"", session, "cf_" + session, strings.TrimPrefix(reader, "cf_"), reader + "A"} {
		if _, err := d.ByToken(t.Context(), bad); !fault.Has(err, "token_refused") {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := d.Resume(t.Context(), strings.TrimPrefix(writer, "cf_")); !fault.Has(err, "sign_in_again") {
		t.Errorf("a token as a session: %v", err)
	}
	if err := d.RevokeToken(t.Context(), register(t, d, newcomer()), reads.ID); !fault.Has(err, "token_unknown") {
		t.Errorf("somebody else revokes it: %v", err)
	}
	for range 2 {
		if err := d.RevokeToken(t.Context(), p, reads.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.ByToken(t.Context(), reader); !fault.Has(err, "token_refused") {
		t.Errorf("revoked: %v", err)
	}
	all, err := d.Tokens(t.Context(), p)
	if err != nil || len(all) != 1 || all[0].Name != "scales" || all[0].Scopes != people.Write {
		t.Errorf("tokens: %+v %v", all, err)
	}
	_, _, err = d.MakeToken(t.Context(), p, "", "admin")
	if f, ok := fault.As(err); !ok || f.Code != "required" || len(f.More) != 1 || !fault.Has(f.More[0], "scope_unknown") {
		t.Errorf("wrong values: %v", err)
	}
}
