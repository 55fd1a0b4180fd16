package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// helperWord is the first argument of a process that is a keeper.
const helperWord = "keep-postgres"

// errand is what a keeper is told to do.
type errand struct {
	Room   string        `json:"room"`
	Bin    string        `json:"bin"`
	Major  int           `json:"major"`
	UID    int           `json:"uid"`
	GID    int           `json:"gid"`
	Groups []int         `json:"groups"`
	Unsafe bool          `json:"unsafe"`
	Linger time.Duration `json:"linger"`
}

// report is one line from the keeper to the command that hired it.
type report struct {
	Say   string `json:"say,omitempty"`
	Ready bool   `json:"ready,omitempty"`
	Error string `json:"error,omitempty"`
	Kind  string `json:"kind,omitempty"`
}

// errSilent is a keeper that was killed before it could say how it went.
var errSilent = errors.New("the keeper said nothing")

// hire starts a keeper and returns when its server is ready. The caller holds
// the lock of the room.
func (p place) hire(ctx context.Context, o Options) error {
	bin, err := p.binaries(ctx, o)
	if err != nil {
		return err
	}
	text, err := json.Marshal(errand{Room: p.room(), Bin: bin.dir, Major: bin.major, UID: p.owner.uid, GID: p.owner.gid,
		Groups: p.owner.groups, Unsafe: o.Unsafe, Linger: o.Linger})
	if err != nil {
		return err
	}
	if !socketFits(p.room()) {
		o.Say("The path of " + p.room() + " is too long (or has a comma or a quote in it) for a socket: PostgreSQL listens on 127.0.0.1 instead")
	}
	hear, tell, err := os.Pipe()
	if err != nil {
		return failed(err, "PostgreSQL cannot be started")
	}
	defer hear.Close()
	keeper := exec.Command(self())
	keeper.Args = []string{"commonfield", helperWord, string(text)}
	keeper.Dir = "/" // it must not hold the folder it was called from, which it may not even enter
	keeper.Env = plainEnv()
	keeper.ExtraFiles = []*os.File{tell}
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = keeper.Start()
	_ = tell.Close()
	if err != nil {
		return failed(err, "the program could not start itself once more to keep PostgreSQL")
	}
	go func() { _ = keeper.Wait() }() // so that no zombie stays when it ends before this process
	return listen(ctx, hear, p, o.Say)
}

// listen passes on what the keeper says until it is ready or gives up.
func listen(ctx context.Context, hear *os.File, p place, say func(string)) error {
	stop := context.AfterFunc(ctx, func() { _ = hear.SetReadDeadline(time.Now()) })
	defer stop()
	lines := bufio.NewReader(hear)
	for {
		line, err := lines.ReadBytes('\n')
		if ctx.Err() != nil {
			return failed(ctx.Err(), "starting the PostgreSQL of %s", p.base)
		}
		if err == io.EOF {
			return refuse(errSilent, "the keeper of PostgreSQL ended without a word: start again; its log is %s", p.file(logFile))
		}
		if err != nil {
			return failed(err, "starting the PostgreSQL of %s", p.base)
		}
		var r report
		switch err := json.Unmarshal(line, &r); {
		case err != nil:
			return failed(err, "the keeper of PostgreSQL is not of this program")
		case r.Ready:
			return nil
		case r.Error != "":
			return refuse(kinds[r.Kind], "%s", r.Error)
		default:
			say(r.Say)
		}
	}
}

// binaries finds what to run. A server that still runs without a keeper goes on
// with what it was started from.
func (p place) binaries(ctx context.Context, o Options) (binaries, error) {
	major, err := majorOf(p.cluster())
	if err != nil {
		return binaries{}, err
	}
	if master, err := readPostmaster(p.cluster()); err == nil && serves(master.pid, p.cluster()) {
		if exe, err := os.Readlink("/proc/" + strconv.Itoa(master.pid) + "/exe"); err == nil && !strings.HasSuffix(exe, " (deleted)") {
			return binaries{dir: filepath.Dir(exe), major: major}, nil
		}
	}
	return choose(ctx, o, major, p)
}

// majorOf reads the version of a cluster, 0 when there is none.
func majorOf(cluster string) (int, error) {
	text, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, failed(err, "the data in %s cannot be read", cluster)
	}
	word := strings.TrimSpace(string(text))
	major, err := strconv.Atoi(word)
	if err != nil || major <= 0 {
		whole, _, _ := strings.Cut(word, ".")
		if major, err = strconv.Atoi(whole); err != nil || major <= 0 {
			return 0, refuse(ErrOtherVersion, "%s holds no version of PostgreSQL this program knows: nothing was touched; put the right file back", filepath.Join(cluster, "PG_VERSION"))
		}
	}
	return major, nil
}

// self is the running program, also when its file was replaced or lies where
// only this user may go.
func self() string {
	if _, err := os.Stat("/proc/self/exe"); err == nil {
		return "/proc/self/exe"
	}
	exe, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return exe
}

// plainEnv keeps what a person set for other programs away from PostgreSQL.
func plainEnv() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/", "LC_ALL=C.UTF-8", "TZ=UTC"}
}
