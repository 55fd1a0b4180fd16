package notice

// Kind is what sort of thing a person is told; its sentences stand in the
// catalogue under notice.<kind>.
type Kind string

// Topic is what a person switches on and off together.
type Topic string

// The topics. Safety is what law or safety asks for: nobody switches it off.
const (
	Orders Topic = "orders"
	Money  Topic = "money"
	Work   Topic = "work"
	News   Topic = "news"
	Safety Topic = "safety"
)

// Topics lists those that a person may choose about, as pages show them.
var Topics = []Topic{Orders, Money, Work, News}

// What is told. docs/notices.md says to whom and when.
const (
	// OrderPlaced and what follows are told to the buyer.
	OrderPlaced    Kind = "order_placed"    // a bank transfer is waited for
	TransferShort  Kind = "transfer_short"  // a part of the sum came
	TransferLate   Kind = "transfer_late"   // a day is left
	OrderPromised  Kind = "order_promised"  // a way to pay is saved, and charged later
	PromiseRefused Kind = "promise_refused" // it was not accepted: pay by hand
	PromiseWaits   Kind = "promise_waits"   // and so many days are left
	OrderSecured   Kind = "order_secured"   // paid: the confirmation, with the contract
	OrderAgreed    Kind = "order_agreed"    // to be paid on delivery: the confirmation, with the contract
	OrderAccepted  Kind = "order_accepted"  //
	OrderPart      Kind = "order_part"      // the seller takes a part on
	OrderCovered   Kind = "order_covered"   // a contract pays for it: the confirmation, with the contract
	OrderLess      Kind = "order_less"      // and so less is to be paid on delivery
	OrderLate      Kind = "order_late"      // not sent by its day: it may be cancelled
	OrderShipped   Kind = "order_shipped"   //
	OrderCash      Kind = "order_cash"      // on its way or at its point, to be paid there: how much, to whom
	OrderArrived   Kind = "order_arrived"   // on its way: is it there?
	OrderReady     Kind = "order_ready"     // it waits at a point for its buyer
	OrderDelivered Kind = "order_delivered" //
	OrderRelease   Kind = "order_release"   // a day before the money goes to its owners
	OrderCompleted Kind = "order_completed" //
	OrderCancelled Kind = "order_cancelled" // before its money came, or by the buyer
	OrderStopped   Kind = "order_stopped"   // after it: the money goes back
	OrderExpired   Kind = "order_expired"   //
	Refunded       Kind = "refunded"        //
	RefundedBank   Kind = "refunded_bank"   // by transfer, for its own way was closed

	// SaleNew and what follows are told to the seller.
	SaleNew        Kind = "sale_new"        //
	SaleAgreed     Kind = "sale_agreed"     // to be paid on delivery
	SaleCovered    Kind = "sale_covered"    // a contract pays for it
	SaleCash       Kind = "sale_cash"       // to the agent who collects: goods are on their way
	SaleUnpaid     Kind = "sale_unpaid"     // to seller and hand: sent long ago, and its cash is not taken
	SaleWaits      Kind = "sale_waits"      // 24 hours of silence
	SaleEnds       Kind = "sale_ends"       // 48 hours of silence
	SaleSend       Kind = "sale_send"       // a day is left to send it
	SaleAsked      Kind = "sale_asked"      // the buyer asks to cancel it
	SaleCancelled  Kind = "sale_cancelled"  //
	SaleCompleted  Kind = "sale_completed"  //
	SaleStopped    Kind = "sale_stopped"    // the payer's bank takes the money back: send nothing
	SaleResumed    Kind = "sale_resumed"    // it gave it back: go on
	SaleTaken      Kind = "sale_taken"      // it kept it
	PayoutPaid     Kind = "payout_paid"     // to the agent too
	PayoutFailed   Kind = "payout_failed"   //
	TransferPaid   Kind = "transfer_paid"   // to an account at a gateway
	TransferFailed Kind = "transfer_failed" // or came back
	GatewayChosen  Kind = "gateway_chosen"  // in the place of a bank account
	GatewayReady   Kind = "gateway_ready"   // money may go there
	GatewayStopped Kind = "gateway_stopped" // nothing goes there
	CashReady      Kind = "cash_ready"      // to whom an agent hands it over
	CashPaid       Kind = "cash_paid"       //
	CashBack       Kind = "cash_back"       // nobody came for it, or it was called back
	CashToGive     Kind = "cash_to_give"    // to the agent
	CashChosen     Kind = "cash_chosen"     // in the place of a bank account

	// CommissionEarned and what follows are told to the agent.
	CommissionEarned   Kind = "commission_earned"   //
	CommissionPayable  Kind = "commission_payable"  //
	CommissionReversed Kind = "commission_reversed" //

	// DisputeOpened and what follows are told to the two sides of a complaint.
	DisputeOpened    Kind = "dispute_opened"    // to the seller
	DisputeWaits     Kind = "dispute_waits"     // to the seller: a day is left
	DisputeSilent    Kind = "dispute_silent"    // to the buyer: no answer came
	DisputeAnswered  Kind = "dispute_answered"  // to the buyer
	DisputeOffered   Kind = "dispute_offered"   // to the buyer: a part would go back
	DisputeSaid      Kind = "dispute_said"      // something more was said or shown
	DisputeEscalated Kind = "dispute_escalated" // an operator is to decide
	DisputeWithdrawn Kind = "dispute_withdrawn" // to the seller
	DisputeSettled   Kind = "dispute_settled"   // to the seller: the offer was taken
	DisputeDecided   Kind = "dispute_decided"   //

	// ReturnAsked and what follows are told to the two sides of a return.
	ReturnAsked    Kind = "return_asked"    // to the seller
	ReturnWaits    Kind = "return_waits"    // to the seller: their silence will count
	ReturnObjected Kind = "return_objected" // to the buyer: the seller says no
	ReturnApproved Kind = "return_approved" // to the buyer
	ReturnSend     Kind = "return_send"     // to the buyer: their silence will count
	ReturnSent     Kind = "return_sent"     // to the seller
	ReturnLook     Kind = "return_look"     // to the seller: the goods should be there
	ReturnCalled   Kind = "return_called"   // an operator is to decide
	ReturnRefunded Kind = "return_refunded" //
	ReturnRefused  Kind = "return_refused"  //
	ReturnOver     Kind = "return_over"     // nothing is given back: withdrawn, or not sent in time

	// MessageWaits is told to the buyer, SaleMessage to seller and agent.
	MessageWaits Kind = "message_waits" //
	SaleMessage  Kind = "sale_message"  //

	// DeskApplication and what follows are told to the operators.
	DeskApplication    Kind = "desk_application"     //
	DeskRefund         Kind = "desk_refund"          // one by transfer, to be sent by hand
	DeskPayout         Kind = "desk_payout"          // a batch waits to be approved
	DeskUnclaimed      Kind = "desk_unclaimed"       // a refund could not be carried out
	DeskChargeback     Kind = "desk_chargeback"      // a bank takes a payment back: it is to be answered
	DeskChargebackDue  Kind = "desk_chargeback_due"  // and two days are left for that
	DeskChargebackWon  Kind = "desk_chargeback_won"  // the bank gave the money back
	DeskChargebackLost Kind = "desk_chargeback_lost" // it kept it
	DeskJob            Kind = "desk_job"             // gave up
	DeskLetters        Kind = "desk_letters"         // letters that were not to be delivered; never by letter
	DeskAudit          Kind = "desk_audit"           // found something
	DeskAlarm          Kind = "desk_alarm"           // no rule is broken, and somebody should look
	DeskHook           Kind = "desk_hook"            // a system of theirs did not take something for a day
	DeskHookPaused     Kind = "desk_hook_paused"     // and is told nothing more
	DeskDispute        Kind = "desk_dispute"         // a complaint is to be decided
	DeskReturn         Kind = "desk_return"          // a return is to be decided
	DeskTalk           Kind = "desk_talk"            // somebody asks an operator to read along

	// RoleGranted and what follows are told to whom they concern.
	RoleGranted     Kind = "role_granted"     //
	RoleWithdrawn   Kind = "role_withdrawn"   //
	PasswordChanged Kind = "password_changed" //
	BankChanged     Kind = "bank_changed"     //
	BankChecked     Kind = "bank_checked"     // money may go there
	BankStopped     Kind = "bank_stopped"     // nothing goes there
	NewDevice       Kind = "new_device"       //
)

