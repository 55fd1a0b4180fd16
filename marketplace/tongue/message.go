package tongue

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// compiled is one sentence cut at its placeholders: text, name, text, name, …
type compiled struct {
	parts  []string
	plural bool
}

// cut splits "{{.name}}" placeholders out of a sentence.
func cut(src string) (*compiled, error) {
	c := &compiled{}
	for {
		before, rest, found := strings.Cut(src, "{{")
		c.parts = append(c.parts, before)
		if !found {
			return c, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		name = strings.TrimSpace(name)
		if !closed || !strings.HasPrefix(name, ".") {
			return nil, fmt.Errorf("placeholder in %q", src)
		}
		c.parts = append(c.parts, name[1:])
		src = after
	}
}

// names lists the placeholders.
func (c *compiled) names() []string {
	var names []string
	for i := 1; i < len(c.parts); i += 2 {
		names = append(names, c.parts[i])
	}
	return names
}

func (c *compiled) fill(args map[string]any) (string, error) {
	if len(c.parts) == 1 {
		return c.parts[0], nil
	}
	var b strings.Builder
	for i, part := range c.parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		value, ok := args[part]
		if !ok {
			return "", fmt.Errorf("no value for %s", part)
		}
		b.WriteString(text(value))
	}
	return b.String(), nil
}

// Execute lets go-i18n fill the plural forms with the same few lines.
func (c *compiled) Execute(data any) (string, error) {
	args, _ := data.(map[string]any)
	return c.fill(args)
}

type parser struct{}

func (parser) Cacheable() bool { return true }

func (parser) Parse(src, _, _ string) (template.ParsedTemplate, error) { return cut(src) }

func compile() map[string]map[string]*compiled {
	all := map[string]map[string]*compiled{}
	for _, lang := range Languages {
		all[lang] = map[string]*compiled{}
		for _, m := range messages(lang) {
			c, err := cut(m.Other)
			if err != nil {
				panic(fmt.Sprintf("catalogue %s, %s: %v", lang, m.ID, err))
			}
			c.plural = m.One != ""
			all[lang][m.ID] = c
		}
	}
	return all
}

// T returns the sentence of the key, with pairs of name and value filled in:
// T("orders.of", "name", "Tursun"). A value called "count" chooses the plural
// form. A key without a sentence comes back in double brackets, so that it is
// seen and a test finds it.
func (r Reader) T(key string, pairs ...any) string {
	c := catalogues[r.Lang()][key]
	if c == nil {
		return missing(key)
	}
	if c.plural {
		args := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			args[text(pairs[i])] = pairs[i+1]
		}
		return r.Say(key, args)
	}
	if len(c.parts) == 1 {
		return c.parts[0] // most of a page
	}
	return r.pair(key, c, pairs)
}

// pair fills a sentence that has one form. Pages are full of them, so no map is
// made.
func (r Reader) pair(key string, c *compiled, pairs []any) string {
	var b strings.Builder
	b.Grow(128)
	for i, part := range c.parts {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		at := 0
		for at+1 < len(pairs) && pairs[at] != part {
			at += 2
		}
		if at+1 >= len(pairs) {
			return missing(key + ": no value for " + part)
		}
		switch n := pairs[at+1].(type) {
		case int64:
			b.WriteString(r.number(part, n))
		case int:
			b.WriteString(r.number(part, int64(n)))
		default:
			b.WriteString(text(n))
		}
	}
	return b.String()
}

// number writes a whole number; a count has its thousands marked.
func (r Reader) number(name string, n int64) string {
	if name == "count" {
		return r.Count(n)
	}
	return strconv.FormatInt(n, 10)
}

// Say is T with the values in a map.
func (r Reader) Say(key string, args map[string]any) string {
	c := catalogues[r.Lang()][key]
	if c == nil {
		return missing(key)
	}
	out, err := r.fill(key, c, args)
	if err != nil {
		return missing(key + ": " + err.Error())
	}
	return out
}

func (r Reader) fill(key string, c *compiled, args map[string]any) (string, error) {
	count, counted := args["count"]
	switch n := count.(type) {
	case int64:
		args = with(args, r.Count(n))
	case int:
		args = with(args, r.Count(int64(n)))
	}
	if !c.plural || !counted {
		return c.fill(args)
	}
	return localizers[r.Lang()].Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: args, PluralCount: count, TemplateParser: parser{},
	})
}

func with(args map[string]any, count string) map[string]any {
	copied := make(map[string]any, len(args)+1)
	maps.Copy(copied, args)
	copied["count"] = count
	return copied
}

func missing(key string) string { return "⟦" + key + "⟧" }

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case int32:
		return strconv.FormatInt(int64(v), 10)
	}
	return fmt.Sprint(v)
}
