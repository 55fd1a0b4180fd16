package embedded

import (
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// owner is the user of the system who runs PostgreSQL and owns its files.
type owner struct {
	uid, gid int
	groups   []int
	name     string
}

// newOwner is who gets a new cluster: the running user, or for root the one named.
func newOwner(name string) (owner, error) {
	if os.Getuid() != 0 {
		return byID(os.Getuid()), nil
	}
	found, err := user.Lookup(name)
	if err != nil {
		return owner{}, refuse(ErrNoAccess, "there is no user %s on this machine to run PostgreSQL, which refuses to run as root: name another with --db-user", name)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil || uid == 0 {
		return owner{}, refuse(ErrNoAccess, "PostgreSQL refuses to run as %s: name another user with --db-user", name)
	}
	return byID(uid), nil
}

// byID completes a user from the number; one without an entry is still served.
func byID(uid int) owner {
	who := owner{uid: uid, gid: os.Getgid(), name: strconv.Itoa(uid)}
	found, err := user.LookupId(who.name)
	if err != nil {
		return who
	}
	who.name = found.Username
	if gid, err := strconv.Atoi(found.Gid); err == nil {
		who.gid = gid
	}
	names, _ := found.GroupIds()
	for _, name := range names {
		if gid, err := strconv.Atoi(name); err == nil {
			who.groups = append(who.groups, gid)
		}
	}
	return who
}

// ownerOf is the user a file belongs to.
func ownerOf(info fs.FileInfo) (owner, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}, refuse(nil, "this system does not tell who owns %s", info.Name())
	}
	who := byID(int(stat.Uid))
	if who.uid != os.Getuid() && len(who.groups) == 0 {
		who.gid = int(stat.Gid)
	}
	return who, nil
}

// served refuses what the running user cannot serve: the data of somebody else,
// and data that root owns.
func (w owner) served(folder string) error {
	me := os.Getuid()
	switch {
	case me == 0 && w.uid == 0:
		return refuse(ErrNoAccess, "%s belongs to root, and PostgreSQL refuses to run as root: give it to another user, as with chown -R nobody %s", folder, folder)
	case me != 0 && w.uid != me:
		return refuse(ErrNoAccess, "%s belongs to the user %s: run this command as that user, or choose another folder with --data", folder, w.name)
	}
	return nil
}

// gets hands a file to the owner, which only root can and need do.
func (w owner) gets(file string) error {
	if os.Getuid() != 0 {
		return nil
	}
	if err := os.Lchown(file, w.uid, w.gid); err != nil {
		return failed(err, "%s cannot be given to the user %s", file, w.name)
	}
	return nil
}

// reaches tells whether the owner may pass through a folder and all above it.
// Root looks at the modes, because for root itself every way is open.
func (w owner) reaches(folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return failed(err, "the folder %s cannot be read", dir)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil
		}
		may := fs.FileMode(0o001)
		if int(stat.Uid) == w.uid {
			may = 0o100
		} else if int(stat.Gid) == w.gid || slices.Contains(w.groups, int(stat.Gid)) {
			may = 0o010
		}
		if info.Mode().Perm()&may == 0 {
			return refuse(ErrNoAccess, "the user %s, who runs PostgreSQL, cannot enter %s: open it with chmod o+x %s, or move the data", w.name, dir, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func empty(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == 0
}
