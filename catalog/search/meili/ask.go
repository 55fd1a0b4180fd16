package meili

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/meilisearch/meilisearch-go"
)

// errGone says that the index is not on the server.
var errGone = errors.New("meili: the index is gone from the server; run: commonfield reindex")

// tries is how often a question is put to a server that is busy or away.
const tries = 4

// ask puts a question to the server, again where it may help. Each try builds
// its request anew: a body that was read once is empty the second time. What
// comes back is fault.Unavailable("search_down") with the cause inside.
func ask[T any](ctx context.Context, e *Engine, question func(context.Context) (T, error)) (T, error) {
	for try := 1; ; try++ {
		answer, err := once(ctx, e.o.Patience, question)
		if err == nil {
			return answer, nil
		}
		switch {
		case gone(err):
			e.log.Error("search: the index is gone from the server; run: commonfield reindex", "index", e.live)
			return answer, down(errors.Join(errGone, err))
		case try == tries || !transient(err) || ctx.Err() != nil:
			return answer, down(err)
		}
		wait := time.NewTimer(time.Duration(try*try*(20+rand.IntN(20))) * time.Millisecond)
		select {
		case <-ctx.Done():
			wait.Stop()
			return answer, down(errors.Join(ctx.Err(), err))
		case <-wait.C:
		}
	}
}

func once[T any](ctx context.Context, patience time.Duration, question func(context.Context) (T, error)) (T, error) {
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	return question(ctx)
}

// transient says whether the same question may be answered in a moment.
func transient(err error) bool {
	var m *meilisearch.Error
	if !errors.As(err, &m) {
		return false
	}
	switch m.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return m.ErrCode == meilisearch.MeilisearchCommunicationError
}

func gone(err error) bool {
	var m *meilisearch.Error
	return errors.As(err, &m) && m.MeilisearchApiError.Code == "index_not_found"
}

// taskError is a task that was accepted and did not succeed.
type taskError struct {
	task               int64
	status             meilisearch.TaskStatus
	kind               meilisearch.TaskType
	code, message, uid string
}

func (t *taskError) Error() string {
	return fmt.Sprintf("meili: task %d (%s on %s) was accepted and %s: %s %s", t.task, t.kind, t.uid, t.status, t.code, t.message)
}

// done gives the server a task and waits until it succeeded. One that was
// accepted and failed later, or is not done in time, is an error: who asked
// tries again.
func (e *Engine) done(ctx context.Context, give func(context.Context) (*meilisearch.TaskInfo, error)) error {
	given, err := ask(ctx, e, give)
	if err != nil {
		return err
	}
	return e.finished(ctx, given.TaskUID, e.o.Finish)
}

func (e *Engine) finished(ctx context.Context, uid int64, within time.Duration) error {
	ctx, end := context.WithTimeout(ctx, within)
	defer end()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		t, err := ask(ctx, e, func(ctx context.Context) (*meilisearch.Task, error) { return e.server.GetTaskWithContext(ctx, uid) })
		if err != nil {
			return err
		}
		switch t.Status {
		case meilisearch.TaskStatusSucceeded:
			return nil
		case meilisearch.TaskStatusFailed, meilisearch.TaskStatusCanceled:
			failed := &taskError{uid, t.Status, t.Type, t.Error.Code, t.Error.Message, t.IndexUID}
			e.log.Error("search: a task was accepted and failed", "task", uid, "index", t.IndexUID, "type", t.Type, "code", t.Error.Code, "message", t.Error.Message)
			return down(failed)
		}
		wait := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			wait.Stop()
			return down(fmt.Errorf("meili: task %d is not done in time (%s): %w", uid, t.Status, ctx.Err()))
		case <-wait.C:
		}
	}
}
