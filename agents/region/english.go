package region

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"commonfield/storage"
)

// Said is how people say a place, in Chinese and in English.
type Said struct{ Name, English string }

// Say is Names in both languages: 新疆尉犁县兴平镇 and "Xingping town, Yuli
// county, Xinjiang". English names are pinyin, but for those that the world
// knows by another.
func Say(tx *storage.Tx, codes ...string) (map[string]Said, error) {
	paths, err := paths(tx, codes...)
	out := make(map[string]Said, len(paths))
	for code, path := range paths {
		out[code] = Said{say(path), english(path)}
	}
	return out, err
}

// english writes a path from its end, and leaves out what say leaves out.
func english(path []Region) string {
	var parts []string
	for i, r := range path {
		if r.Level == City && i+1 < len(path) && path[i+1].Level == County && !strings.HasSuffix(path[i+1].Name, "区") {
			continue
		}
		parts = append([]string{r.English()}, parts...)
	}
	return strings.Join(parts, ", ")
}

// English is one division by itself: its name, and what it is where that is not said by
// its place in the address.
func (r Region) English() string {
	if r.Level == Province {
		if known, ok := exonyms[short(r.Name)]; ok {
			return known
		}
		return roman(short(r.Name))
	}
	whole := aside.ReplaceAllString(r.Name, "")
	for _, k := range sorts {
		stem, cut := strings.CutSuffix(whole, k.tail)
		if !cut || stem == "" {
			continue
		}
		stem = cmp.Or(peoples.ReplaceAllString(stem+k.of, ""), strings.TrimSuffix(stem, "族"))
		name := exonyms[stem]
		if name == "" {
			name = roman(stem)
		}
		if k.word == "" {
			return name
		}
		return name + " " + k.word
	}
	return roman(r.Name)
}

// sorts of divisions by how their names end, longer endings first. of
// is what an ending shares with the name before it.
var sorts = []struct{ tail, word, of string }{
	{"自治州", "", ""}, {"自治县", "county", ""}, {"自治旗", "banner", ""}, {"民族乡", "township", ""}, {"族乡", "township", "族"},
	{"地区", "", ""}, {"林区", "", ""}, {"街道", "subdistrict", ""}, {"街道办事处", "subdistrict", ""}, {"农场", "farm", ""}, {"林场", "forest farm", ""},
	{"苏木", "township", ""}, {"县", "county", ""}, {"区", "district", ""}, {"旗", "banner", ""}, {"镇", "town", ""}, {"乡", "township", ""}, {"盟", "", ""}, {"市", "", ""},
}

// peoples are the names of peoples at the end of a name.
var peoples = regexp.MustCompile(`((各|蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族|蒙古|哈萨克|柯尔克孜|塔吉克|回)+$`)

// Village is a village's name in English, which is pinyin: "Daxi village". What is
// not written in Chinese stays as it is.
func Village(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return name
	}
	if stem, cut := strings.CutSuffix(name, "村"); cut && stem != "" {
		return cmp.Or(exonyms[stem], roman(stem)) + " village"
	}
	return roman(name)
}

// aside is what a name says in brackets.
var aside = regexp.MustCompile(`（[^）]*）|[、·]`)

// exonyms are names that pinyin gets wrong, or that are known by another.
var exonyms = map[string]string{
	"陕西": "Shaanxi", "内蒙古": "Inner Mongolia", "西藏": "Xizang", "重庆": "Chongqing", "香港": "Hong Kong", "澳门": "Macau",
	"尉犁": "Yuli", "库尔勒": "Korla", "和田": "Hotan", "喀什": "Kashgar", "阿克苏": "Aksu", "吐鲁番": "Turpan", "乌鲁木齐": "Urumqi", "伊犁": "Ili", "阿勒泰": "Altay",
	"哈密": "Hami", "巴音郭楞": "Bayingolin", "博尔塔拉": "Bortala", "克孜勒苏": "Kizilsu", "石河子": "Shihezi", "拉萨": "Lhasa", "日喀则": "Shigatse", "林芝": "Nyingchi",
	"呼和浩特": "Hohhot", "鄂尔多斯": "Ordos", "呼伦贝尔": "Hulunbuir", "锡林郭勒": "Xilingol", "哈尔滨": "Harbin", "齐齐哈尔": "Qiqihar",
	"成都": "Chengdu", "都江堰": "Dujiangyan", "长沙": "Changsha", "长治": "Changzhi", "长垣": "Changyuan", "长乐": "Changle", "长兴": "Changxing", "长丰": "Changfeng",
	"番禺": "Panyu", "六安": "Lu’an", "六合": "Luhe", "蚌埠": "Bengbu", "丽水": "Lishui", "乐清": "Yueqing", "乐亭": "Laoting", "台州": "Taizhou", "渑池": "Mianchi",
	"浚": "Xun", "蔚": "Yu", "莘": "Shen", "单": "Shan", "解": "Xie", "洪洞": "Hongtong", "铅山": "Yanshan", "东阿": "Dong’e", "朝阳": "Chaoyang", "厦门": "Xiamen", "大埔": "Dabu",
	"涪陵": "Fuling", "荥阳": "Xingyang", "繁峙": "Fanshi", "盱眙": "Xuyi", "黄陂": "Huangpi", "耒阳": "Leiyang", "郴州": "Chenzhou", "歙": "She", "黟": "Yi", "泌阳": "Biyang",
}

var plain = pinyin.Args{Style: pinyin.Normal, Fallback: func(r rune, _ pinyin.Args) []string { return []string{string(r)} }}

// roman writes a name in pinyin as one word: 兴平 is Xingping, 西安 Xi’an.
func roman(name string) string {
	var b strings.Builder
	for i, r := range []rune(aside.ReplaceAllString(name, "")) {
		said := pinyin.SinglePinyin(r, plain)
		if len(said) == 0 || said[0] == "" {
			continue
		}
		if i > 0 && unicode.Is(unicode.Han, r) && strings.ContainsRune("aeo", rune(said[0][0])) {
			b.WriteString("’")
		}
		b.WriteString(strings.ReplaceAll(said[0], "v", "ü"))
	}
	text := []rune(b.String())
	if len(text) > 0 {
		text[0] = unicode.ToUpper(text[0])
	}
	return string(text)
}
