package embedded

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xi2/xz"
)

// unpack puts the programs out of the archive (a .txz inside a .jar) into a
// folder, readable for everybody: the server runs as another user than root.
func unpack(jar *os.File, into string) error {
	info, err := jar.Stat()
	if err != nil {
		return err
	}
	box, err := zip.NewReader(jar, info.Size())
	if err != nil {
		return err
	}
	for _, file := range box.File {
		if strings.HasSuffix(file.Name, ".txz") {
			packed, err := file.Open()
			if err != nil {
				return err
			}
			defer packed.Close()
			return unpackTxz(packed, into)
		}
	}
	return errors.New("the archive holds no programs")
}

func unpackTxz(packed io.Reader, into string) error {
	plain, err := xz.NewReader(packed, 0)
	if err != nil {
		return err
	}
	if err := os.Chmod(into, 0o755); err != nil {
		return err
	}
	files := tar.NewReader(plain)
	for {
		header, err := files.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.Clean(header.Name)
		if name == "." {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("the archive wants to write to %s", header.Name)
		}
		if err := unpackOne(files, header, filepath.Join(into, name)); err != nil {
			return err
		}
	}
}

func unpackOne(files *tar.Reader, header *tar.Header, target string) error {
	if err := makeOpen(filepath.Dir(target)); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return makeOpen(target)
	case tar.TypeSymlink:
		if !filepath.IsLocal(header.Linkname) {
			return fmt.Errorf("the archive holds a link to %s", header.Linkname)
		}
		return os.Symlink(header.Linkname, target)
	case tar.TypeReg:
		mode := os.FileMode(0o644)
		if header.Mode&0o100 != 0 {
			mode = 0o755
		}
		f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, files)
		return errors.Join(err, f.Chmod(mode), f.Close())
	}
	return nil
}

// makeOpen makes a folder everybody may enter, also under a narrow umask.
func makeOpen(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}
