package ledger

import (
	"strconv"
	"strings"

	"commonfield/storage/id"
)

// Kind is the class of an account: how it is kept.
type Kind uint8

// The classes of money.md.
const (
	Outside   Kind = iota + 1 // assets elsewhere: summed, compared with gateway and bank
	Entrusted                 // assets with somebody of ours: debit − credit, stored, ≥ 0
	Guarded                   // what belongs to others: credit − debit, stored, ≥ 0
	Own                       // capital, income, cost, tax: summed
)

// Accounts that exist once in a market.
const (
	GatewayClearing  = "gateway:clearing"
	GatewayAvailable = "gateway:available"
	GatewayDisputed  = "gateway:disputed"
	BankOperating    = "bank:operating"
	BankRestricted   = "bank:restricted"
	OwnCapital       = "own:capital"
	IncomeFees       = "income:fees"
	IncomeTips       = "income:tips"
	CostGateway      = "cost:gateway"
	CostBank         = "cost:bank"
	CostDiscount     = "cost:discount"
	CostBonus        = "cost:bonus"
	CostChargeback   = "cost:chargeback"
	TaxDue           = "tax:vat"
	TaxWithheld      = "tax:withheld"
	Recon            = "recon"
	Guarantee        = "reserve:guarantee"
)

// The accounts of one order, payee, payment, refund or payout.

// HeldOrder is captured money that belongs to nobody yet.
func HeldOrder(order id.ID) string { return "held:order:" + order.String() }

// Owed is what a payee is to be paid.
func Owed(payee id.ID) string { return "owed:" + payee.String() }

// Receivable is what a payee owes back.
func Receivable(payee id.ID) string { return "receivable:" + payee.String() }

// Commission is what an agent has earned and cannot be paid yet.
func Commission(payee id.ID) string { return "commission:" + payee.String() }

// Contract is what a buyer has paid into a contract and nobody has been given yet.
func Contract(contract id.ID) string { return "contract:" + contract.String() }

// FundHeld is what donors gave, while their payments may still be taken back.
func FundHeld(fund id.ID) string { return "fund:" + fund.String() + ":held" }

// FundFree is what of it may be spent.
func FundFree(fund id.ID) string { return "fund:" + fund.String() + ":free" }

// PledgeCampaign is what backers gave to a campaign that has not succeeded yet.
func PledgeCampaign(campaign id.ID) string { return "pledge:campaign:" + campaign.String() }

// FundCampaign is what of it belongs to a campaign that has.
func FundCampaign(campaign id.ID) string { return "fund:campaign:" + campaign.String() }

// Unclaimed is money whose owner or purpose is not known yet.
func Unclaimed(of string) string { return "unclaimed:" + of }

// TransitRefund is a refund on its way.
func TransitRefund(refund id.ID) string { return "transit:refund:" + refund.String() }

// TransitPayout is a payout on its way.
func TransitPayout(payout id.ID) string { return "transit:payout:" + payout.String() }

// Intermarket is what this market owes another one, or, on the debit side, has
// with it: a deal between two books is two entries under one key, one in each.
func Intermarket(other int32) string { return intermarket + strconv.Itoa(int(other)) }

const intermarket = "intermarket:"

// ReserveChargeback is what a chargeback has stopped until the bank decides.
func ReserveChargeback(chargeback id.ID) string { return "reserve:chargeback:" + chargeback.String() }

// CashAgent is cash that an agent has taken for us.
func CashAgent(payee id.ID) string { return "cash:agent:" + payee.String() }

// CashProducer is cash that a producer has taken for us.
func CashProducer(payee id.ID) string { return "cash:producer:" + payee.String() }

// classes gives the kind of an account by the beginning of its name; a name
// without a colon stands for itself.
var classes = []struct {
	prefix string
	kind   Kind
}{
	{"gateway:", Outside}, {"bank:", Outside},
	{"cash:", Entrusted}, {"advance:", Entrusted}, {"receivable:", Entrusted},
	{"held:order:", Guarded}, {"contract:", Guarded}, {"commission:", Guarded}, {"owed:", Guarded},
	{"fund:", Guarded}, {"pledge:campaign:", Guarded}, {"transit:refund:", Guarded}, {"transit:payout:", Guarded},
	{"transit:disbursement:", Guarded}, {"reserve:", Guarded}, {"unclaimed:", Guarded},
	{"own:", Own}, {"income:", Own}, {"cost:", Own}, {"tax:", Own}, {"recon", Own}, {intermarket, Own},
}

// Class gives the class of an account; false for a name that no rule knows.
func Class(account string) (Kind, bool) {
	for _, c := range classes {
		rest, fits := strings.CutPrefix(account, c.prefix)
		if !fits {
			continue
		}
		if strings.HasSuffix(c.prefix, ":") == (rest != "") || strings.HasPrefix(rest, ":") {
			return c.kind, true
		}
	}
	return 0, false
}

// stored says whether the account has a balance row.
func (k Kind) stored() bool { return k == Entrusted || k == Guarded }

// onDebit says whether the balance of an account is debit − credit: what we
// have, what it cost, what is missing. The others are credit − debit.
func onDebit(account string) bool {
	k, _ := Class(account)
	return k == Outside || k == Entrusted || strings.HasPrefix(account, "cost:") || account == Recon
}

// appended says whether credits to the account are appended instead of locked:
// funds and pledges, so that a viral campaign does not queue behind one row.
func appended(account string) bool {
	return strings.HasPrefix(account, "fund:") || strings.HasPrefix(account, "pledge:")
}
