package embedded

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	shared    = syscall.LOCK_SH
	exclusive = syscall.LOCK_EX
)

// lock waits for a lock on an open file or folder until the context ends. The
// lock goes with the file: the system lifts it when the process dies.
func lock(ctx context.Context, f *os.File, how int) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// lockFolder takes the exclusive lock of a folder; closing what it returns lifts it.
func lockFolder(ctx context.Context, folder string) (io.Closer, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, failed(err, "the folder %s cannot be opened", folder)
	}
	if err := lock(ctx, f, exclusive); err != nil {
		_ = f.Close()
		return nil, failed(err, "the folder %s is held by another command", folder)
	}
	return f, nil
}

// lockWaiting blocks in the system until the lock is had, so that a keeper that
// waits for days costs nothing.
func lockWaiting(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// become claims the one place of the keeper. It is a record lock and not a
// flock: others can ask who holds it without taking it for a moment. One that
// was killed may hold it until its last thread is gone.
func become(f *os.File) error {
	for end := time.Now().Add(3 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart})
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

// keeper is the process id of the keeper, 0 when there is none.
func (p place) keeper() int {
	f, err := os.Open(p.file(keeperFile))
	if err != nil {
		return 0
	}
	defer f.Close()
	ask := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &ask); err != nil || ask.Type == syscall.F_UNLCK {
		return 0
	}
	if ask.Pid <= 0 {
		return -1 // it lives where this process cannot see it, as in another container
	}
	if !alive(int(ask.Pid)) {
		return 0 // killed this moment
	}
	return int(ask.Pid)
}
