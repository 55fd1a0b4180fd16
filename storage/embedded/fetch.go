package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	// pinned is the version everybody runs, and the one the tests run.
	pinned     = string(embeddedpostgres.V17)
	mirrorEnv  = "COMMONFIELD_PG_MIRROR"
	mavenHome  = "https://repo1.maven.org/maven2"
	silence    = 20 * time.Second // without a byte, a download counts as dead
	largestJar = 256 << 20
)

// sums are the SHA-256 of what we tried, so that a mirror is not trusted blindly.
// For a platform that is not listed the mirror's own sum must do.
var sums = map[string]string{
	"17.5.0 linux-amd64":        "646f3269075d1a23904127374e3cdbcef96beb32979fedee25d835877400fcbe",
	"17.5.0 linux-arm64v8":      "e02f27ff50ff2d90b6541d54f3f108505aacd84ea53c2890e976a684bfea2752",
	"17.5.0 linux-amd64-alpine": "7122386c7f7a089568f05720ada63448093d4065abbc0a89e6dc660851a53e3c",
	"17.5.0 darwin-amd64":       "fb70f783928e77c3d6ef5ca8ed644f1ac502f740fcfc032a375c8347820f2bdd",
	"17.5.0 darwin-arm64v8":     "e9d3398e10c2ec926395498b03e75ad1a24eeaed82895e756a7e173b202cf6de",
}

// systemCache keeps root's binaries, whose own cache folder nobody else may enter.
var systemCache = "/var/cache/commonfield"

// fetched is the folder with the pinned version, from the cache or the network.
func fetched(ctx context.Context, o Options, who owner) (string, error) {
	cache, err := cacheFolder(o.CacheDir, who)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "postgresql-"+pinned+"-"+platform())
	bin := filepath.Join(folder, "bin")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	held, err := lockFolder(ctx, cache)
	if err != nil {
		return "", err
	}
	defer held.Close()
	if _, err := os.Stat(bin); err == nil {
		return bin, nil // another command fetched it meanwhile
	}
	mirror := o.Mirror
	if mirror == "" {
		mirror = os.Getenv(mirrorEnv)
	}
	if mirror == "" {
		mirror = mavenHome
	}
	part := folder + ".part" // the lock makes it ours, whatever was cut short before
	if err := os.RemoveAll(part); err != nil {
		return "", failed(err, "the cache folder %s cannot be cleared", cache)
	}
	defer os.RemoveAll(part)
	if err := fetch(ctx, strings.TrimRight(mirror, "/"), part, o.Say); err != nil {
		return "", err
	}
	if err := os.Rename(part, folder); err != nil {
		return "", failed(err, "the cache folder %s cannot be written", cache)
	}
	o.Say("PostgreSQL " + pinned + " is kept in " + folder)
	return bin, nil
}

// cacheFolder makes the folder for the binaries, where the owner of the server reaches it.
func cacheFolder(asked string, who owner) (string, error) {
	cache := asked
	if cache == "" {
		home, err := os.UserCacheDir()
		switch {
		case err == nil:
			cache = filepath.Join(home, "commonfield")
		case os.Getuid() == 0:
			cache = systemCache
		default:
			return "", fmt.Errorf("there is no cache folder: set HOME")
		}
	}
	cache, err := filepath.Abs(cache)
	if err != nil {
		return "", err
	}
	if who.reaches(nearest(cache)) != nil {
		cache = systemCache
	}
	if err := makeFolder(cache); err != nil {
		return "", failed(err, "the cache folder %s cannot be made", cache)
	}
	return cache, who.reaches(cache)
}

// nearest is the folder itself or the closest one above it that exists.
func nearest(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// fetch downloads the archive, checks it and unpacks it into a folder.
func fetch(ctx context.Context, mirror, into string, say func(string)) error {
	name := "embedded-postgres-binaries-" + platform()
	address := fmt.Sprintf("%s/io/zonky/test/postgres/%s/%s/%s-%s.jar", mirror, name, pinned, name, pinned)
	want, known := sums[pinned+" "+platform()]
	if !known {
		var text strings.Builder
		if err := get(ctx, address+".sha256", &text, nil); err != nil {
			return err
		}
		want = strings.TrimSpace(text.String())
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return failed(err, "the folder %s cannot be made", into)
	}
	jar, err := os.OpenFile(filepath.Join(into, "archive.jar"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return failed(err, "the folder %s cannot be written", into)
	}
	defer jar.Close()
	sum := sha256.New()
	if err := get(ctx, address, io.MultiWriter(jar, sum), say); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("what came from %s is not what it should be (SHA-256 %.12s… instead of %.12s…)", host(address), got, want)
	}
	if err := unpack(jar, into); err != nil {
		return failed(err, "PostgreSQL cannot be unpacked into %s", into)
	}
	return os.Remove(jar.Name())
}

// get copies what an address serves. say, if given, hears how it goes.
func get(ctx context.Context, address string, to io.Writer, say func(string)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("the address %s is not one", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 8 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = silence
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return fmt.Errorf("%s does not answer: %s", host(address), bare(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", host(address), answer.Status)
	}
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	p := progress{to: to, total: answer.ContentLength, from: host(address), say: say, beat: func() { watchdog.Reset(silence) }}
	p.begin()
	if _, err := io.Copy(&p, io.LimitReader(answer.Body, largestJar)); err != nil {
		if p.failed != nil {
			return failed(p.failed, "the download cannot be kept")
		}
		return fmt.Errorf("the download from %s broke off: %s", host(address), bare(err))
	}
	return nil
}

// progress counts what passes and tells it about once a second.
type progress struct {
	to     io.Writer
	total  int64
	done   int64
	from   string
	say    func(string)
	beat   func()
	told   time.Time
	failed error
}

func (p *progress) begin() {
	p.told = time.Now()
	if p.say == nil {
		return
	}
	size := ""
	if p.total > 0 {
		size = fmt.Sprintf(" (%d MB, once)", (p.total+1<<19)>>20)
	}
	p.say("Fetching PostgreSQL " + pinned + size + " from " + p.from)
}

func (p *progress) Write(b []byte) (int, error) {
	p.beat()
	n, err := p.to.Write(b)
	p.failed = err
	p.done += int64(n)
	if p.say != nil && p.total > 0 && time.Since(p.told) > time.Second {
		p.told = time.Now()
		p.say(fmt.Sprintf("Fetching PostgreSQL: %d of %d MB (%d %%)", p.done>>20, p.total>>20, 100*p.done/p.total))
	}
	return n, err
}

// platform is how the archives name this machine.
func platform() string {
	arch := runtime.GOARCH
	if arch == "arm64" {
		arch = "arm64v8"
	}
	if _, err := os.Stat("/etc/alpine-release"); err == nil {
		arch += "-alpine"
	}
	return runtime.GOOS + "-" + arch
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// bare is an error of the network without the address, which may hold a password.
func bare(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return oneLine(err.Error())
}
