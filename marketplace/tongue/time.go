package tongue

import (
	"strconv"
	"time"
)

func (r Reader) local(t time.Time) time.Time {
	if r.zone == nil {
		return t.UTC()
	}
	return t.In(r.zone)
}

// Day writes a day: "12 月 4 日", "4 December"; a day of another year tells it.
func (r Reader) Day(t time.Time) string {
	t = r.local(t)
	if r.now.IsZero() || r.local(r.now).Year() == t.Year() {
		return r.day(t)
	}
	year := strconv.Itoa(t.Year())
	if r.english() {
		return r.day(t) + Space + year
	}
	return year + Space + "年" + Space + r.day(t)
}

// Date is Day that always tells the year.
func (r Reader) Date(t time.Time) string {
	year := strconv.Itoa(r.local(t).Year())
	if r.english() {
		return r.day(r.local(t)) + Space + year
	}
	return year + Space + "年" + Space + r.day(r.local(t))
}

func (r Reader) day(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if r.english() {
		return day + Space + t.Month().String()
	}
	return strconv.Itoa(int(t.Month())) + Space + "月" + Space + day + Space + "日"
}

// Clock writes the time of day: "17:40".
func (r Reader) Clock(t time.Time) string { return r.local(t).Format("15:04") }

// Moment writes day and time: "12 月 4 日 17:40", "4 December, 17:40".
func (r Reader) Moment(t time.Time) string {
	if r.english() {
		return r.Day(t) + ", " + r.Clock(t)
	}
	return r.Day(t) + Space + r.Clock(t)
}

// Month writes a month: "11 月", "November".
func (r Reader) Month(t time.Time) string {
	t = r.local(t)
	if r.english() {
		return t.Month().String()
	}
	return strconv.Itoa(int(t.Month())) + Space + "月"
}

// MonthYear is Month that tells the year: "2026 年 10 月", "October 2026".
func (r Reader) MonthYear(t time.Time) string {
	year := strconv.Itoa(r.local(t).Year())
	if r.english() {
		return r.Month(t) + Space + year
	}
	return year + Space + "年" + Space + r.Month(t)
}

// MonthShort is Month for the foot of a chart: "11 月", "Nov".
func (r Reader) MonthShort(t time.Time) string {
	if r.english() {
		return r.local(t).Month().String()[:3]
	}
	return r.Month(t)
}

// Machine writes a moment for the datetime attribute.
func (r Reader) Machine(t time.Time) string { return r.local(t).Format(time.RFC3339) }

// Due writes a deadline: the clock alone when it is today, else day and clock.
func (r Reader) Due(t time.Time) string {
	if !r.now.IsZero() && r.local(t).Format(time.DateOnly) == r.local(r.now).Format(time.DateOnly) {
		return r.T("time.today", "clock", r.Clock(t))
	}
	return r.Moment(t)
}

// Left says how long there is until t: "还剩 14 天", "14 days left". Nothing is
// left after t.
func (r Reader) Left(t time.Time) string {
	d := t.Sub(r.now)
	switch {
	case d <= 0:
		return r.T("time.over")
	case d >= 48*time.Hour:
		return r.T("time.days_left", "count", int64(d/(24*time.Hour)))
	case d >= 2*time.Hour:
		return r.T("time.hours_left", "count", int64(d/time.Hour))
	}
	return r.T("time.minutes_left", "count", int64((d+time.Minute-1)/time.Minute))
}

// Span says how long something takes or waits: "6 分钟", "6 minutes".
func (r Reader) Span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return r.T("time.seconds", "count", int64(d/time.Second))
	case d < 2*time.Hour:
		return r.T("time.minutes", "count", int64(d/time.Minute))
	case d < 48*time.Hour:
		return r.T("time.hours", "count", int64(d/time.Hour))
	}
	return r.T("time.days", "count", int64(d/(24*time.Hour)))
}

// Ago says how long ago t was: "2 小时前", "2 hours ago".
func (r Reader) Ago(t time.Time) string {
	d := r.now.Sub(t)
	switch {
	case d < time.Minute:
		return r.T("time.just_now")
	case d < time.Hour:
		return r.T("time.minutes_ago", "count", int64(d/time.Minute))
	case d < 48*time.Hour:
		return r.T("time.hours_ago", "count", int64(d/time.Hour))
	}
	return r.T("time.days_ago", "count", int64(d/(24*time.Hour)))
}

// Urgent says whether less than a day is left.
func (r Reader) Urgent(t time.Time) bool { return t.Sub(r.now) < 24*time.Hour }
