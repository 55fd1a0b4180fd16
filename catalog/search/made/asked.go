package made

// Asked are 60 things people type: those of the suite every engine keeps
// (search/searchtest), which no program may import. They stand here again, and
// a test there compares.
var Asked = [60]string{
	"核桃", "纸皮核桃", "核桃仁", "核桃油", "枣夹核桃", "桃",
	"蟠桃", "木耳", "黑木耳", "银耳", "大米", "小米",
	"红米", "玉米", "红枣", "棉花", "棉被", "长绒棉",
	"腊肉", "绿茶", "竹篮", "香梨", "walnut", "walnuts",
	"walnut kernels", "wallnut", "red dates", "egg", "bamboo basket", "green tea",
	"smoked pork", "hony", "cotten", "pomegranite", "Long-Staple COTTON", "hetao", //nolint:misspell // as people type
	"he tao", "HeTaoRen", "heimuer", "xiaomi", "hongzao", "changrongmian",
	"lvcha", "gouqi", "qwrtzp", "fengmii", "chongqing huoguo", "ht",
	"hme", "hz", "阿克苏 核桃", "新疆 walnuts", "我想买点蜂蜜", "胡桃",
	"jujube", "核挑", "ياڭاق", "吐尔逊", "  ＨＥＴＡＯ！！ ", "蜂蜜🍯",
}