// sort is how a kind is treated.
type sort struct {
	topic  Topic
	needed bool // cannot be switched off
	silent bool // never by letter
}

// kinds is the whole table. E-commerce Law 49, 50: who concluded a contract is
// told so and can keep it, so the confirmation of an order is needed.
var kinds = map[Kind]sort{
	OrderPlaced: {topic: Orders}, TransferShort: {topic: Money, needed: true}, TransferLate: {topic: Money},
	OrderPromised: {topic: Orders}, PromiseRefused: {topic: Money, needed: true}, PromiseWaits: {topic: Money, needed: true},
	OrderSecured: {topic: Orders, needed: true}, OrderAgreed: {topic: Orders, needed: true}, OrderCovered: {topic: Orders, needed: true}, OrderLess: {topic: Orders, needed: true}, OrderCash: {topic: Orders, needed: true}, OrderAccepted: {topic: Orders}, OrderPart: {topic: Orders, needed: true}, OrderShipped: {topic: Orders},
	OrderArrived: {topic: Orders, needed: true}, OrderDelivered: {topic: Orders}, OrderRelease: {topic: Orders}, OrderCompleted: {topic: Orders}, OrderCancelled: {topic: Orders},
	OrderReady: {topic: Orders, needed: true}, OrderLate: {topic: Orders, needed: true},
	OrderStopped: {topic: Orders, needed: true}, OrderExpired: {topic: Orders}, Refunded: {topic: Money, needed: true}, RefundedBank: {topic: Money, needed: true},

	SaleNew: {topic: Work}, SaleAgreed: {topic: Work}, SaleCovered: {topic: Work}, SaleCash: {topic: Work, needed: true}, SaleUnpaid: {topic: Work}, SaleWaits: {topic: Work}, SaleEnds: {topic: Work}, SaleSend: {topic: Work}, SaleAsked: {topic: Work, needed: true}, SaleCancelled: {topic: Work}, SaleCompleted: {topic: Work},
	SaleStopped: {topic: Work, needed: true}, SaleResumed: {topic: Work}, SaleTaken: {topic: Money, needed: true},
	PayoutPaid: {topic: Money}, PayoutFailed: {topic: Money, needed: true},
	TransferPaid: {topic: Money}, TransferFailed: {topic: Money, needed: true}, GatewayChosen: {topic: Safety, needed: true}, GatewayReady: {topic: Money}, GatewayStopped: {topic: Safety, needed: true},
	CashReady: {topic: Money, needed: true}, CashPaid: {topic: Money, needed: true}, CashBack: {topic: Money, needed: true}, CashToGive: {topic: Work, needed: true},
	CashChosen: {topic: Safety, needed: true},

	CommissionEarned: {topic: News}, CommissionPayable: {topic: Money}, CommissionReversed: {topic: Money},

	DisputeOpened: {topic: Work, needed: true}, DisputeWaits: {topic: Work}, DisputeSilent: {topic: Orders}, DisputeAnswered: {topic: Orders, needed: true},
	DisputeOffered: {topic: Orders, needed: true}, DisputeSaid: {topic: Orders}, DisputeEscalated: {topic: Orders}, DisputeWithdrawn: {topic: Work},
	DisputeSettled: {topic: Work}, DisputeDecided: {topic: Orders, needed: true}, DeskDispute: {topic: Work},

	ReturnAsked: {topic: Work, needed: true}, ReturnWaits: {topic: Work}, ReturnObjected: {topic: Orders, needed: true}, ReturnApproved: {topic: Orders, needed: true},
	ReturnSend: {topic: Orders}, ReturnSent: {topic: Work, needed: true}, ReturnLook: {topic: Work}, ReturnCalled: {topic: Orders},
	ReturnRefunded: {topic: Orders, needed: true}, ReturnRefused: {topic: Orders, needed: true}, ReturnOver: {topic: Orders}, DeskReturn: {topic: Work},

	MessageWaits: {topic: Orders}, SaleMessage: {topic: Work}, DeskTalk: {topic: Work},

	DeskApplication: {topic: Work}, DeskRefund: {topic: Work}, DeskPayout: {topic: Work}, DeskUnclaimed: {topic: Work}, DeskJob: {topic: Work},
	DeskChargeback: {topic: Work, needed: true}, DeskChargebackDue: {topic: Work, needed: true}, DeskChargebackWon: {topic: Work}, DeskChargebackLost: {topic: Work},
	DeskLetters: {topic: Work, silent: true}, DeskAudit: {topic: Work, needed: true}, DeskAlarm: {topic: Work}, DeskHook: {topic: Work}, DeskHookPaused: {topic: Work, needed: true},

	RoleGranted: {topic: Safety, needed: true}, RoleWithdrawn: {topic: Safety, needed: true}, PasswordChanged: {topic: Safety, needed: true},
	BankChanged: {topic: Safety, needed: true}, BankChecked: {topic: Money}, BankStopped: {topic: Safety, needed: true}, NewDevice: {topic: Safety, needed: true},
}

// Kinds lists all kinds, in no order: for the table of the documents and for tests.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for k := range kinds {
		all = append(all, k)
	}
	return all
}

// Topic is what the kind belongs to.
func (k Kind) Topic() Topic { return kinds[k].topic }

// Needed says whether law or safety wants it told, whatever a person chose.
func (k Kind) Needed() bool { return kinds[k].needed }
