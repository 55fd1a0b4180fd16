package made

// Counties is how many counties there are.
const Counties = 20

// County gives the division code of the mth market's county.
func County(m int) string { return counties[m%Counties].code }

type county struct{ code, province, name, nameEN string }

var counties = [Counties]county{
	{"652823", "新疆", "尉犁县", "Yuli"}, {"522633", "贵州", "从江县", "Congjiang"}, {"652922", "新疆", "温宿县", "Wensu"}, {"610828", "陕西", "佳县", "Jia"},
	{"140430", "山西", "沁县", "Qin"}, {"640521", "宁夏", "中宁县", "Zhongning"}, {"511921", "四川", "通江县", "Tongjiang"}, {"520328", "贵州", "湄潭县", "Meitan"},
	{"532922", "云南", "漾濞县", "Yangbi"}, {"653224", "新疆", "洛浦县", "Lop"}, {"653126", "新疆", "叶城县", "Yecheng"}, {"622421", "甘肃", "通渭县", "Tongwei"},
	{"510823", "四川", "剑阁县", "Jiange"}, {"532326", "云南", "大姚县", "Dayao"}, {"421221", "湖北", "嘉鱼县", "Jiayu"}, {"361128", "江西", "鄱阳县", "Poyang"},
	{"350424", "福建", "宁化县", "Ninghua"}, {"451027", "广西", "凌云县", "Lingyun"}, {"411224", "河南", "卢氏县", "Lushi"}, {"130535", "河北", "临西县", "Linxi"},
}

var villages = [][2]string{
	{"达西村", "Daxi"}, {"加车村", "Jiache"}, {"泥河沟村", "Nihegou"}, {"光明村", "Guangming"}, {"核桃坝村", "Hetaoba"}, {"石空村", "Shikong"}, {"陈河村", "Chenhe"},
	{"占里村", "Zhanli"}, {"次村", "Ci"}, {"白杨沟村", "Baiyanggou"}, {"柳树湾村", "Liushuwan"}, {"青石坡村", "Qingshipo"}, {"上庄村", "Shangzhuang"}, {"下庄村", "Xiazhuang"},
	{"枣林村", "Zaolin"}, {"桃花源村", "Taohuayuan"}, {"大梨树村", "Dalishu"}, {"茶山村", "Chashan"}, {"竹园村", "Zhuyuan"}, {"红岩村", "Hongyan"},
}

var families = [][2]string{
	{"王", "Wang"}, {"李", "Li"}, {"张", "Zhang"}, {"刘", "Liu"}, {"陈", "Chen"}, {"杨", "Yang"}, {"赵", "Zhao"}, {"黄", "Huang"}, {"周", "Zhou"}, {"吴", "Wu"},
	{"徐", "Xu"}, {"孙", "Sun"}, {"胡", "Hu"}, {"朱", "Zhu"}, {"高", "Gao"}, {"林", "Lin"}, {"何", "He"}, {"郭", "Guo"}, {"马", "Ma"}, {"罗", "Luo"}, {"梁", "Liang"}, {"宋", "Song"}, {"郑", "Zheng"}, {"谢", "Xie"},
	{"韩", "Han"}, {"唐", "Tang"}, {"冯", "Feng"}, {"于", "Yu"}, {"董", "Dong"}, {"萧", "Xiao"}, {"石", "Shi"}, {"潘", "Pan"}, {"韦", "Wei"}, {"龙", "Long"}, {"田", "Tian"}, {"吉", "Ji"},
}

