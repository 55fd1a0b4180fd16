package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/fault"
	"commonfield/storage/trail"
)

// The limits of synonyms.
const (
	mostGroups = 1_000
	mostNames  = 20
	longName   = 40
)

// apart is what stands between names where a group is written as one line.
const apart = ",，、;；|\r\n\t\x00"

// old is how long an instance goes by the synonyms it has read; another
// instance's change is known after it.
const old = 10 * time.Second

// kept are the synonyms as they were read last.
type kept struct {
	mu sync.Mutex
	s  *Synonyms
	at time.Time
}

func (k *kept) now(ctx context.Context, db *storage.DB) (*Synonyms, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.s != nil && time.Since(k.at) < old {
		return k.s, nil
	}
	groups, err := groupsOf(ctx, db)
	if err != nil {
		if storage.Away(err) && k.s != nil {
			return k.s, nil // an engine outside the database may still answer
		}
		return nil, err
	}
	k.s, k.at = NewSynonyms(groups), time.Now()
	return k.s, nil
}

// ReadGroups reads groups that are written one a line, names divided by commas;
// an empty line is an empty group, so that a group's number is its line's.
func ReadGroups(text string) [][]string {
	var groups [][]string
	for line := range strings.Lines(text) {
		groups = append(groups, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(apart, r) }))
	}
	return groups
}

// WriteGroups writes groups as ReadGroups reads them.
func WriteGroups(groups [][]string) string {
	lines := make([]string, len(groups))
	for i, g := range groups {
		lines[i] = strings.Join(g, ", ")
	}
	return strings.Join(lines, "\n")
}

func (k *kept) forget() { k.mu.Lock(); defer k.mu.Unlock(); k.s = nil }

func groupsOf(ctx context.Context, db *storage.DB) (all [][]string, err error) {
	err = db.ViewShared(ctx, func(tx *storage.Tx) (err error) { all, err = groupsIn(tx); return err })
	return all, err
}

func groupsIn(tx *storage.Tx) ([][]string, error) {
	var rows []struct {
		No   int    `db:"group_no"`
		Name string `db:"name"`
	}
	err := tx.Select(&rows, "SELECT group_no, name FROM synonyms ORDER BY group_no, position, name")
	var all [][]string
	for i, r := range rows {
		if i == 0 || r.No != rows[i-1].No {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], r.Name)
	}
	return all, err
}

// Synonyms lists the groups of names for the same thing.
func (d *Desk) Synonyms(ctx context.Context) ([][]string, error) { return groupsOf(ctx, d.db) }

