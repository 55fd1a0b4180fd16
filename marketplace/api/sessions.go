package api

import (
	"net/http"
	"strings"
	"time"

	"commonfield/agents/people"
	"commonfield/storage/fault"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

type newSession struct {
	Login    string `json:"login" doc:"phone or e-mail"`
	Password string `json:"password"`
}

type opened struct {
	Token  string `json:"token" doc:"goes into Authorization: Bearer …; shown once"`
	Person Person `json:"person"`
}

// Person is somebody, as they are shown to themselves.
type Person struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Phone      string   `json:"phone,omitempty"`
	Email      string   `json:"email,omitempty"`
	Language   string   `json:"language,omitempty" enum:"zh,en"`
	Guest      bool     `json:"guest"`
	ReadOnly   bool     `json:"read_only" doc:"came by a token that may only read"`
	OperatorOf []string `json:"operator_of" doc:"codes of markets; PLATFORM is all of them"`
}

type newPerson struct {
	Name     string `json:"name"`
	Phone    string `json:"phone,omitempty" doc:"phone or e-mail, or both"`
	Email    string `json:"email,omitempty"`
	Password string `json:"password"`
	Language string `json:"language,omitempty" enum:"zh,en"`
}

type session struct {
	ID        string    `json:"id"`
	Device    string    `json:"device"`
	Current   bool      `json:"current" doc:"the one that asks"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"to the hour"`
	ExpiresAt time.Time `json:"expires_at"`
}

// sessions mounts who one is: sign-in, guests, registration.
func (s *server) sessions() {
	handle(s, route{method: http.MethodPost, path: "/sessions", says: "Sign in", open: everybody, status: http.StatusCreated, fresh: true, pace: "sign-in:address",
		more: "Gives a token for the Authorization header. Sent with a guest's token, it makes what the guest has ordered and put aside the person's. An Idempotency-Key is accepted and not needed: signing in again opens another session."}, s.signIn)
	handle(s, route{method: http.MethodPost, path: "/sessions/guest", says: "Open a session without an account", open: everybody, status: http.StatusCreated, fresh: true, pace: "guest",
		more: "Who buys without an account keeps the token: it is the only way back to the order."}, s.guest)
	handle(s, route{method: http.MethodPost, path: "/people", says: "Make an account", open: everybody, status: http.StatusCreated, fresh: true, pace: "register",
		more: "Registering again with the same phone, e-mail and password gives the same person. Sign in afterwards with POST /sessions."}, s.register)
	handle(s, route{method: http.MethodGet, path: "/sessions", says: "List the devices you are signed in on", open: somebody}, s.listSessions)
	quietly(s, route{method: http.MethodDelete, path: "/sessions/current", says: "Sign out", open: somebody, fresh: true}, s.signOut)
	quietly(s, route{method: http.MethodDelete, path: "/sessions/{id}", says: "Sign a device out", open: somebody}, s.endSession)
}

func (s *server) signIn(v *visit, in *with[newSession]) (opened, error) {
	login := strings.ToLower(strings.TrimSpace(in.Body.Login))
	if phone, err := people.ReadPhone(login); err == nil {
		login = phone // however it is written, it is one login
	}
	if err := v.within("sign-in:login", login); err != nil {
		return opened{}, err
	}
	p, token, err := s.People.SignIn(v.ctx, in.Body.Login, in.Body.Password, v.device())
	if err != nil {
		return opened{}, err
	}
	return opened{token, v.person(p)}, s.Became(v.ctx, v.who, p)
}

func (s *server) guest(v *visit, _ *struct{}) (opened, error) {
	p, token, err := s.People.Guest(v.ctx, v.device())
	return opened{token, v.person(p)}, err
}

func (s *server) register(v *visit, in *with[newPerson]) (Person, error) {
	b := in.Body
	// The password is no part of the key's content: a fast hash of it must not
	// be stored. Register itself compares it.
	var key once.Key
	if sent := v.c.Get("Idempotency-Key"); sent != "" {
		// Strangers' keys are told apart by whom they register.
		key = once.Of(id.None, strings.Join([]string{"people", sent, b.Phone, b.Email}, " "), []byte(b.Name+"\n"+b.Language))
	}
	p, err := s.People.Register(v.ctx, key, people.Newcomer{Name: b.Name, Phone: b.Phone, Email: b.Email, Password: b.Password, Language: b.Language})
	if err == nil {
		_, err = s.Notices.Ask(v.ctx, p)
	}
	return v.person(p), err
}

// person shows somebody to themselves.
func (v *visit) person(p people.Person) Person {
	out := Person{ID: p.ID.String(), Name: p.Name, Phone: p.Phone, Email: p.Email, Language: p.Language, Guest: p.Guest, ReadOnly: p.ReadOnly, OperatorOf: []string{}}
	for _, m := range p.Operator {
		out.OperatorOf = append(out.OperatorOf, v.code(m))
	}
	return out
}

// token is the session's token behind the request, by header or by cookie.
func (v *visit) token() string {
	if t := v.bearer(); t != "" {
		return t
	}
	return v.s.Token(v.c)
}

func (s *server) listSessions(v *visit, _ *struct{}) (list[session], error) {
	all, err := s.People.Sessions(v.ctx, v.who)
	if err != nil {
		return list[session]{}, err
	}
	here := people.SessionOf(v.token())
	return listed(all, func(o people.Session) session {
		return session{o.ID.String(), o.Device, o.ID == here, o.CreatedAt, o.SeenAt, o.ExpiresAt}
	}), nil
}

func (s *server) signOut(v *visit, _ *struct{}) error {
	if strings.HasPrefix(v.bearer(), "cf_") {
		return fault.NotFound("session_unknown")
	}
	return s.People.SignOut(v.ctx, v.token())
}

// One is a path that ends in an id of one's own.
type One struct {
	ID string `path:"id" doc:"id"`
}

func (s *server) endSession(v *visit, in *One) error {
	session, err := row(in.ID)
	if err != nil {
		return err
	}
	return s.People.Revoke(v.ctx, v.who, session)
}