var givens = [][2]string{
	{"秀英", "Xiuying"}, {"建国", "Jianguo"}, {"桂兰", "Guilan"}, {"志强", "Zhiqiang"}, {"春花", "Chunhua"}, {"光明", "Guangming"}, {"玉兰", "Yulan"}, {"小燕", "Xiaoyan"}, {"老三", "Laosan"}, {"德福", "Defu"},
	{"长根", "Changgen"}, {"水生", "Shuisheng"}, {"金花", "Jinhua"}, {"大山", "Dashan"}, {"永红", "Yonghong"}, {"国庆", "Guoqing"}, {"丽娟", "Lijuan"}, {"文军", "Wenjun"}, {"凤英", "Fengying"}, {"海涛", "Haitao"},
	{"雪梅", "Xuemei"}, {"铁柱", "Tiezhu"}, {"来喜", "Laixi"}, {"满仓", "Mancang"}, {"招弟", "Zhaodi"}, {"有田", "Youtian"}, {"福贵", "Fugui"}, {"家珍", "Jiazhen"}, {"润生", "Runsheng"}, {"巧珍", "Qiaozhen"},
}

var grades = []string{"特级", "一级", "一级", "二级", "三级"}

var qualities = [][2]string{
	{"", ""}, {"", ""}, {"（新货）", ", new crop"}, {" 手工", ", by hand"}, {" 五斤装", ", 2.5 kg"}, {" 十斤装", ", 5 kg"}, {" 礼盒", ", gift box"}, {" 农家自产", " from the farm"},
	{" 产地直发", ", sent from where it grows"}, {" 无添加", ", nothing added"}, {" 散装", ", loose"}, {" 整箱", ", whole box"}, {"（陈货）", ", last year's"}, {" 精选", ", sorted"},
}

var stories = [][2]string{
	{"自家地里种的，不打农药，太阳底下晒干。", "Grown on our own land without pesticide and dried in the sun."},
	{"村里二十几户一起种，合作社统一收。", "Twenty households grow it together and the cooperative collects it."},
	{"雪山水浇的，昼夜温差大，味道足。", "Watered from snow mountains; hot days and cold nights make it rich."},
	{"老手艺，父亲传下来的，做了三十年。", "An old craft that came from my father, thirty years of it."},
	{"今年雨水好，收成比去年多，价格也实在。", "Good rain this year: more than last year, at an honest price."},
	{"现摘现发，收到有坏的包赔。", "Picked the day it is sent; what arrives spoiled is paid back."},
	{"海拔一千八百米，云雾里长大的。", "Grown in the clouds at 1,800 metres."},
	{"孩子在外面打工，家里老人照看。", "The children work in the city and the old ones look after it."},
}

type thing struct {
	category string
	price    int
	sorts    [][2]string
}

