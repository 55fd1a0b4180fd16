package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// alive tells whether a process runs. A zombie does not: it only waits to be
// counted, and where nobody counts, it waits for ever.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return !hasProc() // without /proc there is no better answer
	}
	// The state follows the name in brackets, which may hold anything.
	rest := string(text)
	rest = strings.TrimPrefix(rest[strings.LastIndexByte(rest, ')')+1:], " ")
	return rest == "" || (rest[0] != 'Z' && rest[0] != 'X')
}

// serves tells whether a process is a living part of the server of a cluster:
// the server and all it forks work in the cluster's folder.
func serves(pid int, cluster string) bool { return works(pid, "postgres", cluster) }

// works tells whether a process is a living program of a name with a folder as
// its working folder.
func works(pid int, program, folder string) bool {
	if !alive(pid) {
		return false
	}
	if !hasProc() {
		return true
	}
	cwd, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		return false
	}
	there, err := os.Stat(folder)
	if err != nil || !os.SameFile(cwd, there) {
		return false
	}
	exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	return err == nil && strings.HasPrefix(filepath.Base(exe), program)
}

// remains are the living processes of a cluster's server, whoever started them.
func remains(cluster string) []int { return workers("postgres", cluster) }

func workers(program, folder string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil && works(pid, program, folder) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

// firstPID is the process a lock file of PostgreSQL names in its first line.
func firstPID(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err == nil && pid <= 0 {
		err = errors.New("no process")
	}
	return pid, err
}
