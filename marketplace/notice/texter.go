package notice

import "context"

// Text is one short message to a telephone.
type Text struct {
	ID    string // the same message has the same, for gateways that drop repeats
	To    string // +8613900000000
	Words string // without personal data: it is read on locked screens
}

// Texter carries short messages: marketplace/notice/text has one for any gateway
// that takes an HTTP request.
type Texter interface {
	// Text hands a message over. It gives *Refused when this one will never be
	// taken; every other error, an unknown outcome too, means: try again.
	Text(ctx context.Context, t Text) error
	// Check says whether messages would be taken, without sending one.
	Check(ctx context.Context) error
	// Name is one line for a person who looks after the program.
	Name() string
}
