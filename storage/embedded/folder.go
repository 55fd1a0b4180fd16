package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Names in a data folder and in its postgres folder.
const (
	roomName     = "postgres"
	markFile     = "commonfield.txt"
	pointerFile  = "data-lies-in.txt"
	clusterName  = "pg"
	usersFile    = "users"
	keeperFile   = "keeper"
	passwordFile = "password"
	portFile     = "port"
	logFile      = "server.log"
	troubleFile  = "trouble"
)

const markText = "This folder holds the data of Commonfield. Do not change what is in it by hand.\n"

// fallbackRoot is where root's data goes when the database's user cannot reach the folder.
var fallbackRoot = "/var/lib/commonfield"

// place is where the data of a folder lies, and who owns it.
type place struct {
	data  string // as it was asked for, absolute
	base  string // where the data really lies
	owner owner
}

// room is the folder that belongs to this package.
func (p place) room() string            { return filepath.Join(p.base, roomName) }
func (p place) cluster() string         { return filepath.Join(p.room(), clusterName) }
func (p place) file(name string) string { return filepath.Join(p.room(), name) }

// find settles where the data lies and makes what is missing around it. It
// writes nothing into a folder that is not ours.
func find(ctx context.Context, o Options) (place, error) {
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return place{}, failed(err, "the data folder %s cannot be found", o.Data)
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return place{}, failed(err, "the data folder %s cannot be made", data)
	}
	if data, err = filepath.EvalSymlinks(data); err != nil {
		return place{}, failed(err, "the data folder %s cannot be found", o.Data)
	}
	if p, err := settled(data); err != nil || p.base != "" {
		return p, err
	}
	held, err := lockFolder(ctx, data)
	if err != nil {
		return place{}, err
	}
	defer held.Close()
	// Another command may have settled it while this one waited for the lock.
	if p, err := settled(data); err != nil || p.base != "" {
		return p, err
	}
	return settle(data, o)
}

// settled finds a place that was prepared before; an empty base means there is none.
func settled(data string) (place, error) {
	base, err := follow(data)
	if err != nil {
		return place{}, err
	}
	p := place{data: data, base: base}
	if _, err := os.Stat(filepath.Join(base, "PG_VERSION")); err == nil {
		return place{}, refuse(ErrNotOurFolder, "%s is itself a data folder of PostgreSQL and not ours: choose another folder with --data, or name that server in DATABASE_URL", base)
	}
	info, err := os.Stat(p.room())
	if errors.Is(err, fs.ErrNotExist) && base == data {
		return place{}, nil
	}
	if err != nil {
		return place{}, failed(err, "%s says that the data lies in %s", filepath.Join(data, pointerFile), base)
	}
	if p.owner, err = ownerOf(info); err != nil {
		return place{}, err
	}
	if err := p.owner.served(p.room()); err != nil {
		return place{}, err
	}
	if _, err := os.Stat(p.file(usersFile)); err != nil {
		return place{}, nil // not ours, or cut short while it was prepared: settle tells them apart
	}
	if err := p.owner.reaches(base); err != nil {
		return place{}, err
	}
	return p, p.check()
}

// follow reads the pointer a folder may hold.
func follow(data string) (string, error) {
	text, err := os.ReadFile(filepath.Join(data, pointerFile))
	if errors.Is(err, fs.ErrNotExist) {
		return data, nil
	}
	if err != nil {
		return "", failed(err, "the data folder %s cannot be read", data)
	}
	base, _, _ := strings.Cut(string(text), "\n")
	if base = strings.TrimSpace(base); !filepath.IsAbs(base) {
		return "", refuse(ErrNotOurFolder, "%s names no folder in its first line: put the path of the data there", filepath.Join(data, pointerFile))
	}
	return filepath.Clean(base), nil
}

// settle prepares a folder that was not used before, or not to the end.
func settle(data string, o Options) (place, error) {
	if err := foreign(data, o.Beside); err != nil {
		return place{}, err
	}
	who, err := newOwner(o.User)
	if err != nil {
		return place{}, err
	}
	p := place{data: data, base: data, owner: who}
	if unreachable := who.reaches(data); unreachable != nil {
		if p.base, err = elsewhere(data); err != nil {
			return place{}, err
		}
		if err := who.reaches(p.base); err != nil {
			return place{}, err
		}
		o.Say(fmt.Sprintf("The user %s, who runs PostgreSQL, cannot enter %s: the data lies in %s", who.name, data, p.base))
	}
	if err := p.prepare(); err != nil {
		return place{}, err
	}
	if p.base != data {
		text := p.base + "\n\nThe data lies in the folder above, because the user who runs PostgreSQL cannot enter this one.\n"
		if err := write(filepath.Join(data, pointerFile), text, 0o644); err != nil {
			return place{}, failed(err, "the data folder %s cannot be written", data)
		}
	}
	if err := write(filepath.Join(data, markFile), markText, 0o644); err != nil {
		return place{}, failed(err, "the data folder %s cannot be written", data)
	}
	return p, p.check()
}

