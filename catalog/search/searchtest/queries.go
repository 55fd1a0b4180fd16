package searchtest

// asked is what somebody types and what they must get. Names are those of the
// catalogue; one that ends in "/" means every document of that class.
type asked struct {
	text  string
	first []string // the first hit is one of these
	among []string // each of these is among the first ten
	never []string // none of these is found at all
}

// queries are 60 things people type, by hand: what is asked, what must come
// first, what must be on the first page, and what nobody meant.
var queries = [60]asked{
	// Chinese, and the neighbours of each word.
	{"核桃", []string{"walnut/"}, nil, []string{"peach/pan", "goji/", "pork/", "rice/wuchang"}},
	{"纸皮核桃", []string{"walnut/aksu-paper"}, nil, []string{"peach/pan", "tea/"}},
	{"核桃仁", []string{"walnut-kernel/"}, []string{"walnut-kernel/hand", "walnut-kernel/yangbi"}, []string{"peach/pan"}},
	{"核桃油", []string{"walnut-oil/"}, []string{"walnut-oil/cold", "walnut-oil/yangbi"}, []string{"peach/pan"}},
	{"枣夹核桃", []string{"date-walnut/gift"}, nil, []string{"peach/pan"}},
	{"桃", []string{"peach/"}, []string{"peach/pan", "peach/winter"}, []string{"rice/wuchang", "pork/"}},
	{"蟠桃", []string{"peach/pan"}, nil, []string{"cotton/", "rice/"}},
	{"木耳", []string{"wood-ear/"}, []string{"wood-ear/plain", "wood-ear/log", "wood-ear/autumn", "wood-ear/yunnan"}, []string{"silver-ear/", "egg/"}},
	{"黑木耳", []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"egg/"}},
	{"银耳", []string{"silver-ear/"}, []string{"silver-ear/log", "silver-ear/broken"}, []string{"egg/", "walnut/"}},
	{"大米", []string{"rice/"}, []string{"rice/wuchang", "rice/long-grain", "rice/old-crop"}, []string{"millet/qinzhou", "corn/kernel"}},
	{"小米", []string{"millet/"}, []string{"millet/qinzhou", "millet/mizhi", "millet/old-crop"}, []string{"rice/wuchang", "rice-red/"}},
	{"红米", []string{"rice-red/terrace"}, nil, []string{"millet/", "rice/wuchang"}},
	{"玉米", []string{"corn/"}, []string{"corn/sticky", "corn/grits", "corn/kernel"}, []string{"millet/", "rice/"}},
	{"红枣", []string{"date/"}, []string{"date/dried-red"}, []string{"walnut/paper-185", "sorghum/"}},
	{"棉花", []string{"cotton/"}, []string{"cotton/handpicked"}, []string{"honey/", "wool/"}},
	{"棉被", []string{"quilt/"}, []string{"quilt/double", "quilt/child"}, []string{"cotton/bale", "goose/down"}},
	{"长绒棉", []string{"cotton/bale", "cotton/handpicked"}, []string{"cotton/bale", "cotton/handpicked"}, []string{"quilt/", "wool/"}},
	{"腊肉", []string{"pork/"}, []string{"pork/cypress", "pork/bashan"}, []string{"lamb/", "egg/"}},
	{"绿茶", []string{"tea-green/"}, []string{"tea-green/cuiya", "tea-green/autumn"}, []string{"rice/", "mung/"}},
	{"竹篮", []string{"basket/hand"}, nil, []string{"bamboo/mat", "rice/"}},
	{"香梨", []string{"pear/korla", "pear/korla-second"}, []string{"pear/korla", "pear/korla-second"}, []string{"apple/", "rice/"}},

	// English, one and many, phrases, typing errors.
	{"walnut", []string{"walnut/", "walnut-kernel/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"walnuts", []string{"walnut/", "walnut-kernel/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"walnut kernels", []string{"walnut-kernel/"}, []string{"walnut-kernel/hand", "walnut-kernel/yangbi"}, []string{"peach/pan"}},
	{"wallnut", []string{"walnut/", "walnut-kernel/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"red dates", []string{"date/dried-red"}, nil, []string{"wool/", "cotton/"}},
	{"egg", []string{"egg/", "basket/egg"}, []string{"egg/duck"}, []string{"rice/", "walnut/"}},
	{"bamboo basket", []string{"basket/"}, []string{"basket/hand"}, []string{"rice/", "bamboo/shoots"}},
	{"green tea", []string{"tea-green/"}, []string{"tea-green/cuiya", "tea-green/autumn"}, []string{"raisin/green"}},
	{"smoked pork", []string{"pork/cypress", "pork/bashan"}, []string{"pork/cypress", "pork/bashan"}, []string{"pig/fresh"}},
	{"hony", []string{"honey/", "peach/honey"}, []string{"honey/wild"}, []string{"rice/", "walnut/"}},
	{"cotten", []string{"cotton/", "quilt/double", "cottonseed-oil/"}, []string{"cotton/handpicked"}, []string{"honey/", "rice/"}},
	{"pomegranite", []string{"pomegranate/red"}, nil, []string{"rice/", "apple/"}}, //nolint:misspell // how people type it
	{"Long-Staple COTTON", []string{"cotton/bale", "cotton/handpicked"}, []string{"cotton/bale", "cotton/handpicked"}, []string{"quilt/"}},

	// Pinyin whole, joined or apart, unfinished, mistyped; initials.
	{"hetao", []string{"walnut/"}, nil, []string{"peach/pan", "rice/wuchang", "goji/"}},
	{"he tao", []string{"walnut/"}, nil, []string{"rice/wuchang", "goji/"}},
	{"HeTaoRen", []string{"walnut-kernel/"}, nil, []string{"peach/pan"}},
	{"heimuer", []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"silver-ear/"}},
	{"xiaomi", []string{"millet/"}, []string{"millet/qinzhou", "millet/mizhi"}, []string{"rice/", "corn/kernel"}},
	{"hongzao", []string{"date/"}, []string{"date/dried-red"}, []string{"cotton/", "rice/"}},
	{"changrongmian", []string{"cotton/bale", "cotton/handpicked"}, []string{"cotton/bale", "cotton/handpicked"}, []string{"quilt/"}},
	{"lvcha", []string{"tea-green/"}, []string{"tea-green/cuiya", "tea-green/autumn"}, []string{"rice/"}},
	{"gouqi", []string{"goji/"}, nil, []string{"rice/", "walnut/"}},
	{"qwrtzp", nil, nil, []string{"walnut/", "rice/", "goji/", "grower/", "tea/", "honey/"}},
	{"fengmii", []string{"honey/"}, []string{"honey/wild"}, []string{"rice/", "walnut/"}},
	{"chongqing huoguo", []string{"hotpot/base"}, nil, []string{"rice/", "walnut/"}},
	{"ht", []string{"walnut/"}, nil, []string{"goji/", "pork/"}},
	{"hme", []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"wood-ear/log", "wood-ear/yunnan"}, []string{"silver-ear/"}},
	{"hz", []string{"date/"}, []string{"date/dried-red"}, []string{"cotton/", "rice/wuchang"}},

	// Mixed, places and people, other words for the same, written wrong, noise.
	{"阿克苏 核桃", []string{"walnut/aksu-paper"}, nil, []string{"walnut/yangbi", "apple/shaanxi"}},
	{"新疆 walnuts", []string{"walnut-kernel/hand", "walnut/paper-185", "walnut/uyghur", "walnut/aksu-paper", "walnut/wensu-185", "walnut/wensu-old"}, nil, []string{"walnut/yangbi", "rice/wuchang"}},
	{"我想买点蜂蜜", []string{"honey/"}, []string{"honey/wild"}, []string{"rice/", "wool/"}},
	{"胡桃", []string{"walnut/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"jujube", []string{"date/"}, []string{"date/dried-red"}, []string{"rice/", "cotton/"}},
	{"核挑", []string{"walnut/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"ياڭاق", []string{"walnut/uyghur"}, nil, []string{"pomegranate/red", "rice/"}},
	{"吐尔逊", []string{"grower/tursun"}, []string{"walnut/paper-185"}, []string{"rice/wuchang", "walnut/yangbi"}},
	{"  ＨＥＴＡＯ！！ ", []string{"walnut/"}, nil, []string{"peach/pan", "rice/wuchang"}},
	{"蜂蜜🍯", []string{"honey/"}, []string{"honey/wild"}, []string{"rice/", "wool/"}},
}
