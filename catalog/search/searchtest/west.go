package searchtest

// The made-up catalogue, first half: the places are real, the people and their
// goods are not. Near neighbours that confuse a search stand here on purpose:
// walnuts beside peaches, kernels, oil and dates with walnuts; the cotton of a
// bale beside a quilt; names in Arabic script and with pictures.
var west = []county{
	{"652823", "新疆", "Xinjiang", "尉犁县", "Yuli", []grower{
		{"grower/tursun", "吐尔逊·买买提", "Tursun Memet", "652823120", "达西村", "种了三十年核桃，果园在孔雀河边。", "Thirty years of walnuts in an orchard by the Peacock river.", []goods{
			{"walnut/paper-185", "walnut", "薄皮核桃 185", "Paper-shell walnuts 185", "一级", 2640, 20260912, false, "今年九月打的新核桃，手一捏就开。", "Picked this September, opens in the hand."},
			{"walnut-kernel/hand", "walnut", "核桃仁（手工剥）", "Walnut kernels, shelled by hand", "特级", 5760, 20260912, false, "村里几位大姐手工剥的整仁。", "Whole kernels shelled by hand in the village."},
			{"date/jun", "red-date", "骏枣（一级）", "Jun dates, first grade", "一级", 1920, 20251103, false, "挂干在树上，肉厚核小。", "Dried on the tree, thick flesh and a small stone."},
			{"date-walnut/gift", "dried-fruit", "枣夹核桃 礼盒", "Dates stuffed with walnuts, gift box", "", 7800, 0, false, "大枣去核，夹一瓣核桃仁。", "A date without its stone, filled with half a walnut."},
			{"apricot/dried", "dried-fruit", "吊干杏", "Tree-dried apricots", "", 3360, 20260720, false, "挂在树上自然干，不加糖。", "Dried on the tree, no sugar added."},
			{"walnut/uyghur", "walnut", "ياڭاق 尉犁核桃", "Yuli walnuts (ياڭاق)", "二级", 2200, 20250915, true, "维吾尔语叫 ياڭاق。", "Called yangaq in Uyghur."},
		}},
		{"grower/wangxiuying", "王秀英", "Wang Xiuying", "652823200", "库木巴格村", "棉花地两百亩，用的是滴灌。", "Two hundred mu under drip irrigation.", []goods{
			{"cotton/bale", "cotton", "长绒棉皮棉（整包）", "Long-staple cotton lint, baled", "一级", 386000, 20261008, false, "绒长 37 毫米以上，马克隆值 3.7–4.2。", "Staple over 37 mm, micronaire 3.7–4.2."},
			{"cotton/handpicked", "cotton", "长绒棉棉花（手摘）", "Long-staple cotton, hand-picked", "", 3200, 20261001, false, "手摘，杂质少。", "Picked by hand, clean."},
			{"cotton/seed", "cotton", "籽棉", "Seed cotton", "二级", 1150, 20261010, false, "机采籽棉，水分 9%。", "Machine-picked, 9% moisture."},
			{"quilt/double", "handicraft", "棉被 双人 八斤", "Cotton quilt, double, 4 kg", "", 46800, 0, false, "弹花匠手工弹的棉胎。", "The filling is fluffed by hand."},
			{"quilt/child", "handicraft", "婴儿棉被", "Baby quilt", "", 18800, 0, true, "", ""},
			{"cottonseed-oil/5l", "oil", "棉籽油 5升", "Cottonseed oil, 5 litres", "", 1480, 0, false, "", ""},
		}},
		{"grower/nurjan", "努尔江合作社", "Nurjan cooperative", "652823110", "孔畔村", "二十三户人家合在一起卖香梨和杏干。", "Twenty-three households sell fruit together.", []goods{
			{"pear/korla", "fruit", "库尔勒香梨", "Korla fragrant pears", "特级", 1180, 20260915, false, "现摘现发，皮薄汁多。", "Picked the day it is sent, full of juice."},
			{"pear/korla-second", "fruit", "香梨 果园直发", "Fragrant pears from the orchard", "二级", 760, 20260915, false, "有风磨痕，甜度一样。", "Marks from the wind, just as sweet."},
			{"pear/paste", "other", "秋梨膏 🍐", "Autumn pear paste 🍐", "", 6800, 0, false, "小火慢熬。", "Simmered for hours."},
			{"rice/tarim", "rice", "塔里木新米", "Tarim new-crop rice", "一级", 840, 20261005, false, "沙漠边上的水稻，米香。", "Rice from the desert's edge."},
			{"raisin/green", "dried-fruit", "绿葡萄干", "Green raisins", "", 2980, 20260828, false, "晾房里风干。", "Dried by wind in a brick barn."},
			{"melon/hami", "fruit", "哈密瓜 西州蜜", "Hami melon", "", 900, 20260801, true, "", ""},
		}},
		{"grower/aygul", "阿依古丽羊毛坊", "Aygul wool workshop", "652823101", "墩阔坦村", "剪羊毛，纺线，织毯。", "Shearing, spinning and weaving.", []goods{
			{"wool/fine", "wool", "细羊毛 原毛", "Fine sheep's wool, raw", "一级", 4200, 20260610, false, "新疆细毛羊，19.5 微米。", "Merino cross, 19.5 micron."},
			{"wool/yarn", "wool", "手纺羊毛线", "Hand-spun woollen yarn", "", 16800, 0, false, "", ""},
			{"wool/rug", "handicraft", "羊毛挂毯", "Woven wool rug", "", 88000, 0, false, "巴扎上最抢手的花样。", "The pattern everybody asks for at the bazaar."},
			{"felt/slippers", "handicraft", "羊毛毡拖鞋", "Felt slippers", "", 5900, 0, false, "", ""},
			{"lamb/leg", "meat", "罗布羊羊腿", "Leg of Lop lamb", "", 9600, 20261101, false, "", ""},
			{"camel/milk", "other", "骆驼奶粉", "Camel milk powder", "", 39800, 0, false, "", ""},
		}},
	}},
	{"652922", "新疆", "Xinjiang", "温宿县", "Wensu", []grower{
		{"grower/aksu", "阿克苏果农联社", "Aksu growers' union", "652922100", "托乎拉村", "冰糖心苹果和纸皮核桃。", "Sugar-heart apples and thin-shelled walnuts.", []goods{
			{"walnut/aksu-paper", "walnut", "阿克苏纸皮核桃", "Aksu thin-shelled walnuts", "特级", 3180, 20260908, false, "壳薄如纸，不用锤子。", "A shell as thin as paper."},
			{"walnut/wensu-185", "walnut", "温宿 185 核桃", "Wensu 185 walnuts", "一级", 2480, 20260908, false, "", ""},
			{"walnut/wensu-old", "walnut", "陈核桃（去年）", "Last year's walnuts", "三级", 1680, 20250910, false, "适合榨油。", "Good for pressing."},
			{"apple/sugar", "fruit", "冰糖心苹果", "Sugar-heart apples", "特级", 1380, 20261020, false, "十月下旬霜后摘。", "Picked after the first frost."},
			{"walnut-oil/cold", "oil", "冷榨核桃油", "Cold-pressed walnut oil", "", 15800, 0, false, "五斤核桃出一斤油。", "Five jin of nuts for one of oil."},
			{"plum/ximei", "dried-fruit", "西梅干", "Prunes", "", 3600, 20260901, false, "", ""},
		}},
		{"grower/lopnur", "骆驼刺牧场", "Camelthorn ranch", "652922203", "柯柯牙村", "绿化林里养土鸡。", "Free-range hens in the shelter belt.", []goods{
			{"egg/hen", "egg", "土鸡蛋 30枚", "Free-range eggs, 30", "", 180, 20261120, false, "林下散养，吃草吃虫。", "Hens that live under trees."},
			{"egg/goose", "egg", "鹅蛋", "Goose eggs", "", 600, 20261118, false, "", ""},
			{"chicken/old", "meat", "老母鸡", "Old hen for soup", "", 5200, 20261115, false, "", ""},
			{"almond/local", "nut", "巴旦木", "Almonds", "一级", 6400, 20260820, false, "", ""},
			{"peach/pan", "fruit", "蟠桃", "Flat peaches", "特级", 1680, 20260725, false, "扁扁的桃子，一口蜜。", "Flat, and sweet as honey."},
			{"peach/honey", "fruit", "水蜜桃", "Honey peaches", "一级", 1480, 20260718, false, "", ""},
		}},
		{"grower/mubarek", "مۇبارەك باغچىسى", "Mubarek's orchard", "652922104", "吐木秀克镇", "石榴和无花果。", "Pomegranates and figs.", []goods{
			{"pomegranate/red", "fruit", "皮亚曼石榴 ئانار", "Pomegranates", "", 1580, 20260930, false, "", ""},
			{"fig/dried", "dried-fruit", "无花果干", "Dried figs", "", 4680, 20260815, false, "", ""},
			{"mulberry/dried", "dried-fruit", "桑葚干", "Dried mulberries", "", 3280, 20260615, false, "", ""},
			{"goji/black", "goji", "黑枸杞", "Black goji berries", "特级", 23800, 20260830, false, "泡水变蓝。", "Turns water blue."},
			{"rose/jam", "other", "玫瑰花酱", "Rose petal jam", "", 4200, 0, false, "", ""},
			{"nan/walnut", "other", "核桃馕", "Walnut naan bread", "", 2400, 0, false, "馕里夹核桃碎。", "Flat bread with chopped walnuts."},
		}},
	}},
	{"610828", "陕西", "Shaanxi", "佳县", "Jia county", []grower{
		{"grower/heyuan", "赫源枣业", "Heyuan dates", "610828103", "泥河沟村", "千年枣园，黄河边上。", "A thousand-year-old date grove by the Yellow River.", []goods{
			{"date/jiaxian", "red-date", "佳县油枣", "Jiaxian oil dates", "特级", 2600, 20261012, false, "皮薄肉厚。", ""},
			{"date/tan", "red-date", "滩枣", "River-bank dates", "一级", 1800, 20261012, false, "", ""},
			{"date/dried-red", "red-date", "红枣 五斤装", "Red dates, 2.5 kg", "", 1360, 20251015, false, "煮粥泡茶都好。", "For porridge and tea."},
			{"date/wine", "other", "醉枣", "Dates in spirit", "", 2900, 0, false, "", ""},
			{"date/paste", "other", "枣泥馅", "Date paste", "", 1900, 0, false, "", ""},
			{"date/chips", "dried-fruit", "脆枣片", "Crisp date chips", "", 4900, 0, true, "", ""},
		}},
		{"grower/shanbei", "陕北杂粮合作社", "Shaanbei coarse grain cooperative", "610828100", "神泉村", "黄土坡上的杂粮。", "Coarse grain from the loess.", []goods{
			{"millet/mizhi", "millet", "米脂小米", "Mizhi millet", "一级", 1280, 20261005, false, "熬粥有米油。", "Makes a creamy porridge."},
			{"mung/green", "millet", "绿豆", "Mung beans", "", 1180, 20260920, false, "", ""},
			{"bean/red", "millet", "红小豆", "Adzuki beans", "", 1380, 20260920, false, "", ""},
			{"buckwheat/noodle", "grain", "荞麦面", "Buckwheat noodles", "", 1580, 0, false, "", ""},
			{"corn/grits", "millet", "玉米糁", "Corn grits", "", 680, 20261001, false, "", ""},
			{"potato/vermicelli", "other", "土豆粉条", "Potato vermicelli", "", 1680, 0, false, "", ""},
		}},
		{"grower/shanyang", "白绒山羊合作社", "Cashmere goat cooperative", "610828101", "朱家坬村", "陕北白绒山羊。", "White cashmere goats.", []goods{
			{"cashmere/raw", "wool", "山羊绒", "Raw cashmere", "特级", 68000, 20260510, false, "14.5 微米。", "14.5 micron."},
			{"wool/coarse", "wool", "粗羊毛", "Coarse wool", "三级", 1200, 20260601, false, "做毡子用。", "For felt."},
			{"mutton/dried", "cured-meat", "风干羊肉", "Wind-dried mutton", "", 18800, 0, false, "", ""},
			{"apple/shaanxi", "fruit", "山地苹果", "Mountain apples", "一级", 880, 20261018, false, "", ""},
			{"sunflower/seed", "nut", "葵花籽", "Sunflower seeds", "", 1580, 20260925, false, "", ""},
			{"paper-cut/window", "handicraft", "陕北剪纸窗花", "Paper-cut window flowers", "", 3800, 0, false, "", ""},
		}},
	}},
	{"640521", "宁夏", "Ningxia", "中宁县", "Zhongning", []grower{
		{"grower/zhongning", "中宁枸杞王家", "Wang family goji, Zhongning", "640521100", "舟塔村", "三代人种枸杞。", "Three generations of goji.", []goods{
			{"goji/red-king", "goji", "中宁枸杞 特优", "Zhongning goji berries, extra", "特级", 12800, 20260710, false, "头茬果，颗粒大。", "First picking, large berries."},
			{"goji/red", "goji", "宁夏红枸杞", "Ningxia red goji", "一级", 7800, 20260720, false, "", ""},
			{"goji/fresh", "goji", "枸杞原浆", "Goji berry juice", "", 9800, 0, false, "鲜果打浆。", ""},
			{"goji/leaf-tea", "tea", "枸杞叶茶", "Goji leaf tea", "", 16800, 20260425, false, "", ""},
			{"goji/sprout", "vegetable", "枸杞芽菜", "Goji sprouts", "", 3200, 20260418, true, "", ""},
			{"tea/eight", "tea", "八宝茶（红枣枸杞桂圆）", "Eight-treasure tea with dates and goji", "", 5800, 0, false, "", ""},
		}},
		{"grower/yellowriver", "黄河滩合作社", "Yellow River flats cooperative", "640521102", "石空村", "稻田、西瓜和小麦。", "Rice, melons and wheat.", []goods{
			{"rice/ningxia", "rice", "宁夏珍珠米", "Ningxia pearl rice", "一级", 780, 20261003, false, "", ""},
			{"flour/river", "grain", "河套雪花粉", "Snow flour of the river plain", "", 620, 0, false, "河套平原的小麦。", "Wheat of the river plain."},
			{"watermelon/selenium", "fruit", "硒砂瓜", "Watermelon from gravel fields", "", 320, 20260722, false, "", ""},
			{"honey/acacia", "honey", "槐花蜜", "Acacia honey", "一级", 7600, 20260520, false, "", ""},
			{"lily/bulb", "vegetable", "百合", "Lily bulbs", "", 4600, 20261020, false, "", ""},
			{"lamb/tan", "meat", "滩羊肉", "Tan lamb", "特级", 12800, 20261110, false, "", ""},
		}},
		{"grower/liupan", "六盘山蜂农 🐝", "Liupan mountain beekeeper 🐝", "640521200", "喊叫水乡", "赶花的人，一年走四个省。", "Follows the blossom through four provinces.", []goods{
			{"honey/wild", "honey", "百花蜂蜜 🍯", "Wild-flower honey 🍯", "", 8600, 20260815, false, "会结晶，是好事。", "It crystallises, as it should."},
			{"honey/goji", "honey", "枸杞蜂蜜", "Goji blossom honey", "", 9200, 20260705, false, "", ""},
			{"honey/comb", "honey", "巢蜜", "Honeycomb", "", 15800, 20260810, false, "", ""},
			{"royal-jelly/fresh", "honey", "蜂王浆", "Royal jelly", "", 46000, 20260601, true, "", ""},
			{"wax/candle", "handicraft", "蜂蜡蜡烛", "Beeswax candles", "", 3900, 0, false, "", ""},
			{"pollen/rape", "honey", "油菜花粉", "Rape pollen", "", 6800, 20260420, false, "", ""},
		}},
	}},
}
