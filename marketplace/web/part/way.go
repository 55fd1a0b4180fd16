package part

import "net/url"

// The addresses of the door. Handlers register these, pages link to them.
const (
	HomeWay         = "/"
	SearchWay       = "/search"
	SuggestWay      = "/search/suggest"
	BasketWay       = "/basket"
	PutWay          = "/basket/put"
	AmountWay       = "/basket/amount"
	CheckoutWay     = "/checkout"
	OrdersWay       = "/orders"
	FindOrderWay    = "/orders/find"
	SignInWay       = "/sign-in"
	SignOutWay      = "/sign-out"
	RegisterWay     = "/register"
	AccountWay      = "/me"
	SessionsWay     = "/me/sessions"
	TokensWay       = "/me/tokens"
	BankWay         = "/me/bank"
	NoticesWay      = "/notices"
	ReadNoticesWay  = "/notices/read"
	ConfirmMailWay  = "/notices/confirm"
	StopMailWay     = "/notices/stop"
	NoticeChoiceWay = "/me/notices"
	AskMailWay      = "/me/notices/address"
	PhoneWay        = "/me/notices/phone"
	MessagesWay     = "/messages" // of a buyer, and of an agent
	ThemeWay        = "/theme"
	ManifestWay     = "/manifest.webmanifest"
	WorkerWay       = "/worker.js"
	NoNetworkWay    = "/no-network"
	DocsWay         = "/api/docs"
	SpecWay         = "/api/v1/openapi.json"
	ProducerWay     = "/desk/producer"
	NewListingWay   = "/desk/producer/listings/new"
	AgentWay        = "/desk/agent"
	ApplyWay        = "/agents/apply"
	StationWay      = "/desk/station"
	OperatorWay     = "/desk/operator"
	MarketsWay      = "/desk/operator/markets"
	NewMarketWay    = "/desk/operator/markets/new"
	SetupWay        = "/setup"
	PartsWay        = "/desk/operator/parts"
	PayoutsWay      = "/desk/operator/payouts"
	RefundsWay      = "/desk/operator/refunds"
	DisputesWay     = "/desk/operator/disputes"
	ReturnsWay      = "/desk/operator/returns"
	TalksWay        = "/desk/operator/messages"
	OfflineWay      = "/desk/operator/offline"
	JobsWay         = "/desk/operator/jobs"
	PeopleWay       = "/desk/operator/people"
	ApplicationsWay = "/desk/operator/applications"
	BooksWay        = "/desk/operator/books"
	TermsWay        = "/desk/operator/terms"
)

// The pages of the producer's and of the agent's desk.
const (
	ProducerOrdersWay     = ProducerWay + "/orders"
	PackingWay            = ProducerWay + "/packing"
	LabelsWay             = ProducerWay + "/labels"
	ProducerTalksWay      = ProducerWay + "/messages"
	ProducerReturnsWay    = ProducerWay + "/returns"
	ProducerGoodsWay      = ProducerWay + "/goods"
	ProducerIncomeWay     = ProducerWay + "/income"
	ProducerTermsWay      = ProducerWay + "/terms"
	ProducerStatementsWay = ProducerWay + "/statements"
	AgentShareWay         = AgentWay + "/share"
	AgentShelfWay         = AgentWay + "/shelf"
	AgentPosterWay        = AgentWay + "/poster"
	AgentOrdersWay        = AgentWay + "/orders"
	AgentEntriesWay       = AgentWay + "/commissions"
	AgentStatementsWay    = AgentWay + "/statements"
)

// ListingWay is a listing's page.
func ListingWay(market, id string) string { return join("/listings", market, id) }

// GrowerWay is a producer's public page.
func GrowerWay(market, id string) string { return join("/producers", market, id) }

// EditListingWay is the producer's form for a listing.
func EditListingWay(market, id string) string { return join("/desk/producer/listings", market, id) }

// NoticeWay opens a notice: it is read then, and its page follows.
func NoticeWay(id string) string { return join(NoticesWay, id) }

// OrderWay is an order's page.
func OrderWay(market, id string) string { return join("/orders", market, id) }

// MoveWay is where a move of an order is posted; pack and ship are pages too.
func MoveWay(market, id, move string) string { return join("/orders", market, id, move) }

// DisputeWay is where a buyer complains of an order, and both sides talk about it.
func DisputeWay(market, id string) string { return join("/orders", market, id, "dispute") }

// ReturnWay is where a buyer gives goods back, and both sides see how far it is.
func ReturnWay(market, id string) string { return join("/orders", market, id, "return") }

// PaperWay is a paper of an order; with .pdf after it, as a file.
func PaperWay(market, id, paper string) string { return join("/orders", market, id, "papers", paper) }

// InvoiceWay is where the number of the tax invoice beside a statement of sale is entered.
func InvoiceWay(market, id, paper string) string { return PaperWay(market, id, paper) + "/invoice" }

// TalkWay is where the sides of an order write to each other.
func TalkWay(market, id string) string { return join("/orders", market, id, "talk") }

// EvidenceWay is a picture that was shown in a complaint, in one width.
func EvidenceWay(market, id, hash, file string) string {
	return join("/orders", market, id, "evidence", hash, file)
}

// PayWay is the sandbox's pay page.
func PayWay(market, id string) string { return join("/pay", market, id) }

// PaidWay is where the buyer comes back after paying.
func PaidWay(market, id string) string { return join("/pay", market, id, "result") }

// AgainWay is where the goods of an order are put into the basket again.
func AgainWay(market, id string) string { return join("/orders", market, id, "again") }

// LinkWay is an agent's short link; it survives chat apps that strip queries.
func LinkWay(code string) string { return join("/s", code) }

// LinkToWay is an agent's short link to one of the goods.
func LinkToWay(code, goods string) string { return join("/s", code, goods) }

// StatementWay is one month's statement; base is a desk's list of them.
func StatementWay(base, month string) string { return join(base, month) }

// StatementBookWay is a statement as a workbook.
func StatementBookWay(base, month string) string { return join(base, month+".xlsx") }

// PayoutWay is one payout.
func PayoutWay(market, id string) string { return join(PayoutsWay, market, id) }

func join(base string, segments ...string) string {
	for _, s := range segments {
		base += "/" + url.PathEscape(s)
	}
	return base
}