// Edition names a state of the synonyms, so that whoever writes can say which
// state they had read.
func Edition(groups [][]string) string {
	h := sha256.New()
	for _, g := range groups {
		_, _ = io.WriteString(h, strings.Join(g, "\x00")+"\x01")
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// SetSynonyms replaces all groups, by an operator of the platform
// (operator_only). Names are trimmed, those said twice in a group fall away,
// and so does a group of one. Of what cannot stand it names the group
// (synonym_name, synonym_long, synonym_group), and it refuses too many of them
// (synonyms_many). With an edition it refuses (conflict) when they are in
// another state by now, unless that is the wished one. Searches here go by them
// at once, other instances within seconds. Twice is once.
func (d *Desk) SetSynonyms(ctx context.Context, by people.Person, groups [][]string, edition string) error {
	if !by.IsOperator(storage.Platform) {
		return fault.Forbidden("operator_only")
	}
	groups, err := tidy(groups)
	if err != nil {
		return err
	}
	if err := d.db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		// Two who write at once must not leave a mixture.
		if _, err := tx.Exec("LOCK TABLE synonyms IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
		stand, err := groupsIn(tx)
		if err != nil {
			return err
		}
		switch is := Edition(stand); {
		case is == Edition(groups):
			return nil
		case edition != "" && is != edition:
			return fault.Conflict("conflict")
		}
		if _, err := tx.Exec("DELETE FROM synonyms"); err != nil {
			return err
		}
		write(tx, groups)
		return nil
	}); err != nil {
		return err
	}
	d.names.forget()
	return d.db.Update(ctx, storage.Platform, func(tx *storage.Tx) error {
		tx.Keyed() // a line too many does no harm
		trail.Write(tx, by.ID, "search.synonyms", "search:synonyms", "")
		return nil
	})
}

func tidy(groups [][]string) ([][]string, error) {
	var all [][]string
	for i, g := range groups {
		var names, seen []string
		for _, name := range g {
			name = strings.TrimSpace(name)
			folded := stemmed(name)
			switch {
			case name == "" || slices.Contains(seen, folded) && folded != "":
				continue
			case folded == "" || !utf8.ValidString(name) || strings.ContainsAny(name, apart):
				return nil, fault.Invalid("synonyms", "synonym_name", fault.Args{"group": i + 1})
			case utf8.RuneCountInString(name) > longName:
				return nil, fault.Invalid("synonyms", "synonym_long", fault.Args{"group": i + 1, "most": longName})
			}
			names, seen = append(names, name), append(seen, folded)
		}
		if len(names) > mostNames {
			return nil, fault.Invalid("synonyms", "synonym_group", fault.Args{"group": i + 1, "most": mostNames})
		}
		if len(names) > 1 {
			all = append(all, names)
		}
	}
	if len(all) > mostGroups {
		return nil, fault.Invalid("synonyms", "synonyms_many", fault.Args{"most": mostGroups})
	}
	return all, nil
}

func write(tx *storage.Tx, groups [][]string) {
	var no, place []int64
	var names []string
	for i, g := range groups {
		for j, name := range g {
			no, place, names = append(no, int64(i+1)), append(place, int64(j+1)), append(names, name)
		}
	}
	tx.Queue(`INSERT INTO synonyms (group_no, position, name)
		SELECT v.no::integer, v.position::smallint, v.name FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS v(no, position, name) ORDER BY 1, 2
		ON CONFLICT (group_no, name) DO NOTHING`, pq.Array(no), pq.Array(place), pq.Array(names))
}

// first are the synonyms that an installation begins with.
var first = [][]string{
	{"核桃", "胡桃", "walnut"}, {"红枣", "大枣", "枣子", "red date", "jujube"}, {"枸杞", "goji", "wolfberry"},
	{"棉花", "皮棉", "籽棉", "cotton"}, {"长绒棉", "long-staple cotton", "pima cotton"}, {"大米", "稻米", "rice"}, {"糯米", "江米", "glutinous rice", "sticky rice"},
	{"小米", "粟米", "millet"}, {"玉米", "苞谷", "苞米", "棒子", "corn", "maize"}, {"土豆", "马铃薯", "洋芋", "potato"}, {"红薯", "地瓜", "番薯", "甘薯", "sweet potato"},
	{"西红柿", "番茄", "tomato"}, {"花生", "落花生", "peanut", "groundnut"}, {"蜂蜜", "土蜂蜜", "honey"}, {"黑木耳", "木耳", "wood ear", "black fungus"},
	{"香菇", "冬菇", "shiitake"}, {"辣椒", "海椒", "chili", "chilli", "chile"}, {"花椒", "sichuan pepper"}, {"茶叶", "tea"}, {"茶油", "山茶油", "camellia oil", "tea seed oil"},
	{"菜籽油", "菜油", "rapeseed oil"}, {"腊肉", "烟熏肉", "cured pork", "bacon"}, {"鸡蛋", "土鸡蛋", "笨鸡蛋", "egg"}, {"苹果", "apple"}, {"梨", "梨子", "pear"},
	{"葡萄", "提子", "grape"}, {"葡萄干", "raisin"}, {"杏干", "dried apricot"}, {"哈密瓜", "hami melon"}, {"石榴", "pomegranate"}, {"猕猴桃", "奇异果", "kiwi", "kiwifruit"},
	{"板栗", "栗子", "chestnut"}, {"巴旦木", "巴旦杏", "扁桃仁", "almond"}, {"碧根果", "长寿果", "pecan"}, {"羊肉", "mutton", "lamb"}, {"牛肉", "beef"}, {"羊毛", "wool"},
	{"有机", "organic"}, {"刺绣", "绣品", "embroidery"},
}

// Load writes the synonyms that an installation begins with, if it has none.
func Load(ctx context.Context, db *storage.DB) error {
	return db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed()
		var some bool
		if err := tx.Get(&some, "SELECT EXISTS (SELECT 1 FROM synonyms)"); err != nil || some {
			return err
		}
		write(tx, first)
		return nil
	})
}
