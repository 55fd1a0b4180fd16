package gallery

import (
	"time"

	"github.com/a-h/templ"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/tongue"
	"commonfield/marketplace/web/page"
	"commonfield/marketplace/web/part"
	"commonfield/storage/fault"
)

func notices() []Shown {
	out := []Shown{
		{"notices", "empty", func(r tongue.Reader) templ.Component {
			return page.Notices{Frame: buyer(r, part.NoticesWay)}.View()
		}},
		{"notices", "some unread", func(r tongue.Reader) templ.Component {
			v := page.Notices{Frame: buyer(r, part.NoticesWay), Rows: told(r, notice.OrderShipped, notice.OrderAccepted, notice.OrderSecured, notice.NewDevice), Newest: "1", Next: part.NoticesWay + "?after=1"}
			v.Frame.Unread = 2
			return v.View()
		}},
		{"notices", "every sort", func(r tongue.Reader) templ.Component {
			v := page.Notices{Frame: grower(r, part.NoticesWay), Newest: "1", Rows: told(r,
				notice.OrderPlaced, notice.TransferShort, notice.TransferLate, notice.OrderPromised, notice.PromiseRefused, notice.PromiseWaits, notice.OrderSecured, notice.OrderAccepted, notice.OrderShipped,
				notice.OrderLate, notice.OrderDelivered, notice.OrderRelease, notice.OrderCompleted, notice.OrderCancelled, notice.OrderStopped, notice.OrderExpired, notice.Refunded, notice.RefundedBank,
				notice.SaleNew, notice.OrderAgreed, notice.OrderCovered, notice.SaleCovered, notice.OrderLess, notice.OrderCash, notice.SaleAgreed, notice.SaleCash, notice.SaleUnpaid, notice.SaleWaits, notice.SaleEnds, notice.SaleSend, notice.SaleAsked, notice.SaleCancelled, notice.SaleCompleted, notice.SaleStopped, notice.SaleResumed, notice.SaleTaken, notice.PayoutPaid, notice.PayoutFailed, notice.TransferPaid, notice.TransferFailed, notice.GatewayChosen, notice.GatewayReady, notice.GatewayStopped, notice.CashReady, notice.CashPaid, notice.CashBack, notice.CashToGive, notice.CashChosen,
				notice.CommissionEarned, notice.CommissionPayable, notice.CommissionReversed, notice.DeskApplication, notice.DeskRefund,
				notice.DeskUnclaimed, notice.DeskChargeback, notice.DeskChargebackDue, notice.DeskChargebackWon, notice.DeskChargebackLost, notice.DeskJob, notice.DeskLetters, notice.DeskAudit, notice.DeskAlarm, notice.RoleGranted, notice.RoleWithdrawn,
				notice.PasswordChanged, notice.BankChanged, notice.NewDevice)}
			v.Frame.Unread = 100
			return v.View()
		}},
		{"notices", "all read, a guest", func(r tongue.Reader) templ.Component {
			v := page.Notices{Frame: visit(r, part.NoticesWay), Rows: told(r, notice.OrderCompleted, notice.Refunded), Newest: "1"}
			for i := range v.Rows {
				v.Rows[i].Unread = false
			}
			return v.View()
		}},
	}
	for _, box := range []string{"confirmed", "ask", "asked", "refused", "none", "off"} {
		out = append(out, Shown{"notice choices", "mailbox " + box, func(r tongue.Reader) templ.Component {
			v := page.NoticeChoices{Frame: buyer(r, part.NoticeChoiceWay), Email: "chen.xiuying@example.com", Mailbox: box, Phone: "+86 139 0000 0000", Phonebox: "off", Hours: quietHours(r)}
			for _, topic := range notice.Topics {
				v.Rows = append(v.Rows, page.NoticeChoice{Topic: string(topic), App: true, Email: topic != notice.News})
			}
			return v.View()
		}})
	}
	for _, box := range []string{"confirmed", "ask", "asked", "none", "refused"} {
		out = append(out, Shown{"notice choices", "phone " + box, func(r tongue.Reader) templ.Component {
			v := page.NoticeChoices{Frame: buyer(r, part.NoticeChoiceWay), Mailbox: "none", Phone: "+86 139 0000 0000", Phonebox: box, Hours: quietHours(r)}
			v.Quiet.Values = map[string]string{"quiet_from": "22", "quiet_until": "7"}
			if box == "refused" {
				v.Phonebox = "asked"
				v.Code = v.Code.Refused(r, fault.Invalid("code", "code_wrong"), map[string]string{"code": "123456"})
			}
			for _, topic := range notice.Topics {
				v.Rows = append(v.Rows, page.NoticeChoice{Topic: string(topic), App: true, SMS: topic == notice.Money})
			}
			return v.View()
		}})
	}
	for _, name := range []string{"confirming", "stopping"} {
		for _, done := range []bool{false, true} {
			state := name + ", asked"
			if done {
				state = name + ", done"
			}
			out = append(out, Shown{"mail link", state, func(r tongue.Reader) templ.Component {
				v := page.MailLink{Frame: visit(r, part.StopMailWay), Name: name, Action: part.StopMailWay, Token: "t", Done: done}
				if name == "stopping" {
					v.Topic = string(notice.Work)
				}
				return v.View()
			}})
		}
	}
	return out
}

// told makes up notices, an hour apart; the first two are unread.
func told(r tongue.Reader, kinds ...notice.Kind) []page.NoticeRow {
	r = r.At(place, now)
	until := days(3)
	var rows []page.NoticeRow
	for i, k := range kinds {
		n := notice.Notice{Kind: k, Facts: notice.Facts{Number: "YL-20261124-7F3K2291", Sum: 28600, Rest: 5000, Currency: yuan, Until: &until,
			Carrier: in(r, "中通快递", "ZTO Express"), Parcel: "75840012345678", Count: 2, Tail: "7731", Word: "order:timer", Role: "agent"}}
		if k == notice.SaleCancelled {
			n.Facts.Why = in(r, "今年受了灾，没有货。", "A storm took this year’s crop.")
		}
		at := now.Add(-time.Duration(i) * time.Hour)
		rows = append(rows, page.NoticeRow{ID: "1", Title: n.Title(r), Text: n.Text(r), Topic: string(k.Topic()), At: at, Unread: i < 2})
	}
	return rows
}

func quietHours(r tongue.Reader) []part.Option {
	return []part.Option{{Value: "", Label: r.T("quiet.none")}, {Value: "7", Label: "7:00"}, {Value: "22", Label: "22:00"}}
}
