package main

import (
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"commonfield/marketplace/notice/mail"
)

// Config shows the settings.
type Config struct {
	JSON bool `help:"For a script."`
}

// Help shows an example.
func (*Config) Help() string {
	return `Flags win over the environment, the environment over defaults. Secrets are never printed, only whether they are set.

Example:
  COMMONFIELD_ADDR=127.0.0.1:9000 commonfield config`
}

// setting is one value and where it comes from.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"from"`
	Note   string `json:"note,omitempty"`
}

// Run prints every setting.
func (c *Config) Run(p *program) error {
	all := p.effective()
	if c.JSON {
		return p.json(all)
	}
	t := columns("setting", "value", "from", "")
	for _, s := range all {
		t.add(s.Name, s.Value, s.Source, s.Note)
	}
	t.print(p.out)
	return nil
}

// effective gathers flags that the environment can set, and the variables that
// rooms below read themselves.
func (p *program) effective() []setting {
	given := map[*kong.Flag]bool{}
	for _, step := range p.args.Path {
		if step.Flag != nil {
			given[step.Flag] = true
		}
	}
	flags := p.flags()
	all := make([]setting, 0, len(flags)+len(others))
	for _, f := range flags {
		s := setting{Name: "--" + f.Name, Value: f.Default, Source: "default"}
		for _, env := range f.Envs {
			if value, set := os.LookupEnv(env); set {
				s.Value, s.Source = value, "environment "+env
			}
		}
		if given[f] {
			s.Value, s.Source = shown(f.Target), "flag"
		}
		if s.Name == "--meili-key" && s.Value != "" {
			s.Value = "(set)"
		}
		if s.Name == "--meili-url" {
			s.Value = withoutSecret(s.Value)
		}
		if s.Name == "--database-url" {
			s.Value = withoutSecret(s.Value)
			if s.Value == "" {
				s.Note = "the private PostgreSQL in --data"
			}
		}
		all = append(all, s)
	}
	for _, v := range others {
		s := setting{Name: v.name, Source: "not set", Note: v.says}
		if value, set := os.LookupEnv(v.name); set && value != "" {
			s.Value, s.Source = value, "environment"
			switch {
			case v.secret:
				s.Value = "(set)"
			case v.plain || value == mail.LogWay || value == mail.FolderWay:
				s.Value = value
			case v.host:
				s.Value = hostOf(value)
			default:
				s.Value = withoutSecret(value)
			}
		}
		all = append(all, s)
	}
	return all
}

// shown writes the value of a flag; lists as they are typed.
func shown(v reflect.Value) string {
	if v.Kind() != reflect.Slice {
		return fmt.Sprint(v.Interface())
	}
	parts := make([]string, v.Len())
	for i := range parts {
		parts[i] = fmt.Sprint(v.Index(i).Interface())
	}
	return strings.Join(parts, ",")
}

// flags are those of every command that the environment can set, once each.
func (p *program) flags() []*kong.Flag {
	var found []*kong.Flag
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			if len(f.Envs) > 0 {
				found = append(found, f)
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(p.args.Model.Node)
	return found
}

// hostOf gives an address as far as its host.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "(set)"
	}
	return u.Scheme + "://" + u.Host
}

// withoutSecret gives an address without its password and parameters; what is
// no address is not shown at all.
func withoutSecret(address string) string {
	if address == "" {
		return ""
	}
	if u, err := url.Parse(address); err == nil && u.Scheme != "" && u.Host != "" {
		shown := u.Scheme + "://"
		if name := u.User.Username(); name != "" {
			shown += name + "@"
		}
		return shown + u.Host + u.Path
	}
	var kept []string
	for part := range strings.FieldsSeq(address) { // host=… user=… password=…
		if key, _, ok := strings.Cut(part, "="); ok && (key == "host" || key == "port" || key == "dbname" || key == "user") {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "(set)"
	}
	return strings.Join(kept, " ")
}
