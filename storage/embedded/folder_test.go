package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// print is all that is in a folder: names, modes, content.
func print(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sum.Write([]byte(path + info.Mode().String()))
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum.Write(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// lay writes a file as the owner of its folder.
func lay(t *testing.T, file, text string) {
	t.Helper()
	if err := makeFolder(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(file, int(stat.Uid), int(stat.Gid)); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsNotOursIsRefusedAndUntouched(t *testing.T) {
	for name, file := range map[string]string{
		"letters":           "letters/to-grandmother.txt",
		"a cluster":         "PG_VERSION",
		"another postgres":  "postgres/notes.txt",
		"data beside a dot": "photo.jpg",
	} {
		t.Run(name, func(t *testing.T) {
			data := folder(t)
			lay(t, filepath.Join(data, file), "15\n")
			before := print(t, data)
			refused(t, ErrNotOurFolder, Options{Data: data, Unsafe: true}, data)
			if print(t, data) != before {
				t.Error("it was touched")
			}
		})
	}
}

func TestWhatTheProgramKeepsBesideIsAccepted(t *testing.T) {
	t.Parallel()
	data := folder(t)
	lay(t, filepath.Join(data, "blob", "picture.jpg"), "x")
	lay(t, filepath.Join(data, ".gitignore"), "*")
	refused(t, ErrNotOurFolder, Options{Data: data, Unsafe: true}, "blob")
	open(t, data, func(o *Options) { o.Beside = []string{"blob"} })
}

// cluster is a settled folder whose cluster a test may spoil.
func cluster(t *testing.T, data string) place {
	t.Helper()
	s := written(t, data)
	_ = s.Close()
	stopped(t, data)
	return s.place
}

func TestDataOfAnotherVersionIsRefusedAndUntouched(t *testing.T) {
	t.Parallel()
	data := folder(t)
	where := cluster(t, data)
	version := filepath.Join(where.cluster(), "PG_VERSION")
	right, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"12\n", "9.6\n", "99\n"} {
		if err := os.WriteFile(version, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		before := print(t, where.cluster())
		whole, _, _ := strings.Cut(strings.TrimSpace(wrong), ".")
		refused(t, ErrOtherVersion, Options{Data: data, Unsafe: true}, "PostgreSQL "+whole, pinned, "--pg-bin")
		if print(t, where.cluster()) != before {
			t.Error("it was touched")
		}
	}
	if err := os.WriteFile(version, []byte("what?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, ErrOtherVersion, Options{Data: data, Unsafe: true})
	if err := os.WriteFile(version, right, 0o600); err != nil {
		t.Fatal(err)
	}
	stillThere(t, open(t, data))
}

func TestAClusterWithoutItsVersionIsRefusedAndUntouched(t *testing.T) {
	t.Parallel()
	data := folder(t)
	where := cluster(t, data)
	version := filepath.Join(where.cluster(), "PG_VERSION")
	if err := os.Rename(version, version+".away"); err != nil {
		t.Fatal(err)
	}
	before := print(t, where.cluster())
	refused(t, ErrNotOurFolder, Options{Data: data, Unsafe: true}, "PG_VERSION")
	if print(t, where.cluster()) != before {
		t.Error("it was touched")
	}
	if err := os.Rename(version+".away", version); err != nil {
		t.Fatal(err)
	}
	stillThere(t, open(t, data))
}

func TestAnInitdbCutShortIsBegunAgain(t *testing.T) {
	t.Parallel()
	data := folder(t)
	where := cluster(t, data)
	// As if the power had gone while pg.new was made.
	if err := os.Rename(where.cluster(), where.file(newName)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(where.file(newName + "/global/pg_control")); err != nil {
		t.Fatal(err)
	}
	before := print(t, where.file(newName))
	refused(t, ErrNotOurFolder, Options{Data: data, Unsafe: true}, newName)
	if print(t, where.file(newName)) != before {
		t.Error("a pg.new that is not marked as ours was touched")
	}
	lay(t, where.file(newMark), markLine)
	s := open(t, data)
	if query(t, s.URL(), `select count(*) from pg_tables where tablename = 'kept'`) != "0" {
		t.Error("the cluster that was cut short counts as data")
	}
	if _, err := os.Stat(where.file(newName)); !os.IsNotExist(err) {
		t.Error("pg.new is still there")
	}
}

func TestALostPasswordIsMadeAnew(t *testing.T) {
	t.Parallel()
	data := folder(t)
	where := cluster(t, data)
	if err := os.Remove(where.file(passwordFile)); err != nil {
		t.Fatal(err)
	}
	stillThere(t, open(t, data))
	info, err := os.Stat(where.file(passwordFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file is %v, %v", info, err)
	}
}

func onlyRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root can have a folder that the database's user cannot enter")
	}
}

func TestAFolderTheDatabaseCannotReachIsServedFromElsewhere(t *testing.T) {
	onlyRoot(t)
	outside := filepath.Dir(folder(t))
	kept := fallbackRoot
	fallbackRoot = filepath.Join(outside, "lib")
	t.Cleanup(func() { fallbackRoot = kept })
	home := filepath.Join(outside, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(home, "shop", "data")
	var said []string
	s := open(t, data, func(o *Options) { o.Say = func(line string) { said = append(said, line) } })
	if !strings.HasPrefix(s.Folder(), fallbackRoot) || !strings.Contains(strings.Join(said, "\n"), s.Folder()) {
		t.Errorf("the data lies in %s, and it says %q", s.Folder(), said)
	}
	do(t, s.URL(), `create table kept as select 'walnuts'::text as what`)
	_ = s.Close()
	stopped(t, data)
	again := open(t, data)
	stillThere(t, again)
	if again.Folder() != s.Folder() {
		t.Errorf("the second time the data lies in %s", again.Folder())
	}
	_ = again.Close()
	stopped(t, data)
	before := print(t, again.place.cluster())
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	fresh := open(t, data)
	if fresh.Folder() == s.Folder() || print(t, again.place.cluster()) != before {
		t.Error("the earlier data was taken again")
	}
	_ = fresh.Close()
	stopped(t, data)
	if err := os.RemoveAll(fresh.Folder()); err != nil {
		t.Fatal(err)
	}
	refused(t, nil, Options{Data: data, Unsafe: true}, fresh.Folder())
}

func TestRootServesAClusterAsItsOwner(t *testing.T) {
	onlyRoot(t)
	data := folder(t)
	s := open(t, data, func(o *Options) { o.User = "daemon" })
	for range 2 {
		info, err := os.Stat(s.place.cluster())
		if err != nil {
			t.Fatal(err)
		}
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid == 0 || int(uid) != s.place.owner.uid {
			t.Errorf("the cluster belongs to %d, its server runs as %d", uid, s.place.owner.uid)
		}
		_ = s.Close()
		stopped(t, data)
		s = open(t, data) // nobody is asked for now, and the owner stays
	}
	if s.place.owner.name != "daemon" {
		t.Errorf("it is served as %s", s.place.owner.name)
	}
}

func TestAUserThatIsNotThereIsRefused(t *testing.T) {
	onlyRoot(t)
	refused(t, ErrNoAccess, Options{Data: folder(t), User: "no-such-user"}, "--db-user")
	refused(t, ErrNoAccess, Options{Data: folder(t), User: "root"}, "--db-user")
}

func TestAnUnwritableFolderIsOneClearLine(t *testing.T) {
	file := filepath.Join(filepath.Dir(folder(t)), "file")
	lay(t, file, "x")
	refused(t, nil, Options{Data: filepath.Join(file, "data")}, file)
	if os.Getuid() == 0 {
		return // root may write anywhere
	}
	locked := filepath.Join(filepath.Dir(file), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	refused(t, ErrNoAccess, Options{Data: filepath.Join(locked, "data")}, locked)
	refused(t, ErrNoAccess, Options{Data: locked}, locked)
}
