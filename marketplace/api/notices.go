package api

import (
	"net/http"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/storage/fault"
	"commonfield/storage/id"
)

type noticeRow struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind" doc:"order_shipped, payout_paid, …"`
	Topic  string    `json:"topic" enum:"orders,money,work,news,safety"`
	Market string    `json:"market" doc:"where it happened"`
	Title  string    `json:"title" doc:"in the reader's language"`
	Text   string    `json:"text"`
	Way    string    `json:"page" doc:"address of the page it is about"`
	At     time.Time `json:"at"`
	Read   bool      `json:"read"`
}

type unread struct {
	Unread int  `json:"unread" doc:"counted up to 99"`
	More   bool `json:"more" doc:"there are more than were counted"`
}

type upTo struct {
	Newest string `json:"newest,omitempty" doc:"the newest one seen; what came later stays unread. All, when it is left out"`
}

type wish struct {
	Topic string `json:"topic" enum:"orders,money,work,news"`
	App   bool   `json:"app"`
	Email bool   `json:"email"`
	SMS   *bool  `json:"sms,omitempty" doc:"by short message, once the phone is confirmed; left out, it stays as it is"`
}

type wishes struct {
	Topics  []wish `json:"topics"`
	Mailbox string `json:"mailbox" enum:"none,off,ask,asked,confirmed,refused" doc:"whether letters arrive: none without an address, off where the market sends none, ask before you have asked for the letter that confirms it, asked while it is on its way"`
	Phone   string `json:"phone" enum:"none,off,unconfirmed,confirmed" doc:"whether short messages arrive"`
	QuietHours
}

// QuietHours are when what can wait waits.
type QuietHours struct {
	From  *int `json:"quiet_from,omitempty" minimum:"0" maximum:"1439" doc:"minute of the day from which what can wait waits; the same as quiet_until: never"`
	Until *int `json:"quiet_until,omitempty" minimum:"0" maximum:"1439"`
}

type newWishes struct {
	Topics []wish `json:"topics,omitempty" maxItems:"4"`
	QuietHours
}

type typedCode struct {
	Code string `json:"code" maxLength:"12"`
}

type askedMail struct {
	Sent    bool   `json:"sent" doc:"false where there is nobody to write to, or one was written within the last day, or five were"`
	Mailbox string `json:"mailbox" enum:"none,off,ask,asked,confirmed,refused" doc:"as with GET /me/notices"`
}

type proof struct {
	Token string `json:"token" minLength:"1" maxLength:"1000" doc:"what stands after t= in the link of the letter"`
}

type stopped struct {
	Topic string `json:"topic" enum:"orders,money,work,news" doc:"what no letters are written of any more"`
}

// notices mounts what the asker was told, and what they want to be told.
func (s *server) notices() {
	handle(s, route{method: http.MethodGet, path: "/notices", says: "List what you were told, the newest first", open: somebody}, s.listNotices)
	handle(s, route{method: http.MethodGet, path: "/notices/unread", says: "Count what you have not read", open: somebody}, s.countNotices)
	quietly(s, route{method: http.MethodPost, path: "/notices/read", says: "Mark what you have seen as read", open: somebody, fresh: true}, s.readNotices)
	quietly(s, route{method: http.MethodPost, path: "/notices/{id}/read", says: "Mark one as read", open: somebody, fresh: true}, s.readNotice)
	handle(s, route{method: http.MethodGet, path: "/me/notices", says: "Show what you want to be told, and how", open: known}, s.wishes)
	handle(s, route{method: http.MethodPut, path: "/me/notices", says: "Choose what you want to be told, and how", open: known, fresh: true,
		more: "Topics that are left out stay as they are. Confirmations, refunds, passwords, accounts and sign-ins are told all the same."}, s.setWishes)
	handle(s, route{method: http.MethodPost, path: "/me/notices/address", says: "Have a letter sent that asks you to confirm your e-mail address", open: known, fresh: true,
		more: "Until somebody who reads it has confirmed it, nothing about orders or money is written there."}, s.askMail)
	quietly(s, route{method: http.MethodPost, path: "/notices/confirm", says: "Confirm an e-mail address with the proof of the letter", open: everybody, fresh: true}, s.confirmMail)
	handle(s, route{method: http.MethodPost, path: "/notices/stop", says: "Have no more letters of a sort, with the proof of one", open: everybody, fresh: true,
		more: "Signed in, PUT /me/notices does the same for any topic."}, s.stopMail)
	quietly(s, route{method: http.MethodPost, path: "/me/notices/phone", says: "Have a code sent to your phone by short message", open: known, fresh: true}, s.askPhone)
	quietly(s, route{method: http.MethodPost, path: "/me/notices/phone/confirm", says: "Say the code that came to your phone", open: known, fresh: true}, s.confirmPhone)
}

func (s *server) askMail(v *visit, _ *struct{}) (askedMail, error) {
	sent, err := s.Notices.Ask(v.ctx, v.who)
	if err != nil {
		return askedMail{}, err
	}
	mailbox, err := s.Notices.Mailbox(v.ctx, v.who)
	return askedMail{sent, mailbox}, err
}

