// Package noticetest is what tests of letters share.
package noticetest

import (
	"context"
	"sync"

	"commonfield/marketplace/notice"
)

// Post is a sender that keeps every letter, or gives the answer that a test has chosen.
type Post struct {
	Letters []notice.Letter
	Answer  error

	mu sync.Mutex
}

// Send keeps a letter, unless there is an answer.
func (p *Post) Send(_ context.Context, l notice.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Answer == nil {
		p.Letters = append(p.Letters, l)
	}
	return p.Answer
}

// Check finds nothing wrong.
func (*Post) Check(context.Context) error { return nil }

// Name says what it is.
func (*Post) Name() string { return "a test" }
