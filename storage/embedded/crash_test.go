package embedded

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 1 {
		t.Fatalf("there is no process %d to kill", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "the killed process is dead", func() bool { return !alive(pid) })
}

// written opens a server and commits a row that must be found later.
func written(t *testing.T, data string) *Server {
	t.Helper()
	s := open(t, data, safe)
	do(t, s.URL(), `create table kept as select 'walnuts'::text as what`)
	return s
}

func safe(o *Options) { o.Unsafe = false }

func stillThere(t *testing.T, s *Server) {
	t.Helper()
	if got := query(t, s.URL(), `select what from kept`); got != "walnuts" {
		t.Errorf("the row is %q", got)
	}
}

func TestAKilledCommandLeavesNoServer(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	_ = s.Close()
	stopped(t, data)
	other := holder(t, data)
	s = open(t, data)
	pid := serverPID(t, s)
	kill(t, other.Process.Pid)
	stillThere(t, s) // this one still uses what the killed one started
	_ = s.Close()
	stopped(t, data)
	if alive(pid) {
		t.Error("the server went on")
	}
	stillThere(t, open(t, data))
}

func TestTheOnlyCommandKilledLeavesNoServer(t *testing.T) {
	t.Parallel()
	data := folder(t)
	other := holder(t, data)
	where, err := settled(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := readPostmaster(where.cluster())
	if err != nil {
		t.Fatal(err)
	}
	kill(t, other.Process.Pid)
	stopped(t, data)
	if alive(m.pid) {
		t.Error("the server went on")
	}
	open(t, data)
}

func TestAKilledKeeperIsReplacedAndItsServerAdopted(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	pid := serverPID(t, s)
	kill(t, s.place.keeper())
	next := open(t, data)
	stillThere(t, next)
	if serverPID(t, next) != pid {
		t.Error("the server was started again and not adopted")
	}
	_ = next.Close()
	_ = s.Close()
	stopped(t, data) // the new keeper stops what it did not start
	stillThere(t, open(t, data))
}

func TestAKilledKeeperIsReplacedWithoutAnybodyComing(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	old := s.place.keeper()
	kill(t, old)
	until(t, "a new keeper came", func() bool { k := s.place.keeper(); return k != 0 && k != old })
	stillThere(t, s)
}

func TestAKilledServerComesBackForThoseWhoUseIt(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	db, err := sql.Open("postgres", s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	kill(t, serverPID(t, s))
	until(t, "the old address answers again", func() bool { return db.Ping() == nil })
	stillThere(t, s)
	stillThere(t, open(t, data))
}

func TestKeeperAndServerKilledTogether(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	pid := serverPID(t, s)
	kill(t, s.place.keeper())
	kill(t, pid)
	next := open(t, data)
	stillThere(t, next)
	if serverPID(t, next) == pid {
		t.Error("that is the killed one")
	}
}

func TestEverythingKilledAtOnce(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	where, pid := s.place, serverPID(t, s)
	other := holder(t, data)
	_ = s.Close()
	for _, victim := range append(remains(where.cluster()), where.keeper(), other.Process.Pid) {
		_ = syscall.Kill(victim, syscall.SIGKILL)
	}
	until(t, "all are dead", func() bool { return !alive(pid) && where.keeper() == 0 })
	stillThere(t, open(t, data))
}

func TestAStrangerWithTheNumberOfTheServerIsNotTakenForIt(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := written(t, data)
	_ = s.Close()
	stopped(t, data)
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Process.Kill(); _ = stranger.Wait() })
	mark := strconv.Itoa(stranger.Process.Pid) + "\n" + s.place.cluster() + "\n1\n5432\n" + s.place.room() + "\n\n0 0\nready\n"
	lay(t, filepath.Join(s.place.cluster(), "postmaster.pid"), mark)
	lay(t, s.place.file(".s.PGSQL.5432.lock"), mark)
	stillThere(t, open(t, data))
	if !alive(stranger.Process.Pid) {
		t.Error("the stranger was harmed")
	}
}

func TestAZombieIsNotAlive(t *testing.T) {
	t.Parallel()
	child := exec.Command("true")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the child that nobody counted is dead", func() bool { return !alive(child.Process.Pid) })
	if syscall.Kill(child.Process.Pid, 0) != nil {
		t.Error("it was no zombie")
	}
	_ = child.Wait()
}

func TestARemovedFolderEndsItsServer(t *testing.T) {
	t.Parallel()
	data := folder(t)
	s := open(t, data)
	pid := serverPID(t, s)
	keeper := s.place.keeper()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	until(t, "server and keeper ended", func() bool { return !alive(pid) && !alive(keeper) })
}

func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	room := t.TempDir()
	k := keeper{errand: errand{Room: room}}
	var err error
	if k.log, err = os.OpenFile(k.file(logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		t.Fatal(err)
	}
	defer k.log.Close()
	for range 3 {
		if _, err := k.log.WriteString(strings.Repeat("x", logLimit/2+1)); err != nil {
			t.Fatal(err)
		}
		k.boundLog()
	}
	for name, most := range map[string]int64{logFile: logLimit, logFile + ".1": logLimit} {
		info, err := os.Stat(k.file(name))
		if err != nil || info.Size() > most || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
