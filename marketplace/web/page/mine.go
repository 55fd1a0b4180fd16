package page

import "commonfield/marketplace/web/part"

// SellerRefund stands below an order for its seller, who gives sums back line
// by line. Its fields are "line." + the line's ID, and why.
type SellerRefund struct {
	Frame    part.Frame
	Form     part.Form
	Lines    []RefundLine
	Currency string
}

// CloseAccount stands below a person's own page. Its field is sure ("yes").
type CloseAccount struct {
	Frame part.Frame
	Form  part.Form
}
