package embedded

import (
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
	if err := p.owner.gets(p.room()); err != nil {
		return err
	}
	for _, name := range []string{markFile, keeperFile, usersFile} {
		text := ""
		if name == markFile {
			text = markText
		}
		if err := put(p.file(name), text, 0o600, p.owner.gets); err != nil {
			return failed(err, "the data folder %s cannot be written", p.base)
		}
	}
	return nil
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
// One that holds data is never taken again: the folder that pointed to it is
// gone, and its data may still be wanted.
func elsewhere(data string, say func(string)) (string, error) {
	if err := makeFolder(fallbackRoot); err != nil {
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
		if errors.Is(err, fs.ErrExist) && !empty(filepath.Join(folder, roomName, clusterName)) {
			if _, err := os.Stat(filepath.Join(folder, roomName, clusterName)); err == nil {
				say(fmt.Sprintf("Earlier data of %s still lies in %s and is left alone", data, folder))
				continue
			}
		} else if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", failed(err, "the folder %s cannot be made", folder)
		}
		return folder, os.Chmod(folder, 0o755) // also under a narrow umask
	}
}

// makeFolder makes a folder and those above it that are missing. Root's are open to all also under a
// narrow umask, because root shares them with the user who runs PostgreSQL; what is
// private in them has its own lock.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chmod(dir, 0o755)
}

// put writes a small file in one step, unless it is there; gets hands it to its
// owner before anybody sees it. It follows no link somebody may have laid there.
func put(file, text string, mode fs.FileMode, gets func(string) error) error {
	if _, err := os.Lstat(file); err == nil {
		return nil
	}
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if gets != nil {
		if err := gets(part); err != nil {
			return err
		}
	}
	return os.Rename(part, file)
}
