package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// oldest is the oldest major version the program works with.
const oldest = 15

// systemBins are where systems put PostgreSQL, besides the search path.
var systemBins = []string{
	"/usr/lib/postgresql/*/bin", "/usr/libexec/postgresql*", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
}

// binaries are the programs of one version of PostgreSQL.
type binaries struct {
	dir     string
	version string
	major   int
}

const howToGet = "install it (for example apt-get install postgresql), name a folder with postgres and initdb in --pg-bin, or name a running server in DATABASE_URL"

// choose finds what to run: the folder that was named, else the pinned version
// from the cache or the network, else the system's. A cluster (major ≠ 0) is
// served by its own major version or not at all.
func choose(ctx context.Context, o Options, major int, p place) (binaries, error) {
	if o.PGBin != "" {
		return named(o.PGBin, major, p)
	}
	var missing error
	if major == 0 || major == pinnedMajor() {
		dir, err := fetched(ctx, o, p.owner)
		if err == nil {
			return binaries{dir: dir, version: pinned, major: pinnedMajor()}, nil
		}
		if ctx.Err() != nil {
			return binaries{}, failed(ctx.Err(), "fetching PostgreSQL %s", pinned)
		}
		missing = err
	}
	for _, b := range ofSystem(p.owner) {
		if major == 0 || b.major == major {
			if missing != nil {
				o.Say(fmt.Sprintf("PostgreSQL %s cannot be fetched (%v): the system's %s in %s is used", pinned, missing, b.version, b.dir))
			}
			return b, nil
		}
	}
	switch {
	case errors.Is(missing, ErrDiskFull):
		return binaries{}, missing
	case missing != nil && major == 0:
		return binaries{}, refuse(ErrNoPostgres, "there is no PostgreSQL: %s cannot be fetched (%v) and the system has none of version %d or newer; %s", pinned, missing, oldest, howToGet)
	case missing != nil:
		return binaries{}, refuse(ErrNoPostgres, "the data in %s is of PostgreSQL %d, which cannot be fetched (%v) and is not installed: nothing was touched; install PostgreSQL %d or name its folder in --pg-bin", p.cluster(), major, missing, major)
	}
	return binaries{}, otherVersion(p, major, "the program brings "+pinned+" and the system has no "+strconv.Itoa(major))
}

func otherVersion(p place, major int, have string) error {
	return refuse(ErrOtherVersion, "the data in %s is of PostgreSQL %d, but %s: nothing was touched; install PostgreSQL %d or name its folder in --pg-bin, or choose another folder with --data", p.cluster(), major, have, major)
}

// named checks a folder a person named.
func named(dir string, major int, p place) (binaries, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, failed(err, "the folder %s in --pg-bin cannot be found", dir)
	}
	b, err := inspect(full)
	if err != nil {
		return binaries{}, refuse(ErrNoPostgres, "--pg-bin %s: %v", full, err)
	}
	if b.major < oldest {
		return binaries{}, refuse(ErrNoPostgres, "--pg-bin %s holds PostgreSQL %s: version %d or newer is needed", full, b.version, oldest)
	}
	if major != 0 && b.major != major {
		return binaries{}, otherVersion(p, major, "--pg-bin "+full+" holds "+b.version)
	}
	return b, p.owner.reaches(full)
}

// ofSystem are the installed versions, newest first.
func ofSystem(who owner) []binaries {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range systemBins {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	var all []binaries
	seen := map[string]bool{}
	for _, dir := range dirs {
		if dir == "" || seen[dir] {
			continue
		}
		seen[dir] = true
		if b, err := inspect(dir); err == nil && b.major >= oldest && who.reaches(dir) == nil {
			all = append(all, b)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].major > all[j].major })
	return all
}

// inspect reads the version of a folder's programs.
func inspect(dir string) (binaries, error) {
	for _, name := range []string{"postgres", "initdb", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return binaries{}, fmt.Errorf("there is no %s in it", name)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("its postgres does not run: %w", err)
	}
	// postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
	_, after, _ := strings.Cut(string(out), ") ")
	version, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	whole, _, _ := strings.Cut(version, ".")
	digits := strings.IndexFunc(whole, func(r rune) bool { return r < '0' || r > '9' })
	if digits > 0 {
		whole = whole[:digits] // 18beta1
	}
	major, err := strconv.Atoi(whole)
	if err != nil {
		return binaries{}, fmt.Errorf("its postgres tells no version: %q", oneLine(string(out)))
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

func pinnedMajor() int {
	whole, _, _ := strings.Cut(pinned, ".")
	major, _ := strconv.Atoi(whole)
	return major
}
