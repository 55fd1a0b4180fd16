package demo

// The made-up counties: the places are real, the people are not.

type county struct {
	code, name, nameEN, region, operator, licence string
	operators                                     [2]someone
	agents                                        []someone
	growers                                       []grower
}

type someone struct{ key, name, phone string }

type grower struct {
	someone
	cash                                    bool // without a bank account: an agent brings the money
	nameEN, region, village, story, storyEN string
	goods                                   []goods
}

type goods struct {
	category, title, titleEN, story, storyEN, grade string
	unit                                            string
	price                                           int64 // fen for one unit
	minimum, stock                                  int64 // base units: grams or pieces
	photo                                           string
}

const jin, dan, tonne = int64(500), int64(50_000), int64(1_000_000)

var counties = []county{
	{
		code: "YL", name: "尉犁县集市", nameEN: "Yuli county market", region: "652823",
		operator: "尉犁共田农产品服务中心（演示）", licence: "演示用，非真实执照",
		operators: [2]someone{{"op-yl-1", "李建国", "+8613800010001"}, {"op-yl-2", "阿依古丽", "+8613800010002"}},
		agents:    []someone{{"agent-yl-1", "马春兰", "+8613800010011"}, {"agent-yl-2", "艾力", "+8613800010012"}},
		growers: []grower{
			{someone{"grower-yl-1", "吐尔逊·买买提", "+8613800010021"}, false, "Tursun Memet", "652823120", "达西村",
				"种了三十年核桃，果园在孔雀河边。", "Thirty years of walnuts, in an orchard by the Peacock river.", []goods{
					{"walnut", "薄皮核桃 185", "Paper-shell walnuts 185", "今年九月打的新核桃，手一捏就开，自然晒干，没有漂白。", "Picked this September, opens in the hand, sun-dried and never bleached.", "一级", "jin", 1320, 2 * jin, 3 * tonne, "walnut-paper-shell"},
					{"walnut", "核桃仁（手工剥）", "Walnut kernels, shelled by hand", "村里几位大姐手工剥的整仁，半仁率不到一成。", "Whole kernels shelled by hand in the village; fewer than one in ten is broken.", "特级", "jin", 2880, jin, 400_000, "walnut-kernels-bowl"},
					{"red-date", "骏枣（一级）", "Jun dates, first grade", "挂干在树上的骏枣，肉厚核小。", "Dried on the tree, thick flesh and a small stone.", "一级", "jin", 960, 2 * jin, tonne, "red-dates"},
				}},
			{someone{"grower-yl-2", "王秀英", "+8613800010022"}, false, "Wang Xiuying", "652823200", "库木巴格村",
				"棉花地两百亩，用的是滴灌。", "Two hundred mu of cotton under drip irrigation.", []goods{
					{"cotton", "长绒棉皮棉（整包）", "Long-staple cotton lint, baled", "绒长 37 毫米以上，马克隆值 3.7–4.2，按包卖。", "Staple over 37 mm, micronaire 3.7–4.2, sold by the bale.", "一级", "bale", 386000, 1, 60, "cotton-bales"},
					{"cotton", "长绒棉棉花（手摘）", "Long-staple cotton, hand-picked", "手摘，杂质少，做被子暖和。", "Picked by hand, clean, warm for quilts.", "", "kg", 3200, 2000, 800_000, "cotton-long-staple"},
				}},
			{someone{"grower-yl-3", "努尔江合作社", "+8613800010023"}, false, "Nurjan cooperative", "652823110", "孔畔村",
				"二十三户人家合在一起卖香梨和杏干。", "Twenty-three households sell fragrant pears and dried apricots together.", []goods{
					{"fruit", "库尔勒香梨", "Korla fragrant pears", "现摘现发，皮薄汁多。", "Picked the day it is sent; thin skin, full of juice.", "特级", "kg", 1180, 2500, 2 * tonne, "fragrant-pear"},
					{"dried-fruit", "吊干杏", "Tree-dried apricots", "挂在树上自然干，不加糖。", "Dried on the tree, no sugar added.", "", "jin", 1680, jin, 500_000, "apricot-dried"},
					{"rice", "塔里木新米", "Tarim new-crop rice", "沙漠边上的水稻，昼夜温差大，米香。", "Rice from the desert's edge: hot days, cold nights, fragrant grain.", "一级", "jin", 420, 5 * jin, 5 * tonne, "rice-new-crop"},
					{"walnut", "温 185 核桃（统货）", "Wen-185 walnuts, as they fall", "不分拣，有大有小，自家吃最划算。", "Not sorted, big and small; the best buy for the family.", "", "jin", 980, 2 * jin, 2 * tonne, "walnut-paper-shell"},
				}},
			{someone{"grower-yl-4", "阿不都·热合曼", "+8613800010024"}, true, "Abdu Rahman", "652823120", "达西村",
				"七十一岁，自己采枸杞，钱托代理带回村里。", "Seventy-one; picks his goji himself and has an agent bring the money to the village.", []goods{
					{"dried-fruit", "红枸杞", "Red goji berries", "戈壁边上的枸杞，阴凉处晾干，不熏硫。", "From the edge of the gravel desert, dried in the shade, no sulphur.", "一级", "jin", 4500, 250, 120_000, "goji"},
				}},
		},
	},
	{
		code: "CJ", name: "从江县集市", nameEN: "Congjiang county market", region: "522633",
		operator: "从江共田农民合作联社（演示）", licence: "演示用，非真实执照",
		operators: [2]someone{{"op-cj-1", "杨光明", "+8613800020001"}, {"op-cj-2", "石玉兰", "+8613800020002"}},
		agents:    []someone{{"agent-cj-1", "吴小燕", "+8613800020011"}},
		growers: []grower{
			{someone{"grower-cj-1", "潘老三", "+8613800020021"}, false, "Pan Laosan", "522633205", "加车村",
				"加榜梯田的香禾糯，一年一季。", "Fragrant glutinous rice from the Jiabang terraces, one crop a year.", []goods{
					{"rice", "香禾糯", "Fragrant glutinous rice", "稻、鱼、鸭一块田，不打农药。", "Rice, fish and ducks share the field; no pesticide.", "特级", "jin", 880, 2 * jin, 2 * tonne, "rice-sack"},
					{"mushroom", "段木黑木耳", "Log-grown black wood ear", "青冈木上长的，肉厚，泡发十倍。", "Grown on oak logs, thick, swells tenfold.", "一级", "jin", 4600, 250, 300_000, "wood-ear-mushroom"},
					{"egg", "稻田鸭蛋", "Duck eggs from the paddies", "在稻田里放养的鸭子。", "From ducks that live in the paddies.", "", "piece", 180, 10, 2400, "eggs"},
				}},
			{someone{"grower-cj-2", "梁阿婆", "+8613800020022"}, true, "Granny Liang", "522633200", "占里村",
				"守着三箱老蜂，也编竹篮。", "Keeps three hives of native bees and weaves baskets.", []goods{
					{"honey", "土蜂蜜", "Wild-flower honey", "一年割一次，结晶正常。", "Cut once a year; it is right that it crystallises.", "", "jin", 6800, jin, 90_000, "honey-jar"},
					{"handicraft", "手编竹篮", "Hand-woven bamboo basket", "一只编两天，可以用十年。", "Two days to weave, ten years to use.", "", "piece", 12800, 1, 40, "bamboo-basket"},
				}},
			{someone{"grower-cj-3", "韦志强", "+8613800020023"}, false, "Wei Zhiqiang", "522633103", "巨洞村",
				"腊肉是柏枝熏的，辣椒自己种。", "Pork smoked over cypress, chillies of his own.", []goods{
					{"cured-meat", "柏枝腊肉", "Cypress-smoked pork", "土猪五花，熏四十天。", "Belly of village pigs, smoked for forty days.", "", "jin", 5200, jin, 260_000, "smoked-pork"},
					{"spice", "干辣椒（线椒）", "Dried chillies", "太阳晒的，香而不燥。", "Sun-dried, fragrant rather than fierce.", "", "jin", 2200, 250, 180_000, "chili-dried"},
					{"tea", "高山绿茶", "High-mountain green tea", "高山秋茶，手工炒制。", "Autumn leaves from high up, pan-fired by hand.", "特级", "jin", 16800, 250, 60_000, "tea-leaves"},
				}},
		},
	},
	{
		code: "YY", name: "元阳县集市", nameEN: "Yuanyang county market", region: "532528",
		operator: "元阳共田梯田农民专业合作社（演示）", licence: "演示用，非真实执照",
		operators: [2]someone{{"op-yy-1", "李惹斗", "+8613800040001"}, {"op-yy-2", "马红英", "+8613800040002"}},
		agents:    []someone{{"agent-yy-1", "普文亮", "+8613800040011"}},
		growers: []grower{
			{someone{"grower-yy-1", "卢三妹", "+8613800040021"}, false, "Lu Sanmei", "532528209", "老虎嘴村",
				"哈尼梯田上种红米，一年一季，水从山顶的林子里来。", "Red rice on the Hani terraces, one crop a year, watered from the forest above.", []goods{
					{"rice", "哈尼梯田红米", "Red rice of the Hani terraces", "老品种，米皮是红的，煮粥最香。", "An old variety with a red coat, best as porridge.", "一级", "jin", 760, 2 * jin, 3 * tonne, "rice-sack"},
					{"egg", "梯田鸭蛋", "Duck eggs of the terraces", "鸭子在稻田里长大，蛋黄红。", "From ducks that grow up in the paddies; deep yolks.", "", "piece", 200, 10, 3000, "eggs"},
				}},
			{someone{"grower-yy-2", "白阿才", "+8613800040022"}, true, "Bai Acai", "532528102", "大鱼塘村",
				"种米，也采一点高山茶。", "Grows rice and picks a little tea high up.", []goods{
					{"rice", "梯田新米", "New rice of the terraces", "十月打的新米，当年新谷现碾。", "This October's rice, milled when it is ordered.", "特级", "kg", 1280, 2500, 2 * tonne, "rice-new-crop"},
					{"tea", "云雾绿茶", "Cloud-and-mist green tea", "海拔一千八，手工炒。", "From 1,800 metres, pan-fired by hand.", "", "jin", 13800, 250, 50_000, "tea-leaves"},
				}},
		},
	},
}

var buyers = []someone{
	{"buyer-1", "王芳", "+8613800030001"}, {"buyer-2", "陈默", "+8613800030002"},
	{"buyer-3", "Anna Lindqvist", "+8613800030003"}, {"buyer-4", "周师傅食堂", "+8613800030004"},
}