func (s *server) confirmMail(v *visit, in *with[proof]) error {
	return s.Notices.Confirm(v.ctx, in.Body.Token)
}

func (s *server) stopMail(v *visit, in *with[proof]) (stopped, error) {
	topic, err := s.Notices.Stop(v.ctx, in.Body.Token)
	return stopped{string(topic)}, err
}

func (s *server) askPhone(v *visit, _ *struct{}) error { return s.Notices.AskPhone(v.ctx, v.who) }

func (s *server) confirmPhone(v *visit, in *with[typedCode]) error {
	return s.Notices.ConfirmPhone(v.ctx, v.who, in.Body.Code)
}

// hours gives the quiet hours that were said, both or none.
func (q QuietHours) hours() (hours notice.Hours, said bool, err error) {
	switch {
	case q.From == nil && q.Until == nil:
		return hours, false, nil
	case q.From == nil:
		return hours, false, fault.Invalid("quiet_from", "required")
	case q.Until == nil:
		return hours, false, fault.Invalid("quiet_until", "required")
	}
	return notice.Hours{From: *q.From, Until: *q.Until}, true, nil
}

func (s *server) listNotices(v *visit, in *Page) (list[noticeRow], error) {
	after, err := in.cursor()
	if err != nil {
		return list[noticeRow]{}, err
	}
	n := min(in.size(), mostRows-1)
	rows, err := s.Notices.List(v.ctx, v.who.ID, after, n+1)
	if err != nil {
		return list[noticeRow]{}, err
	}
	var failed error
	out := paged(rows, n, func(one notice.Notice) noticeRow {
		m, err := s.Books.Market(v.ctx, one.Market)
		if err != nil {
			failed = err
		}
		r := v.reader.At(m.Location(), s.DB.Now())
		return noticeRow{ID: one.ID.String(), Kind: string(one.Kind), Topic: string(one.Kind.Topic()), Market: m.Code, Title: one.Title(r), Text: one.Text(r),
			Way: one.Way, At: one.At, Read: one.ReadAt != nil}
	}, func(one notice.Notice) id.ID { return one.ID })
	return out, failed
}

func (s *server) countNotices(v *visit, _ *struct{}) (unread, error) {
	n, err := s.Notices.Unread(v.ctx, v.who.ID)
	return unread{min(n, notice.MostUnread), n > notice.MostUnread}, err
}

func (s *server) readNotices(v *visit, in *with[upTo]) error {
	newest := id.None
	if in.Body.Newest != "" {
		var err error
		if newest, err = row(in.Body.Newest); err != nil {
			return err
		}
	}
	return s.Notices.ReadAll(v.ctx, v.who.ID, newest)
}

func (s *server) readNotice(v *visit, in *One) error {
	name, err := row(in.ID)
	if err != nil {
		return err
	}
	_, err = s.Notices.Read(v.ctx, v.who.ID, name)
	return err
}

func (s *server) wishes(v *visit, _ *struct{}) (wishes, error) {
	out := wishes{Topics: []wish{}, Phone: "off"}
	has, err := s.Notices.Choices(v.ctx, v.who.ID)
	if err != nil {
		return out, err
	}
	for _, t := range notice.Topics {
		out.Topics = append(out.Topics, wish{string(t), has.Wants(t, notice.App), has.Wants(t, notice.Email), new(has.Texts(t, v.who.Email != ""))})
	}
	quiet, err := s.Notices.Hours(v.ctx, v.who.ID)
	if err != nil {
		return out, err
	}
	if quiet.Any() {
		out.QuietHours = QuietHours{&quiet.From, &quiet.Until}
	}
	if s.Notices.Texts() {
		at, err := s.Notices.PhoneOf(v.ctx, v.who)
		if err != nil {
			return out, err
		}
		out.Phone = map[bool]string{true: "none", false: "unconfirmed"}[at.Number == ""]
		if at.Confirmed {
			out.Phone = "confirmed"
		}
	}
	out.Mailbox, err = s.Notices.Mailbox(v.ctx, v.who)
	return out, err
}

func (s *server) setWishes(v *visit, in *with[newWishes]) (wishes, error) {
	quiet, said, err := in.Body.hours()
	if err != nil {
		return wishes{}, err
	}
	for _, w := range in.Body.Topics {
		wants := map[notice.Channel]bool{notice.App: w.App, notice.Email: w.Email}
		if w.SMS != nil {
			wants[notice.SMS] = *w.SMS
		}
		for by, wanted := range wants {
			if err := s.Notices.Choose(v.ctx, v.who.ID, notice.Topic(w.Topic), by, wanted); err != nil {
				return wishes{}, err
			}
		}
	}
	if said {
		if err := s.Notices.Rest(v.ctx, v.who.ID, quiet); err != nil {
			return wishes{}, err
		}
	}
	return s.wishes(v, nil)
}
