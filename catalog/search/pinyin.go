package search

import (
	"slices"
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

// readings are characters that are read differently in these words than alone.
// The longest word that fits counts.
var readings = map[string]string{
	"重庆": "chong qing", "尉犁": "yu li", "厦门": "xia men", "六安": "lu an", "六合": "lu he", "台州": "tai zhou",
	"蚌埠": "beng bu", "朝阳": "chao yang", "单县": "shan xian", "东阿": "dong e", "阿胶": "e jiao", "洪洞": "hong tong",
	"浚县": "xun xian", "莘县": "shen xian", "蔚县": "yu xian", "涡阳": "guo yang", "枞阳": "zong yang", "歙县": "she xian",
	"铅山": "yan shan", "番禺": "pan yu", "东莞": "dong guan", "乐亭": "lao ting", "乐清": "yue qing", "长子县": "zhang zi xian",
	"长寿": "chang shou", "长白": "chang bai", "长沙": "chang sha", "长绒": "chang rong", "长枣": "chang zao", "长粒": "chang li",
	"长豆": "chang dou", "长治": "chang zhi", "长春": "chang chun", "长安": "chang an", "长乐": "chang le", "长阳": "chang yang",
	"行唐": "xing tang", "会稽": "kuai ji", "西藏": "xi zang", "藏红花": "zang hong hua", "藏族": "zang zu", "藏香": "zang xiang",
	"人参": "ren shen", "党参": "dang shen", "海参": "hai shen", "西洋参": "xi yang shen", "丹参": "dan shen", "参茶": "shen cha",
	"白术": "bai zhu", "苍术": "cang zhu", "黄柏": "huang bo", "芥蓝": "gai lan", "荠菜": "ji cai", "荸荠": "bi qi",
	"薄荷": "bo he", "薄皮": "bao pi", "薄壳": "bao ke", "粳米": "jing mi", "调和": "tiao he", "和田": "he tian",
	"大黄": "da huang", "血橙": "xue cheng", "血糯": "xue nuo", "血燕": "xue yan", "重楼": "chong lou", "曲麻": "qu ma",
	"地黄": "di huang", "土地": "tu di", "基地": "ji di", "种子": "zhong zi", "干果": "gan guo", "葡萄干": "pu tao gan",
	"柿子": "shi zi", "瓜子": "gua zi", "栗子": "li zi", "果子": "guo zi", "盛开": "sheng kai", "合作社": "he zuo she",
	"茄子": "qie zi", "番茄": "fan qie", "石榴": "shi liu", "柏子": "bai zi", "葛根": "ge gen", "沙棘": "sha ji",
	"行家": "hang jia", "银行": "yin hang", "蕃茄": "fan qie", "都匀": "du yun", "成都": "cheng du", "乐山": "le shan",
	"百色": "bai se", "喀什": "ka shi", "台江": "tai jiang", "曾母": "zeng mu", "盖州": "gai zhou", "盖碗": "gai wan", "苔菜": "tai cai",
}

var spoken = pinyin.Args{Style: pinyin.Normal, Fallback: func(rune, pinyin.Args) []string { return nil }}

// Syllables gives the pinyin of each character of a run of Chinese, without
// tones; what has none is empty. ü is v.
func Syllables(run string) []string {
	r := []rune(run)
	all := make([]string, 0, len(r))
	for i := 0; i < len(r); {
		if said, n := reading(r[i:]); n > 0 {
			all = append(all, said...)
			i += n
			continue
		}
		all = append(all, alone(r[i]))
		i++
	}
	return all
}

// heard keeps how characters are read alone: the library looks each up by
// patterns, which was half of what indexing a document costs.
var heard sync.Map // rune → string

func alone(r rune) string {
	if said, ok := heard.Load(r); ok {
		return said.(string)
	}
	said := ""
	if p := pinyin.SinglePinyin(r, spoken); len(p) > 0 {
		said = strings.Map(plainVowel, p[0])
	}
	heard.Store(r, said)
	return said
}

func plainVowel(r rune) rune {
	if r == 'ü' {
		return 'v'
	}
	return r
}

func reading(r []rune) ([]string, int) {
	for n := min(3, len(r)); n > 1; n-- {
		if said, ok := readings[string(r[:n])]; ok {
			return strings.Fields(said), n
		}
	}
	return nil, 0
}

// Pinyin is a run of Chinese spelled whole: 核桃 is hetao.
func Pinyin(run string) string { return strings.Join(Syllables(run), "") }

// Initials gives the first letter of each character: 核桃 is ht.
func Initials(run string) string {
	var b strings.Builder
	for _, s := range Syllables(run) {
		if s != "" {
			b.WriteByte(s[0])
		}
	}
	return b.String()
}

var sounds = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for r := range pinyin.PinyinDict {
		for _, s := range pinyin.SinglePinyin(rune(r), spoken) {
			if s = strings.Map(plainVowel, s); strings.ContainsAny(s, "aeiouv") {
				all[s] = true
			}
		}
	}
	return all
})

const (
	longestSound = 6 // zhuang
	mostLetters  = 40
	mostWays     = 4
)

// Spell gives the ways in which a word may be read as pinyin, those of fewest
// syllables first, at most four: xian is xian or xi an. None: it is no pinyin.
func Spell(word string) [][]string {
	if len(word) > mostLetters || strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return nil
	}
	known := sounds()
	ways := make([][][]string, len(word)+1)
	ways[0] = [][]string{nil}
	for end := 1; end <= len(word); end++ {
		for from := max(0, end-longestSound); from < end; from++ {
			if !known[word[from:end]] {
				continue
			}
			for _, w := range ways[from] {
				ways[end] = append(ways[end], append(slices.Clone(w), word[from:end]))
			}
		}
		slices.SortStableFunc(ways[end], func(a, b []string) int { return len(a) - len(b) })
		ways[end] = ways[end][:min(len(ways[end]), mostWays)]
	}
	if len(word) == 0 {
		return nil
	}
	return ways[len(word)]
}

// MayBeInitials says whether a word may stand for the initials of characters:
// two to eight letters, none of which no syllable begins with.
func MayBeInitials(word string) bool {
	return len(word) >= 2 && len(word) <= 8 && !strings.ContainsFunc(word, func(r rune) bool {
		return r < 'a' || r > 'z' || r == 'i' || r == 'u' || r == 'v'
	})
}
