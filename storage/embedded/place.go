package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	if err := makeFolder(data); err != nil {
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
	if _, err := os.Stat(p.file(usersFile)); errors.Is(err, fs.ErrNotExist) && base == data {
		return place{}, nil // not ours, or cut short while it was prepared: settle tells them apart
	}
	if p.owner, err = ownerOf(info); err != nil {
		return place{}, err
	}
	if err := p.owner.served(p.room()); err != nil {
		return place{}, err
	}
	if err := p.owner.reaches(base); err != nil {
		return place{}, err
	}
	return p, p.check()
}

// Begun tells whether something lies in a data folder, ours or not. It makes nothing.
func Begun(data string) bool {
	entries, err := os.ReadDir(data)
	return len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
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
		if p.base, err = elsewhere(data, o.Say); err != nil {
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
		if err := put(filepath.Join(data, pointerFile), text, 0o644, nil); err != nil {
			return place{}, failed(err, "the data folder %s cannot be written", data)
		}
	}
	if err := put(filepath.Join(data, markFile), markText, 0o644, nil); err != nil {
		return place{}, failed(err, "the data folder %s cannot be written", data)
	}
	return p, p.check()
}
