package embedded

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFullDiskIsOneClearLine(t *testing.T) {
	onlyRoot(t)
	data := folder(t)
	disk := filepath.Join(filepath.Dir(data), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=12m,mode=755"); err != nil {
		t.Skipf("SKIPPED: no small disk can be had here: %v", err)
	}
	t.Cleanup(func() {
		// The keeper that refused may hold its log for a moment longer.
		until(t, "the disk could be removed", func() bool { return syscall.Unmount(disk, 0) == nil })
	})
	tight := filepath.Join(disk, "data")
	refused(t, ErrDiskFull, Options{Data: tight}, "make room")
	stopped(t, tight)
	refused(t, ErrDiskFull, Options{Data: tight}, "make room") // and it left nothing that is in the way
	stopped(t, tight)
}
