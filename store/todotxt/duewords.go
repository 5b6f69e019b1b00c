package todotxt

import "strconv"

// Words tells a due date as the list does: "today", "tomorrow", "3 days late", "fri"
// within six days, "24 dec" within the year, "24 dec 2027".
func (d Day) Words(today Day) string {
	switch ahead := int(d - today); {
	case ahead == 0:
		return "today"
	case ahead == 1:
		return "tomorrow"
	case ahead == -1:
		return "1 day late"
	case ahead < 0:
		return strconv.Itoa(-ahead) + " days late"
	case ahead <= 6:
		return weekdays[d.Weekday()][:3]
	}
	return d.Date(today)
}

// Date tells a due date without a judgement, as a done todo's: "30 sep", with the
// year where that is not today's.
func (d Day) Date(today Day) string {
	y, m, dd := d.date()
	words := strconv.Itoa(dd) + " " + months[m-1][:3]
	if thisYear, _, _ := today.date(); y != thisYear {
		words += " " + strconv.Itoa(y)
	}
	return words
}
