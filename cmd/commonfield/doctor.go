package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"commonfield/catalog/search"
	"commonfield/marketplace"
	"commonfield/storage"
	"commonfield/storage/blob"
	"commonfield/storage/fault"
	"commonfield/storage/jobs"
	"commonfield/storage/migrations"
	"commonfield/storage/seal"
)

// Doctor looks at everything the program needs.
type Doctor struct {
	JSON bool `help:"For a script."`
}

// Help shows an example.
func (*Doctor) Help() string {
	return `Changes nothing, except that it starts the private database when it does not run. Exit 1 when something is ill.

Example:
  commonfield doctor`
}

// Run looks and says how to mend what is ill.
func (d *Doctor) Run(p *program) error {
	found := []finding{p.folder(), p.room(), p.keys(), p.blobs()}
	b, err := p.database()
	if err != nil {
		_, line := judge(err)
		found = append(found, finding{Name: "database", Says: line, Mend: "name a server in DATABASE_URL, or see the line above"})
	} else {
		defer b.close()
		found = append(found, p.patient(b)...)
	}
	return p.findings(append(found, p.takesMoney(), p.post(), p.texts()), d.JSON)
}

// patient looks at a database that answers.
func (p *program) patient(b *base) []finding {
	found := []finding{{Name: "database", OK: true, Says: b.where()}}
	version, err := versions(p.ctx, b)
	if err != nil {
		return append(found, finding{Name: "schema", Says: err.Error(), Mend: "commonfield migrate"})
	}
	found = append(found, version...)
	if settings, err := settingsOf(p.ctx, b); err == nil {
		for _, s := range settings {
			if !s.OK {
				found = append(found, s)
			}
		}
	}
	if p.production() {
		found = append(found, powerless(p.ctx, b))
	}
	if have, want, err := migrations.Pending(p.ctx, b.url); err != nil || have != want {
		return found // without the tables there is no more to look at
	}
	db, err := storage.Open(p.ctx, storage.Options{URL: b.url, Pool: 2})
	if err != nil {
		return append(found, finding{Name: "login", Says: err.Error(), Mend: "the login must be a member of commonfield_app: GRANT commonfield_app TO it"})
	}
	defer func() { _ = db.Close() }()
	return append(found, clock(db), queue(p.ctx, db), p.finds(db))
}

func powerless(ctx context.Context, b *base) finding {
	super, owner, err := powers(ctx, b.url)
	f := finding{Name: "login", OK: err == nil && !super && !owner, Says: "cannot change the books",
		Mend: "use a login that is only a member of commonfield_app, neither owner nor superuser"}
	if !f.OK {
		f.Says = "could change the books"
	}
	return f
}

// clock compares Go's clock with the database's. The program goes by the
// database's, so an offset is harmless to it, and still a sign of an ill machine.
func clock(db *storage.DB) finding {
	off := time.Until(db.Now()).Round(time.Millisecond)
	return finding{Name: "clock", OK: off.Abs() < 5*time.Second, Says: fmt.Sprintf("%s from the database's", off),
		Mend: "let both machines keep time by NTP"}
}

func queue(ctx context.Context, db *storage.DB) finding {
	counts, err := jobs.Depth(ctx, db)
	if err != nil {
		return finding{Name: "jobs", Says: err.Error(), Mend: "see the database"}
	}
	return finding{Name: "jobs", OK: counts["failed"] == 0, Says: fmt.Sprintf("%d waiting or later, %d at work, %d gave up", counts["ready"], counts["leased"], counts["failed"]),
		Mend: "the operator's desk shows why, and tries again"}
}

