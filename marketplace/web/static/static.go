// Package static holds the files of the pages that never change while the
// program runs: styles, the script, the icon sprite, drawings and the sign. Each has an
// address with a piece of its content's hash, so that a browser may keep it for
// ever, and lies here compressed once.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"path"
	"regexp"
	"strings"
)

//go:embed files
var files embed.FS

// Prefix is where the door serves these files.
const Prefix = "/static/"

// Forever is the Cache-Control of an address with a hash.
const Forever = "public, max-age=31536000, immutable"

// Script is the one script of the pages: htmx, unchanged, and the line of ours that asks
// for the worker. Worker is that worker, whose address has no hash (WorkerWay).
const (
	Script = "page.js"
	Worker = "worker.js"
)

// Asset is one file, ready to be sent.
type Asset struct {
	Name string // "components.css"
	Type string // Content-Type
	Body []byte
	Gzip []byte // nil where it would not be smaller
	Hash string

	address string
}

var byName, byAddress = load()

func load() (names, addresses map[string]*Asset) {
	names, addresses = map[string]*Asset{}, map[string]*Asset{}
	add := func(name string, body []byte) {
		a := prepare(name, body)
		names[a.Name], addresses[a.address] = a, a
	}
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		body := read(entry.Name())
		if path.Ext(entry.Name()) == ".css" {
			body = lean.ReplaceAll(body, nil)
		}
		add(entry.Name(), body)
	}
	add(Script, append(append(read("htmx.min.js"), '\n'), read("register.js")...))
	return names, addresses
}

func read(name string) []byte {
	body, err := files.ReadFile("files/" + name)
	if err != nil {
		panic(err)
	}
	return body
}

// lean is what a style sheet says to its writers only: remarks and the space
// before a line.
var lean = regexp.MustCompile(`(?s)/\*.*?\*/\n?|(?m:^[ \t]+)`)

func prepare(name string, body []byte) *Asset {
	sum := sha256.Sum256(body)
	a := &Asset{Name: name, Body: body, Hash: hex.EncodeToString(sum[:6]), Type: kind(name)}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(body); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if b.Len() < len(body) && a.Type != "image/png" && a.Type != "image/jpeg" { // they are small already
		a.Gzip = b.Bytes()
	}
	a.address = address(a)
	return a
}

// kind does not ask the system's table, which differs between machines.
func kind(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".png":
		return "image/png"
	case ".jpg":
		return "image/jpeg"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// address puts the hash before the ending: /static/components.3fa9c1d2e0b4.css.
func address(a *Asset) string {
	ext := path.Ext(a.Name)
	return Prefix + strings.TrimSuffix(a.Name, ext) + "." + a.Hash + ext
}

// URL is the address of a file. An unknown name is a mistake in the program and
// panics.
func URL(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return a.address
}

// Find gives the file of a whole address path (beginning with Prefix). The
// address of another version of a file is not found.
func Find(address string) (*Asset, bool) {
	a, ok := byAddress[address]
	return a, ok
}

var sign = regexp.MustCompile(`id="i-([a-z-]+)"`)

// Signs lists the icons of the sprite.
func Signs() []string {
	var names []string
	for _, m := range sign.FindAllSubmatch(byName["icons.svg"].Body, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

// Names lists the files.
func Names() []string {
	var names []string
	for name := range byName {
		names = append(names, name)
	}
	return names
}