// foreign refuses a folder that holds something we did not put there.
func foreign(data string, beside []string) error {
	entries, err := os.ReadDir(data)
	if err != nil {
		return failed(err, "the data folder %s cannot be read", data)
	}
	if _, err := os.Stat(filepath.Join(data, markFile)); err == nil {
		return nil
	}
	for _, entry := range entries {
		name := entry.Name()
		if name == roomName && ourRoom(filepath.Join(data, name)) {
			continue
		}
		if strings.HasPrefix(name, ".") || name == "lost+found" || slices.Contains(beside, name) {
			continue
		}
		return refuse(ErrNotOurFolder, "%s is not empty and not a data folder of ours (it holds %s): nothing was touched; choose another folder with --data", data, name)
	}
	return nil
}

// ourRoom tells whether a postgres folder was begun by us: it is empty or bears the mark.
func ourRoom(room string) bool {
	entries, err := os.ReadDir(room)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(room, markFile))
	return len(entries) == 0 || err == nil
}

// prepare makes the folder of this package and the files commands lock. The
// users' file comes last: with it the place counts as settled.
func (p place) prepare() error {
	if err := os.Mkdir(p.room(), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return failed(err, "the data folder %s cannot be written", p.base)
	}
	if !ourRoom(p.room()) {
		return refuse(ErrNotOurFolder, "%s is not empty and not ours: nothing was touched; choose another folder with --data", p.room())
	}
	for _, name := range []string{markFile, keeperFile, usersFile} {
		text := ""
		if name == markFile {
			text = markText
		}
		if err := write(p.file(name), text, 0o600); err != nil {
			return failed(err, "the data folder %s cannot be written", p.base)
		}
		if err := p.owner.gets(p.file(name)); err != nil {
			return err
		}
	}
	return p.owner.gets(p.room())
}

// check refuses a cluster that is not what it should be, before anything is started.
func (p place) check() error {
	entries, err := os.ReadDir(p.cluster())
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return failed(err, "the data in %s cannot be read", p.cluster())
	}
	if _, err := os.Stat(filepath.Join(p.cluster(), "PG_VERSION")); err != nil {
		return refuse(ErrNotOurFolder, "%s is not empty and holds no PG_VERSION, so it is no data of PostgreSQL: nothing was touched; put the data back or choose another folder with --data", p.cluster())
	}
	info, err := os.Stat(p.cluster())
	if err != nil {
		return failed(err, "the data in %s cannot be read", p.cluster())
	}
	holder, err := ownerOf(info)
	if err != nil {
		return err
	}
	if holder.uid != p.owner.uid {
		return refuse(ErrNoAccess, "%s belongs to %s and %s to %s: give both to one user, as with chown -R %s %s", p.cluster(), holder.name, p.room(), p.owner.name, p.owner.name, p.room())
	}
	return nil
}

// elsewhere makes the folder that is used instead of one that cannot be reached.
// A folder that was used before is never taken again: its data may be wanted.
func elsewhere(data string) (string, error) {
	if err := os.MkdirAll(fallbackRoot, 0o755); err != nil {
		return "", failed(err, "the folder %s cannot be made", fallbackRoot)
	}
	sum := sha256.Sum256([]byte(data))
	name := filepath.Join(fallbackRoot, hex.EncodeToString(sum[:8]))
	for n := 1; ; n++ {
		folder := name
		if n > 1 {
			folder = fmt.Sprintf("%s-%d", name, n)
		}
		err := os.Mkdir(folder, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", failed(err, "the folder %s cannot be made", folder)
		}
		return folder, os.Chmod(folder, 0o755) // also under a narrow umask
	}
}

// write puts a small file in place in one step.
func write(file, text string, mode fs.FileMode) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	part := file + ".part"
	if err := os.WriteFile(part, []byte(text), mode); err != nil {
		return err
	}
	return os.Rename(part, file)
}
