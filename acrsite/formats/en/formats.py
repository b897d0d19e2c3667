"""American English, as the society writes. Names that are not Django's are for `date_format` like Django's own."""

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "F j, Y, g:i A"
MONTH_DAY_FORMAT = "F j"
# A day with its weekday: whole, without its year, and as short as lists and menus want it.
LONG_DAY_FORMAT = "l, F j, Y"
DAY_FORMAT = "l, F j"
SHORT_DAY_FORMAT = "D, M j"
# Two days of one month, with a dash between them: the first, and the last.
SPAN_FIRST_FORMAT = "F j"
SPAN_LAST_FORMAT = "j, Y"