// finds looks how search is: which engine, whether it is well, how far behind.
func (p *program) finds(db *storage.DB) finding {
	f := finding{Name: "search", Mend: "start the engine again; goods can be looked through and bought meanwhile"}
	engine := marketplace.Engine(marketplace.Config{MeiliURL: p.MeiliURL, MeiliKey: p.MeiliKey, Log: slog.New(slog.DiscardHandler)}, db)
	h, err := search.New(db, engine, nil).Health(p.ctx)
	if err != nil {
		f.Says = engine.Name() + " cannot be reached"
		if told, ok := fault.As(err); ok && told.Cause != nil {
			f.Says += ": " + strings.ReplaceAll(told.Cause.Error(), "\n", " ")
		}
		return f
	}
	f.OK = h.Lag < late
	f.Says = fmt.Sprintf("%s %s, %d documents, nothing waits", h.Engine, h.Version, h.Documents)
	if h.Lag > 0 {
		f.Says = fmt.Sprintf("%s %s, %d documents, the oldest change waits for %s", h.Engine, h.Version, h.Documents, h.Lag.Round(time.Second))
		f.Mend = "see the jobs: commonfield work --drain does them now, commonfield reindex builds anew"
	}
	return f
}

// late is how long a change may wait before search is ill.
const late = 5 * time.Minute

// folder looks whether the data folder can be written.
func (p *program) folder() finding {
	f := finding{Name: "data folder", Says: p.Data, Mend: "make it, give it to this user, or choose another with --data"}
	info, err := os.Stat(p.Data)
	switch {
	case os.IsNotExist(err):
		f.OK, f.Says = true, p.Data+" will be made"
		return f
	case err != nil:
		f.Says = err.Error()
		return f
	case !info.IsDir():
		f.Says = p.Data + " is not a folder"
		return f
	}
	f.OK = writable(p.Data)
	if !f.OK {
		f.Says = p.Data + " cannot be written"
	}
	return f
}

func writable(dir string) bool {
	trial, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return false
	}
	_ = trial.Close()
	return os.Remove(trial.Name()) == nil
}

// room looks at the free space of the disk.
func (p *program) room() finding {
	f := finding{Name: "disk", Mend: "make room: below 1 GB PostgreSQL soon stops"}
	free, err := freeSpace(p.Data)
	if err != nil {
		f.Says = err.Error()
		return f
	}
	f.OK, f.Says = free >= 1<<30, fmt.Sprintf("%d MB free", free>>20)
	return f
}

// freeSpace is what this user may still write on the disk of a folder, which
// need not exist yet.
func freeSpace(folder string) (uint64, error) {
	dir, err := filepath.Abs(folder)
	if err != nil {
		return 0, err
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, err
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}

// keys looks at the key set, without making one.
func (p *program) keys() finding {
	f := finding{Name: "keys", OK: true, Says: "in COMMONFIELD_KEYS", Mend: "bring the key file back from the backup: without it sealed fields cannot be read"}
	file := filepath.Join(p.Data, keysFile)
	if os.Getenv(seal.Env) == "" {
		info, err := os.Stat(file)
		switch {
		case os.IsNotExist(err):
			f.Says = file + " will be made at the first start"
			return f
		case err == nil && info.Mode().Perm()&0o077 != 0:
			f.OK, f.Says, f.Mend = false, fmt.Sprintf("%s may be read by others (%s)", file, info.Mode().Perm()), "chmod 600 "+file
			return f
		}
		f.Says = file
	}
	box, err := seal.Open(file)
	if err == nil {
		var sealed, opened []byte
		if sealed, err = box.Seal([]byte("well"), "doctor"); err == nil {
			if opened, err = box.Open(sealed, "doctor"); err == nil && string(opened) != "well" {
				err = fs.ErrInvalid
			}
		}
	}
	if err != nil {
		f.OK, f.Says = false, strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return f
}

// blobs looks whether the folder of pictures and bank files works.
func (p *program) blobs() finding {
	dir := filepath.Join(p.Data, blobsFolder)
	f := finding{Name: "blobs", OK: true, Says: dir, Mend: "give the folder to this user"}
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		f.Says = dir + " will be made at the first start"
		return f
	}
	store, err := blob.Open(p.ctx, dir)
	if err != nil {
		f.OK, f.Says = false, err.Error()
		return f
	}
	_ = store.Close()
	if !writable(dir) {
		f.OK, f.Says = false, dir+" cannot be written"
	}
	return f
}
