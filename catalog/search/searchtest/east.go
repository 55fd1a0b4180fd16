package searchtest

// The made-up catalogue, second half: wood ear beside silver ear, rice beside
// millet, red rice and maize, five sorts of tea, and smoked pork.
var east = []county{
	{"522633", "贵州", "Guizhou", "从江县", "Congjiang", []grower{
		{"grower/panlaosan", "潘老三", "Pan Laosan", "522633205", "加车村", "加榜梯田的香禾糯，一年一季。", "Fragrant glutinous rice from the Jiabang terraces.", []goods{
			{"rice-sticky/xianghe", "rice", "香禾糯", "Fragrant glutinous rice", "特级", 1760, 20261008, false, "稻、鱼、鸭一块田。", "Rice, fish and ducks share the field."},
			{"rice-red/terrace", "rice", "梯田红米", "Red rice from the terraces", "一级", 1980, 20261008, false, "", ""},
			{"rice-black/sticky", "rice", "黑糯米", "Black glutinous rice", "", 1680, 20261008, false, "", ""},
			{"egg/duck", "egg", "稻田鸭蛋", "Duck eggs from the paddies", "", 180, 20261119, false, "", ""},
			{"egg/salted", "egg", "咸鸭蛋", "Salted duck eggs", "", 260, 0, false, "", ""},
			{"fish/paddy", "meat", "腌鱼（稻花鱼）", "Pickled paddy fish", "", 8800, 0, false, "", ""},
		}},
		{"grower/liangapo", "梁阿婆", "Granny Liang", "522633200", "占里村", "守着三箱老蜂，也编竹篮。", "Keeps three hives and weaves baskets.", []goods{
			{"honey/native", "honey", "土蜂蜜", "Honey of native bees", "", 13600, 20261001, false, "一年割一次。", "Cut once a year."},
			{"basket/hand", "handicraft", "手编竹篮", "Hand-woven bamboo basket", "", 12800, 0, false, "一只编两天，可以用十年。", "Two days to weave, ten years to use."},
			{"basket/egg", "handicraft", "竹编鸡蛋篮", "Bamboo egg basket", "", 6800, 0, false, "", ""},
			{"bamboo/shoots", "vegetable", "干竹笋", "Dried bamboo shoots", "", 4800, 20260420, false, "", ""},
			{"bamboo/mat", "handicraft", "竹席", "Bamboo mat", "", 15800, 0, true, "", ""},
			{"indigo/cloth", "handicraft", "侗族靛蓝土布", "Dong indigo cloth", "", 9800, 0, false, "", ""},
		}},
		{"grower/weizhiqiang", "韦志强", "Wei Zhiqiang", "522633103", "巨洞村", "腊肉是柏枝熏的，辣椒自己种。", "Pork smoked over cypress, chillies of his own.", []goods{
			{"pork/cypress", "cured-meat", "柏枝腊肉", "Cypress-smoked pork", "", 10400, 20260115, false, "土猪五花，熏四十天。", "Belly of village pigs, smoked for forty days."},
			{"sausage/spicy", "cured-meat", "麻辣香肠", "Spicy sausage", "", 9600, 20260120, false, "", ""},
			{"chilli/dried", "spice", "干辣椒（线椒）", "Dried chillies", "", 4400, 20260910, false, "香而不燥。", "Fragrant rather than fierce."},
			{"chilli/sauce", "spice", "糟辣椒酱", "Pickled chilli sauce", "", 2800, 0, false, "", ""},
			{"pig/fresh", "meat", "香猪鲜肉", "Fresh pork of the Congjiang pig", "", 7800, 20261118, false, "", ""},
			{"citrus/ponkan", "fruit", "椪柑", "Ponkan mandarins", "一级", 560, 20261115, false, "", ""},
		}},
	}},
	{"511921", "四川", "Sichuan", "通江县", "Tongjiang", []grower{
		{"grower/tongjiang", "通江银耳专业社", "Tongjiang silver ear cooperative", "511921109", "陈河村", "青冈木上的银耳。", "Silver ear on oak logs.", []goods{
			{"silver-ear/log", "mushroom", "通江段木银耳", "Log-grown silver ear", "特级", 68000, 20260710, false, "久煮出胶。", "Turns to jelly when simmered."},
			{"silver-ear/broken", "mushroom", "银耳碎", "Broken silver ear", "二级", 18000, 20260710, false, "", ""},
			{"wood-ear/log", "mushroom", "段木黑木耳", "Log-grown black wood ear", "一级", 9200, 20260620, false, "肉厚，泡发十倍。", "Thick, swells tenfold."},
			{"wood-ear/plain", "mushroom", "木耳（干）", "Dried wood ear", "", 6800, 20260615, false, "", ""},
			{"shiitake/flower", "mushroom", "花菇 香菇", "Shiitake, flower grade", "特级", 12800, 20260310, false, "", ""},
			{"gastrodia/wild", "other", "天麻", "Gastrodia root", "", 26000, 20261010, false, "", ""},
		}},
		{"grower/bashan", "大巴山腊味坊", "Bashan smokehouse", "511921100", "诺江镇", "腊肉、香肠、豆腐干。", "Smoked pork, sausages and bean curd.", []goods{
			{"pork/bashan", "cured-meat", "川味老腊肉", "Sichuan smoked pork", "一级", 9600, 20260110, false, "", ""},
			{"pork/trotter", "cured-meat", "腊猪蹄", "Smoked pig's trotters", "", 8800, 20260110, false, "", ""},
			{"sausage/sichuan", "cured-meat", "四川香肠", "Sichuan sausage", "", 9800, 20260112, false, "", ""},
			{"pepper/sichuan", "spice", "大红袍花椒", "Sichuan pepper", "特级", 13600, 20260805, false, "麻味足。", "Properly numbing."},
			{"chilli/erjingtiao", "spice", "二荆条辣椒", "Erjingtiao chillies", "", 5200, 20260901, false, "", ""},
			{"tofu/dried", "other", "豆腐干", "Dried bean curd", "", 2600, 0, false, "", ""},
		}},
		{"grower/walnutbashan", "巴山核桃园", "Bashan walnut orchard", "511921201", "铁佛镇", "米仓山下的核桃。", "Walnuts at the foot of Micang mountain.", []goods{
			{"walnut/bashan-wild", "walnut", "野生小核桃", "Small wild walnuts", "", 2200, 20260920, false, "", ""},
			{"walnut/green", "walnut", "青皮鲜核桃", "Fresh green-hulled walnuts", "", 1200, 20260815, true, "八月鲜食。", "Eaten fresh in August."},
			{"chestnut/oil", "nut", "油板栗", "Chestnuts", "", 1480, 20260928, false, "", ""},
			{"kiwi/red", "fruit", "红心猕猴桃", "Red-heart kiwi fruit", "一级", 1680, 20260910, false, "", ""},
			{"tea-oil/camellia", "oil", "山茶油", "Camellia oil", "", 12800, 0, false, "", ""},
			{"rapeseed-oil/village", "oil", "农家菜籽油", "Village rapeseed oil", "", 2400, 20260620, false, "", ""},
		}},
	}},
	{"520328", "贵州", "Guizhou", "湄潭县", "Meitan", []grower{
		{"grower/meitan", "湄潭茶农合作社", "Meitan tea growers", "520328100", "核桃坝村", "核桃坝村，早就不种核桃种茶了。", "Hetaoba village, where tea took the place of the old trees.", []goods{
			{"tea-green/cuiya", "tea", "湄潭翠芽 绿茶", "Meitan Cuiya green tea", "特级", 88000, 20260325, false, "明前采。", "Picked before the Qingming festival."},
			{"tea-black/zunyi", "tea", "遵义红 红茶", "Zunyi black tea", "一级", 56000, 20260410, false, "", ""},
			{"tea-white/needle", "tea", "白茶", "White tea", "", 64000, 20260405, false, "", ""},
			{"tea-green/autumn", "tea", "高山绿茶 秋茶", "High-mountain green tea, autumn", "", 33600, 20260920, false, "手工炒制。", "Pan-fired by hand."},
			{"rice/maotai", "rice", "茅贡米", "Maogong rice", "一级", 980, 20261002, false, "", ""},
			{"chilli/chaotian", "spice", "朝天椒", "Sky-pointing chillies", "", 3600, 20260901, false, "", ""},
		}},
		{"grower/yangtea", "杨氏苦丁茶", "Yang's kuding tea", "520328203", "复兴镇", "苦丁和老鹰茶。", "Bitter-leaf teas.", []goods{
			{"tea/kuding", "tea", "苦丁茶", "Kuding tea", "", 28000, 20260418, false, "", ""},
			{"tea-brick/old", "tea", "老砖茶", "Old brick tea", "", 12000, 20240510, false, "", ""},
			{"tea/tin", "handicraft", "茶叶罐（竹）", "Bamboo tea caddy", "", 4900, 0, false, "", ""},
			{"ginger/old", "vegetable", "老姜", "Ginger", "", 980, 20261030, false, "", ""},
			{"garlic/purple", "vegetable", "紫皮大蒜", "Purple garlic", "", 1180, 20260610, false, "", ""},
			{"sweet-potato/dried", "dried-fruit", "红薯干", "Dried sweet potato", "", 2200, 0, false, "", ""},
		}},
	}},
	{"532922", "云南", "Yunnan", "漾濞县", "Yangbi", []grower{
		{"grower/yangbi", "漾濞核桃世家", "Yangbi walnut family", "532922100", "光明村", "云上核桃村，树龄三百年。", "A village of three-hundred-year-old walnut trees.", []goods{
			{"walnut/yangbi", "walnut", "漾濞泡核桃", "Yangbi pao walnuts", "特级", 2980, 20260918, false, "壳薄，好剥。", "Thin shell, easy to open."},
			{"walnut-kernel/yangbi", "walnut", "漾濞核桃仁 二路", "Yangbi walnut kernels, halves", "二级", 4800, 20260918, false, "", ""},
			{"walnut-oil/yangbi", "oil", "漾濞核桃油", "Yangbi walnut oil", "", 13800, 0, false, "", ""},
			{"walnut-milk/box", "other", "核桃乳 整箱", "Walnut drink, box", "", 3600, 0, false, "", ""},
			{"walnut-shell/craft", "handicraft", "核桃壳工艺挂件", "Walnut-shell charm", "", 1900, 0, false, "", ""},
			{"peach/winter", "fruit", "冬桃", "Winter peaches", "", 1280, 20261112, false, "", ""},
		}},
		{"grower/cangshan", "苍山菌子铺", "Cangshan mushroom shop", "532922102", "漾江镇", "雨季捡菌子。", "Mushrooms of the rainy season.", []goods{
			{"porcini/dried", "mushroom", "牛肝菌干", "Dried porcini", "", 22000, 20260820, false, "", ""},
			{"matsutake/frozen", "mushroom", "松茸", "Matsutake", "特级", 88000, 20260825, true, "", ""},
			{"wood-ear/yunnan", "mushroom", "云南小碗耳 黑木耳", "Small-bowl black wood ear", "特级", 11800, 20260630, false, "", ""},
			{"termite/oil", "oil", "油鸡枞", "Termite mushrooms in oil", "", 16800, 0, false, "", ""},
			{"ham/xuanwei", "cured-meat", "宣威火腿", "Xuanwei cured ham", "", 12800, 20250101, false, "", ""},
			{"coffee/bean", "other", "云南咖啡豆", "Yunnan coffee beans", "", 9800, 20260301, false, "", ""},
		}},
	}},
	{"140430", "山西", "Shanxi", "沁县", "Qin county", []grower{
		{"grower/qinzhou", "沁州黄小米基地", "Qinzhou yellow millet farm", "140430100", "次村", "康熙吃过的小米。", "Millet an emperor ate.", []goods{
			{"millet/qinzhou", "millet", "沁州黄小米", "Qinzhou yellow millet", "特级", 2380, 20261006, false, "金黄，出油。", "Golden, and makes a thick porridge."},
			{"millet/old-crop", "millet", "小米 陈米", "Millet, old crop", "三级", 680, 20251006, false, "", ""},
			{"millet/black", "millet", "黑小米", "Black millet", "", 1680, 20261006, false, "", ""},
			{"broomcorn/yellow", "millet", "黄米 黍子", "Broomcorn millet", "", 1180, 20261002, false, "", ""},
			{"sorghum/red", "millet", "红高粱", "Red sorghum", "", 560, 20261010, false, "", ""},
			{"vinegar/old", "other", "老陈醋", "Aged vinegar", "", 1280, 0, false, "", ""},
		}},
		{"grower/taihang", "太行山核桃庄", "Taihang walnut farm", "140430203", "漳源镇", "太行山上的绵核桃。", "Walnuts of the Taihang range.", []goods{
			{"walnut/taihang", "walnut", "绵核桃", "Taihang walnuts", "一级", 1980, 20260915, false, "", ""},
			{"walnut/roasted", "walnut", "烤核桃 椒盐味", "Roasted salted walnuts", "", 3280, 0, false, "", ""},
			{"persimmon/dried", "dried-fruit", "柿饼", "Dried persimmons", "", 2600, 20261105, false, "", ""},
			{"hawthorn/slices", "dried-fruit", "山楂片", "Hawthorn slices", "", 1980, 20261020, false, "", ""},
			{"apricot/kernel", "nut", "杏仁", "Apricot kernels", "", 4200, 20260715, false, "", ""},
			{"date-tea/brew", "tea", "枣芽茶", "Date-leaf tea", "", 9800, 20260501, false, "", ""},
		}},
	}},
	{"230184", "黑龙江", "Heilongjiang", "五常市", "Wuchang", []grower{
		{"grower/wuchang", "五常稻农联合社", "Wuchang rice growers", "230184002", "民乐乡", "稻花香二号，一季稻。", "Daohuaxiang No. 2, one crop a year.", []goods{
			{"rice/wuchang", "rice", "五常大米 稻花香", "Wuchang rice, Daohuaxiang", "特级", 1680, 20261001, false, "新米，开锅就香。", "New crop, fragrant as it boils."},
			{"rice/long-grain", "rice", "长粒香大米", "Long-grain rice", "一级", 980, 20261001, false, "", ""},
			{"rice/old-crop", "rice", "大米 陈米", "Rice, old crop", "三级", 520, 20251001, false, "", ""},
			{"rice-sticky/round", "rice", "圆糯米", "Round glutinous rice", "", 1080, 20261001, false, "", ""},
			{"rice/brown", "rice", "糙米", "Brown rice", "", 880, 20261001, false, "", ""},
			{"corn/sticky", "vegetable", "黏玉米 真空装", "Sticky corn on the cob", "", 1280, 20260830, false, "", ""},
		}},
		{"grower/changbai", "长白林下合作社", "Changbai forest cooperative", "230184103", "沙河子镇", "林下种木耳，采榛子。", "Wood ear and hazelnuts from the forest.", []goods{
			{"wood-ear/autumn", "mushroom", "东北秋木耳", "Autumn wood ear from the north-east", "特级", 9800, 20261002, false, "无根，小片。", "Rootless, small pieces."},
			{"hazelnut/wild", "nut", "野榛子", "Wild hazelnuts", "", 6800, 20260915, false, "", ""},
			{"pine-nut/open", "nut", "开口松子", "Pine nuts", "一级", 15800, 20261001, false, "", ""},
			{"soy/black", "grain", "黑豆", "Black soybeans", "", 1080, 20261005, false, "", ""},
			{"corn/kernel", "grain", "玉米粒（饲料）", "Maize, feed grade", "二级", 240, 20261015, false, "", ""},
			{"ginseng/fresh", "other", "鲜人参", "Fresh ginseng", "", 36000, 20260920, false, "", ""},
		}},
		{"grower/grace", "重庆来的张家", "The Zhangs from Chongqing", "230184101", "山河镇", "从重庆搬来，还做火锅底料。", "Came from Chongqing and still cook hot pot.", []goods{
			{"hotpot/base", "spice", "重庆火锅底料", "Chongqing hot-pot base", "", 4600, 0, false, "", ""},
			{"pickle/mustard", "vegetable", "涪陵榨菜", "Fuling pickled mustard", "", 1200, 0, false, "", ""},
			{"goose/down", "handicraft", "羽绒被", "Goose-down quilt", "", 128000, 0, false, "", ""},
			{"cabbage/sour", "vegetable", "东北酸菜", "Sour cabbage", "", 680, 20261101, false, "", ""},
			{"blueberry/dried", "dried-fruit", "蓝莓干", "Dried blueberries", "", 8800, 20260801, false, "", ""},
			{"sausage/harbin", "cured-meat", "哈尔滨红肠", "Harbin red sausage", "", 7800, 0, false, "", ""},
		}},
	}},
}