// goods stand with the most frequent first.
var goods = []thing{
	{"rice", 900, [][2]string{{"大米", "Rice"}, {"香米", "Fragrant rice"}, {"红米", "Red rice"}, {"糯米", "Glutinous rice"}, {"黑米", "Black rice"}, {"新米", "New-crop rice"}, {"糙米", "Brown rice"}}},
	{"walnut", 2400, [][2]string{{"核桃", "Walnuts"}, {"薄皮核桃", "Paper-shell walnuts"}, {"核桃仁", "Walnut kernels"}, {"纸皮核桃", "Thin-shelled walnuts"}, {"野核桃", "Wild walnuts"}, {"绵核桃", "Soft walnuts"}}},
	{"tea", 36000, [][2]string{{"绿茶", "Green tea"}, {"红茶", "Black tea"}, {"白茶", "White tea"}, {"高山云雾茶", "High-mountain cloud tea"}, {"苦丁茶", "Kuding tea"}, {"老鹰茶", "Eagle tea"}}},
	{"red-date", 1900, [][2]string{{"红枣", "Red dates"}, {"骏枣", "Jun dates"}, {"灰枣", "Grey dates"}, {"滩枣", "River-bank dates"}, {"狗头枣", "Dog-head dates"}}},
	{"fruit", 1100, [][2]string{{"香梨", "Fragrant pears"}, {"苹果", "Apples"}, {"蟠桃", "Flat peaches"}, {"水蜜桃", "Honey peaches"}, {"石榴", "Pomegranates"}, {"猕猴桃", "Kiwi fruit"}, {"脐橙", "Navel oranges"}, {"葡萄", "Grapes"}}},
	{"millet", 1300, [][2]string{{"小米", "Millet"}, {"黄小米", "Yellow millet"}, {"绿豆", "Mung beans"}, {"黑小米", "Black millet"}, {"玉米糁", "Corn grits"}, {"红小豆", "Adzuki beans"}}},
	{"honey", 9000, [][2]string{{"土蜂蜜", "Wild-flower honey"}, {"槐花蜜", "Acacia honey"}, {"百花蜂蜜", "Hundred-flower honey"}, {"枣花蜜", "Date-blossom honey"}, {"蜂王浆", "Royal jelly"}}},
	{"mushroom", 9000, [][2]string{{"黑木耳", "Black wood ear"}, {"木耳", "Wood ear"}, {"银耳", "Silver ear"}, {"香菇", "Shiitake"}, {"竹荪", "Bamboo fungus"}, {"羊肚菌", "Morels"}}},
	{"spice", 4200, [][2]string{{"干辣椒", "Dried chillies"}, {"花椒", "Sichuan pepper"}, {"辣椒酱", "Chilli sauce"}, {"八角", "Star anise"}, {"朝天椒", "Sky-pointing chillies"}}},
	{"cured-meat", 9600, [][2]string{{"腊肉", "Smoked pork"}, {"香肠", "Sausage"}, {"火腿", "Ham"}, {"风干牛肉", "Wind-dried beef"}, {"腊鸭", "Cured duck"}}},
	{"egg", 180, [][2]string{{"土鸡蛋", "Free-range eggs"}, {"鸭蛋", "Duck eggs"}, {"鹅蛋", "Goose eggs"}, {"咸鸭蛋", "Salted duck eggs"}}},
	{"goji", 9000, [][2]string{{"枸杞", "Goji berries"}, {"黑枸杞", "Black goji berries"}, {"红枸杞", "Red goji berries"}}},
	{"cotton", 3200, [][2]string{{"长绒棉", "Long-staple cotton"}, {"棉花", "Cotton"}, {"皮棉", "Cotton lint"}, {"籽棉", "Seed cotton"}}},
	{"oil", 5200, [][2]string{{"菜籽油", "Rapeseed oil"}, {"核桃油", "Walnut oil"}, {"山茶油", "Camellia oil"}, {"胡麻油", "Linseed oil"}}},
	{"dried-fruit", 3600, [][2]string{{"杏干", "Dried apricots"}, {"葡萄干", "Raisins"}, {"柿饼", "Dried persimmons"}, {"无花果干", "Dried figs"}, {"枣夹核桃", "Dates stuffed with walnuts"}}},
	{"vegetable", 900, [][2]string{{"土豆", "Potatoes"}, {"百合", "Lily bulbs"}, {"竹笋", "Bamboo shoots"}, {"大蒜", "Garlic"}, {"红薯", "Sweet potatoes"}, {"玉米", "Corn"}}},
	{"handicraft", 9000, [][2]string{{"竹篮", "Bamboo basket"}, {"棉被", "Cotton quilt"}, {"竹席", "Bamboo mat"}, {"土布", "Homespun cloth"}, {"剪纸", "Paper-cut"}, {"羊毛毯", "Wool rug"}}},
	{"wool", 5200, [][2]string{{"羊毛", "Wool"}, {"山羊绒", "Cashmere"}, {"羊毛线", "Woollen yarn"}}},
	{"meat", 8800, [][2]string{{"羊腿", "Leg of lamb"}, {"土鸡", "Village chicken"}, {"黑猪肉", "Black pork"}, {"牦牛肉", "Yak beef"}}},
	{"nut", 5600, [][2]string{{"巴旦木", "Almonds"}, {"板栗", "Chestnuts"}, {"松子", "Pine nuts"}, {"榛子", "Hazelnuts"}}},
	{"other", 3600, [][2]string{{"秋梨膏", "Pear paste"}, {"玫瑰花酱", "Rose jam"}, {"天麻", "Gastrodia root"}, {"雪莲花", "Snow lotus"}}},
}
