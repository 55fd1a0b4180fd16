package catalog

import (
	"context"

	"github.com/lib/pq"

	"commonfield/storage"
)

// categories are the ones every instance has; Load writes them. Fresh is what
// spoils within days.
var categories = []Category{
	{"cotton", "", "棉花", "Cotton", false},
	{"grain", "", "粮食", "Grain", false},
	{"rice", "grain", "大米", "Rice", false},
	{"millet", "grain", "小米杂粮", "Millet and coarse grain", false},
	{"nut", "", "坚果", "Nuts", false},
	{"walnut", "nut", "核桃", "Walnuts", false},
	{"fruit", "", "鲜果", "Fresh fruit", true},
	{"vegetable", "", "蔬菜", "Vegetables", true},
	{"dried-fruit", "", "干果", "Dried fruit", false},
	{"red-date", "dried-fruit", "红枣", "Red dates", false},
	{"goji", "dried-fruit", "枸杞", "Goji berries", false},
	{"honey", "", "蜂蜜", "Honey", false},
	{"mushroom", "", "菌菇干货", "Dried mushrooms", false},
	{"spice", "", "辣椒香料", "Chili and spices", false},
	{"tea", "", "茶叶", "Tea", false},
	{"oil", "", "食用油", "Cooking oil", false},
	{"meat", "", "鲜肉", "Fresh meat", true},
	{"cured-meat", "", "腊肉腌货", "Cured meat", false},
	{"egg", "", "禽蛋", "Eggs", true},
	{"wool", "", "羊毛", "Wool", false},
	{"handicraft", "", "手工艺品", "Handicraft", false},
	{"other", "", "其他", "Other", false},
}

// CategoryOf gives one of the categories every instance has, without the database.
func CategoryOf(code string) (Category, bool) {
	for _, c := range categories {
		if c.Code == code {
			return c, true
		}
	}
	return Category{}, false
}

// Load writes the units and categories every instance has. It may run again,
// and beside itself; categories that somebody added stay.
func Load(ctx context.Context, db *storage.DB) error {
	return db.UpdateShared(ctx, func(tx *storage.Tx) error {
		tx.Keyed() // writing the same again changes nothing
		var code, dimension []string
		var base, place []int64
		for i, u := range units {
			code, dimension = append(code, u.Code), append(dimension, u.Dimension)
			base, place = append(base, u.Base), append(place, int64(i+1))
		}
		if _, err := tx.Exec(`INSERT INTO units (code, dimension, base, position)
			SELECT v.code, v.dimension, v.base, v.position::smallint
			FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS v(code, dimension, base, position) ORDER BY v.code
			ON CONFLICT (code) DO UPDATE SET dimension = excluded.dimension, base = excluded.base, position = excluded.position
			WHERE (units.dimension, units.base, units.position) IS DISTINCT FROM (excluded.dimension, excluded.base, excluded.position)`,
			pq.Array(code), pq.Array(dimension), pq.Array(base), pq.Array(place)); err != nil {
			return err
		}
		return loadCategories(tx)
	})
}

func loadCategories(tx *storage.Tx) error {
	var code, parent, name, nameEN []string
	var fresh []bool
	var place []int64
	for i, c := range categories {
		code, parent, name = append(code, c.Code), append(parent, c.Parent), append(name, c.Name)
		nameEN, fresh, place = append(nameEN, c.NameEN), append(fresh, c.Fresh), append(place, int64(i+1))
	}
	_, err := tx.Exec(`INSERT INTO categories (code, parent, name, name_en, fresh, position)
		SELECT v.code, NULLIF(v.parent, ''), v.name, v.name_en, v.fresh, v.position::smallint
		FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::bigint[])
			AS v(code, parent, name, name_en, fresh, position) ORDER BY v.code
		ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, name = excluded.name, name_en = excluded.name_en,
			fresh = excluded.fresh, position = excluded.position
		WHERE (categories.parent, categories.name, categories.name_en, categories.fresh, categories.position)
			IS DISTINCT FROM (excluded.parent, excluded.name, excluded.name_en, excluded.fresh, excluded.position)`,
		pq.Array(code), pq.Array(parent), pq.Array(name), pq.Array(nameEN), pq.Array(fresh), pq.Array(place))
	return err
}
