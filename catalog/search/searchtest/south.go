package searchtest

// The made-up catalogue, third part: what grows by water and in the south, and
// words that are easily taken for others.
var south = []county{
	{"421221", "湖北", "Hubei", "嘉鱼县", "Jiayu", []grower{
		{"grower/lotus", "珍湖莲藕合作社", "Zhenhu lotus cooperative", "421221100", "珍湖村", "八月采莲，腊月挖藕。", "Seeds in August, roots in winter.", []goods{
			{"lotus/root", "vegetable", "嘉鱼莲藕", "Lotus root", "一级", 880, 20261105, false, "粉糯，适合煨汤。", "Floury, for soup."},
			{"lotus/seed", "nut", "白莲子", "White lotus seeds", "特级", 9800, 20260820, false, "", ""},
			{"lotus/starch", "other", "藕粉", "Lotus root starch", "", 5600, 0, false, "", ""},
			{"lotus/tea", "tea", "荷叶茶", "Lotus leaf tea", "", 8800, 20260710, false, "", ""},
			{"caltrop/fresh", "vegetable", "鲜菱角", "Water caltrops", "", 1280, 20260915, true, "", ""},
			{"gorgon/dried", "grain", "芡实", "Gorgon nuts", "", 6800, 20260920, false, "", ""},
		}},
		{"grower/lake", "三湖渔家", "Fishers of the three lakes", "421221103", "渔岳村", "湖里养鱼，岸上养鸭。", "Fish in the lake, ducks on the bank.", []goods{
			{"fish/mandarin", "meat", "腌鳜鱼", "Cured mandarin fish", "", 7800, 0, false, "", ""},
			{"crayfish/live", "meat", "鲜活小龙虾", "Live crayfish", "", 5200, 20260601, true, "", ""},
			{"fish/dried", "cured-meat", "刁子鱼干", "Dried lake fish", "", 6400, 0, false, "", ""},
			{"duck/cured", "cured-meat", "酱板鸭", "Flat cured duck", "", 8200, 0, false, "", ""},
			{"shrimp/dried", "other", "干河虾", "Dried river shrimp", "", 12800, 0, false, "", ""},
			{"reed/curtain", "handicraft", "芦苇门帘", "Reed curtain", "", 5800, 0, false, "", ""},
		}},
		{"grower/ramie", "苎麻夏布坊", "Ramie cloth workshop", "421221101", "官桥村", "手绩手织的夏布。", "Ramie spun and woven by hand.", []goods{
			{"ramie/cloth", "handicraft", "苎麻夏布", "Ramie summer cloth", "", 26000, 0, false, "", ""},
			{"ramie/curtain", "handicraft", "夏布茶席", "Ramie table runner", "", 15800, 0, false, "", ""},
			{"palm/fan", "handicraft", "蒲扇", "Palm-leaf fan", "", 1500, 0, false, "", ""},
			{"straw/hat", "handicraft", "草帽", "Straw hat", "", 2600, 0, false, "", ""},
			{"rapeseed/honey-candy", "other", "麻糖", "Sesame candy", "", 2800, 0, false, "", ""},
			{"sesame/black", "grain", "黑芝麻", "Black sesame", "", 2400, 20260910, false, "", ""},
		}},
	}},
	{"350424", "福建", "Fujian", "宁化县", "Ninghua", []grower{
		{"grower/hakka", "客家老灶", "Hakka stove", "350424100", "石壁村", "客家人的酒和薯干。", "Wine and dried sweet potatoes of the Hakka.", []goods{
			{"wine/rice", "other", "客家米酒", "Hakka rice wine", "", 3600, 0, false, "", ""},
			{"taro/dried", "dried-fruit", "芋头干", "Dried taro", "", 2600, 0, false, "", ""},
			{"mouse/ninghua", "cured-meat", "板鸭", "Pressed duck", "", 7800, 0, false, "", ""},
			{"soy/cake", "other", "豆腐皮", "Bean-curd sheets", "", 2900, 0, false, "", ""},
			{"ginger/sugar", "other", "姜糖膏", "Ginger sugar paste", "", 4600, 0, false, "", ""},
			{"peanut/salted", "nut", "咸干花生", "Salted dried peanuts", "", 2200, 20260901, false, "", ""},
		}},
		{"grower/job-tears", "河龙贡米庄", "Helong tribute rice", "350424201", "河龙村", "贡米和薏仁。", "Tribute rice and Job's tears.", []goods{
			{"rice/helong", "rice", "河龙贡米", "Helong tribute rice", "特级", 1580, 20261010, false, "", ""},
			{"barley/job", "grain", "薏苡仁", "Job's tears", "", 2800, 20261015, false, "", ""},
			{"bean/soy", "grain", "田埂黄豆", "Field-bank soybeans", "", 1280, 20261008, false, "", ""},
			{"noodle/rice", "grain", "手工米粉", "Rice noodles", "", 1480, 0, false, "", ""},
			{"bran/chicken-feed", "other", "细米糠", "Fine rice bran", "", 280, 0, false, "", ""},
			{"straw/rope", "handicraft", "稻草绳", "Rice-straw rope", "", 600, 0, false, "", ""},
		}},
		{"grower/forest", "武夷林下药园", "Wuyi forest herbs", "350424203", "治平村", "林下种黄精和灵芝。", "Herbs under the trees.", []goods{
			{"polygonatum/steamed", "other", "九制黄精", "Steamed Solomon's seal", "", 18800, 0, false, "", ""},
			{"reishi/log", "mushroom", "灵芝片", "Reishi slices", "", 22000, 20261001, false, "", ""},
			{"bamboo/winter", "vegetable", "鲜冬笋", "Fresh winter bamboo shoots", "", 3200, 20261120, false, "", ""},
			{"turpentine/rosin", "other", "松香", "Rosin", "", 1800, 0, false, "", ""},
			{"kudzu/powder", "other", "野葛粉", "Wild kudzu powder", "", 6800, 0, false, "", ""},
			{"plum/green", "fruit", "青梅", "Green plums", "", 980, 20260520, true, "", ""},
		}},
		{"grower/tea-oil", "油茶林场", "Camellia oil forest", "350424102", "泉上镇", "三千亩油茶。", "Three thousand mu of camellia.", []goods{
			{"tea-oil/first", "oil", "头道茶籽油", "First-press camellia oil", "特级", 15800, 0, false, "", ""},
			{"tea-oil/soap", "handicraft", "茶籽皂", "Camellia soap", "", 2200, 0, false, "", ""},
			{"tea-oil/cake", "other", "茶枯饼", "Camellia press cake", "", 420, 0, false, "洗发、清塘。", ""},
			{"camphor/chest", "handicraft", "樟木箱", "Camphor-wood chest", "", 68000, 0, false, "", ""},
			{"charcoal/white", "other", "白炭", "White charcoal", "", 1600, 0, false, "", ""},
			{"loquat/honey-syrup", "other", "枇杷膏", "Loquat syrup", "", 6200, 0, false, "", ""},
		}},
	}},
}
