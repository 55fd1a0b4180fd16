package embedded

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	newName  = "pg.new"
	newMark  = "pg.new.txt" // beside pg.new while it is made: it holds nobody's data yet
	markLine = "The folder pg.new beside this file is being made and holds no data yet.\n"
)

// makeCluster makes a cluster with its database, unless there is one. It is made
// aside and renamed when it is whole: one cut short never counts as data.
func (e errand) makeCluster() error {
	major, err := majorOf(e.cluster())
	if err != nil {
		return err
	}
	if major != 0 {
		if major != e.Major {
			return refuse(ErrOtherVersion, "the data in %s is of PostgreSQL %d and the program would run %d: nothing was touched", e.cluster(), major, e.Major)
		}
		_ = os.Remove(e.file(newMark))
		return e.ensurePassword()
	}
	fresh := e.file(newName)
	if err := e.clearAbandoned(fresh); err != nil {
		return err
	}
	if err := os.WriteFile(e.file(newMark), []byte(markLine), 0o600); err != nil {
		return failed(err, "the data folder %s cannot be written", e.Room)
	}
	if err := e.fill(fresh); err != nil {
		_ = e.clearAbandoned(fresh)
		return err
	}
	// The name appears only with the whole content behind it, also after a power cut.
	if err := os.Rename(fresh, e.cluster()); err != nil {
		return failed(err, "the new data cannot be put in place")
	}
	if room, err := os.Open(e.Room); err == nil {
		_ = room.Sync()
		_ = room.Close()
	}
	_ = os.Remove(e.file(newMark))
	return nil
}

// fill makes the cluster: locale and encoding are named, because an empty
// environment would give others, and search depends on them.
func (e errand) fill(fresh string) error {
	password, err := e.newPassword()
	if err != nil {
		return err
	}
	args := []string{"--pgdata", fresh, "--username", login, "--pwfile", password, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"}
	if e.Unsafe {
		args = append(args, "--no-sync")
	}
	if err := e.run("initdb", "", args...); err != nil {
		return err
	}
	return e.single(fresh, `create database "`+database+`"`)
}

// single runs one statement on a cluster that no server serves.
func (e errand) single(cluster, statement string) error {
	args := []string{"--single", "-D", cluster, "-c", "log_min_messages=warning"}
	if e.Unsafe {
		args = append(args, "-F")
	}
	return e.run("postgres", statement+"\n", append(args, "postgres")...)
}

// run runs a program of PostgreSQL and turns its complaint into one line.
func (e errand) run(program, input string, args ...string) error {
	cmd := exec.Command(filepath.Join(e.Bin, program), args...)
	cmd.Dir = e.Room // by which one that outlives its keeper is known
	cmd.Env = plainEnv()
	cmd.Stdin = strings.NewReader(input)
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	err := cmd.Run()
	said.Write(complaint.Bytes())
	for line := range strings.SplitSeq(said.String(), "\n") {
		for _, word := range []string{"PANIC:", "FATAL:", "ERROR:", "error:"} {
			if _, why, found := strings.Cut(line, word); found {
				return refuse(kindOfText(said.String()), "PostgreSQL could not make its data (%s): %s", program, advice(oneLine(why)))
			}
		}
	}
	if err != nil {
		if strings.Contains(said.String(), noSpace) {
			return refuse(ErrDiskFull, "PostgreSQL could not make its data (%s): %s", program, advice(noSpace))
		}
		if why := lastLine(complaint.String()); why != "" {
			return refuse(nil, "PostgreSQL could not make its data (%s): %s", program, why)
		}
		return failed(err, "%s could not be run", filepath.Join(e.Bin, program))
	}
	return nil
}

// lastLine is the reason of a program that marks none: a user without an entry
// in /etc/passwd, for one, is told so in a bare line. That it tidies up is none.
func lastLine(text string) string {
	last := ""
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" && !strings.Contains(line, ": removing ") {
			last = oneLine(line)
		}
	}
	return last
}

// clearAbandoned removes a pg.new that was cut short. Without our mark beside it,
// it is not ours to remove.
func (e errand) clearAbandoned(fresh string) error {
	if _, err := os.Lstat(fresh); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(e.file(newMark)); err != nil {
		return refuse(ErrNotOurFolder, "%s was not made by this program: nothing was touched; move it away and start again", fresh)
	}
	for range 100 {
		// An initdb whose keeper was killed goes on, and when it fails it empties
		// the folder: it must be gone before the folder is used again.
		left := append(workers("initdb", e.Room), remains(fresh)...)
		if len(left) == 0 {
			break
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := os.RemoveAll(fresh); err != nil {
		return failed(err, "%s was cut short and cannot be removed", fresh)
	}
	return nil
}

// newPassword writes a password, hexadecimal so that it needs no quoting
// anywhere, and names its file.
func (e errand) newPassword() (string, error) {
	word := make([]byte, 24)
	if _, err := rand.Read(word); err != nil {
		return "", failed(err, "no password can be made")
	}
	file := e.file(passwordFile)
	if err := os.WriteFile(file+".part", []byte(hex.EncodeToString(word)+"\n"), 0o600); err != nil {
		return "", failed(err, "the password of PostgreSQL cannot be kept")
	}
	if err := os.Rename(file+".part", file); err != nil {
		return "", failed(err, "the password of PostgreSQL cannot be kept")
	}
	return file, nil
}

// ensurePassword gives a cluster whose password was lost a new one.
func (e errand) ensurePassword() error {
	if _, err := os.Stat(e.file(passwordFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := e.clearRemains(); err != nil {
		return err
	}
	file, err := e.newPassword()
	if err != nil {
		return err
	}
	word, err := os.ReadFile(file)
	if err != nil {
		return failed(err, "the password of PostgreSQL cannot be read")
	}
	err = e.single(e.cluster(), `alter role "`+login+`" password '`+strings.TrimSpace(string(word))+`'`)
	if err != nil {
		_ = os.Remove(file)
	}
	return err
}
