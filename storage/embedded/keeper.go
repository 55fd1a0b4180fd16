package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"
)

const (
	patience = 20 * time.Second // for users to go, when the keeper itself is told to end
	longest  = 15 * time.Second // between two attempts to restart a server
)

// Helper is called by main (and TestMain) before anything else, with os.Args.
// When the process was started to keep a PostgreSQL it does that until nobody
// uses the server, and returns true with the code to exit with. In any other
// process it returns false at once.
func Helper(args []string) (handled bool, code int) {
	for i := range min(2, len(args)) {
		if args[i] == helperWord {
			return true, keep(args[i+1:])
		}
	}
	return false, 0
}

// keeper owns one server. It is a process of its own and uses one goroutine for
// all it decides.
type keeper struct {
	errand
	tell  *os.File // to the command that hired it; nil when that one is content
	place *os.File // with the lock of the keeper: open until the process ends
	users *os.File
	log   *os.File
	serv  *server
}

// keep is the life of a keeper.
func keep(args []string) (code int) {
	const pipe = 3
	syscall.CloseOnExec(pipe) // the server must not hold it
	k := keeper{tell: os.NewFile(pipe, "report")}
	if len(args) != 1 || json.Unmarshal([]byte(args[0]), &k.errand) != nil {
		fmt.Fprintln(os.Stderr, helperWord+" is for the program's own use")
		return 2
	}
	if err := k.begin(); err != nil {
		k.report(report{Error: err.Error(), Kind: kindOf(err)})
		return 1
	}
	k.report(report{Ready: true})
	_ = k.tell.Close()
	k.tell = nil
	err := k.live()
	if err != nil {
		k.note("the keeper ends: %v", err)
		code = 1
	}
	// Whoever waits may start afresh now, and need not wait for the process to go.
	_ = k.place.Close()
	_ = k.users.Close()
	return code
}

// begin becomes the unprivileged keeper of the room and brings its server up.
func (k *keeper) begin() error {
	// A shell's Ctrl-C and a closed terminal mean the command, never the server.
	signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	if err := drop(k.UID, k.GID, k.Groups); err != nil {
		return failed(err, "the keeper of PostgreSQL cannot become the user %d", k.UID)
	}
	syscall.Umask(0o077)
	var err error
	if k.log, err = os.OpenFile(k.file(logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return failed(err, "the log of PostgreSQL cannot be written")
	}
	_ = debug.SetCrashOutput(k.log, debug.CrashOptions{})
	if k.place, err = os.OpenFile(k.file(keeperFile), os.O_RDWR, 0); err != nil {
		return failed(err, "the lock of the keeper cannot be had")
	}
	if err := become(k.place); err != nil {
		return failed(err, "another keeper serves %s", k.Room)
	}
	if k.users, err = os.Open(k.file(usersFile)); err != nil {
		return failed(err, "the lock of the users cannot be had")
	}
	return k.bringUp()
}

// bringUp adopts the server that runs, or starts one. For ten seconds it tries
// again where traces of an earlier server are in the way: one that a killed
// keeper had only just started writes its mark a moment later.
func (k *keeper) bringUp() error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		serv, err := adopt(k.errand, k.log)
		if err == nil && serv == nil {
			if err := k.makeCluster(); err != nil {
				return err
			}
			serv, err = launch(k.errand, k.log, k.say)
		}
		if err == nil {
			k.serv = serv
			return nil
		}
		if !errors.Is(err, errRemains) || time.Now().After(end) {
			return err
		}
	}
}

// live restarts the server when it dies and stops it when nobody uses it.
func (k *keeper) live() error {
	unused := make(chan error, 1)
	go func() { unused <- untilUnused(k.users, k.Linger) }()
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	var enough <-chan time.Time
	look := time.NewTicker(2 * time.Second)
	defer look.Stop()
	died := k.serv.died
	var again <-chan time.Time
	pause := 250 * time.Millisecond
	for {
		select {
		case err := <-unused:
			if err != nil {
				return err
			}
			return k.stop()
		case <-told:
			enough = time.After(patience)
		case <-enough:
			return k.stop()
		case <-look.C:
			if k.gone() {
				return k.stop()
			}
			k.boundLog()
		case <-died:
			k.note("PostgreSQL died and is used: it is started again")
			died, again = nil, time.After(0)
		case <-again:
			if err := k.restart(); err != nil {
				again = time.After(pause)
				pause = min(2*pause, longest)
				continue
			}
			died, again, pause = k.serv.died, nil, 250*time.Millisecond
		}
	}
}

// restart starts a server that died, and leaves word of what prevents it.
func (k *keeper) restart() error {
	if k.gone() {
		return refuse(nil, "the data folder is gone")
	}
	if err := k.bringUp(); err != nil {
		k.note("PostgreSQL does not start: %v", err)
		_ = os.WriteFile(k.file(troubleFile), []byte(err.Error()+"\n"), 0o600)
		return err
	}
	_ = os.Remove(k.file(troubleFile))
	return nil
}

// stop ends the server. The lock on the users' file is held until the process
// is gone, so whoever comes now waits and then starts afresh.
func (k *keeper) stop() error { return k.serv.stop() }

// gone tells whether somebody removed or moved the folder or the data in it. Its
// server serves nobody then, and the room may already belong to another keeper.
func (k *keeper) gone() bool {
	mine, err := k.users.Stat()
	if err != nil {
		return true
	}
	there, err := os.Stat(k.file(usersFile))
	if err != nil || !os.SameFile(mine, there) {
		return true
	}
	_, err = os.Stat(filepath.Join(k.cluster(), "PG_VERSION"))
	return err != nil
}

// untilUnused returns with the exclusive lock on the users' file once nobody has
// used the server for a while.
func untilUnused(users *os.File, linger time.Duration) error {
	for {
		if err := lockWaiting(users, exclusive); err != nil {
			return err
		}
		info, err := users.Stat()
		if err != nil {
			return err
		}
		rest := linger - time.Since(info.ModTime())
		if rest <= 0 || linger <= 0 {
			return nil
		}
		if err := lockWaiting(users, syscall.LOCK_UN); err != nil {
			return err
		}
		time.Sleep(rest)
	}
}

// drop gives up root for good. Only root has anything to give up.
func drop(uid, gid int, groups []int) error {
	if os.Getuid() != 0 {
		return nil
	}
	if uid == 0 {
		return syscall.EPERM
	}
	if err := syscall.Setgroups(append([]int{gid}, groups...)); err != nil {
		return err
	}
	if err := syscall.Setgid(gid); err != nil {
		return err
	}
	if err := syscall.Setuid(uid); err != nil {
		return err
	}
	if syscall.Setuid(0) == nil {
		return syscall.EPERM
	}
	return nil
}

func (e errand) file(name string) string { return filepath.Join(e.Room, name) }
func (e errand) cluster() string         { return e.file(clusterName) }

func (k *keeper) say(line string) { k.report(report{Say: line}) }

// report tells the command; one that is gone need not hear it.
func (k *keeper) report(r report) {
	if k.tell == nil {
		return
	}
	text, err := json.Marshal(r)
	if err == nil {
		_, _ = k.tell.Write(append(text, '\n'))
	}
}

func (k *keeper) note(format string, args ...any) {
	fmt.Fprintf(k.log, "%s keeper: %s\n", time.Now().UTC().Format("2006-01-02 15:04:05.000 UTC"), oneLine(fmt.Sprintf(format, args...)))
}
