package language

// tongue is what a language does its own way.
type tongue struct {
	day, shortDay string // Go layouts
	months        [12]string
	group, point  string // between groups of three digits, and before the decimals
	percent       string // after the number
}

// tongues are the languages that ship, by ISO 639-1 code.
var tongues = map[string]tongue{
	English: {
		day: "2 January 2006", shortDay: "2 Jan 2006",
		months: [...]string{
			"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December",
		},
		group: ",", point: ".", percent: "%",
	},
	"de": {
		day: "2. January 2006", shortDay: "02.01.2006",
		months: [...]string{
			"Januar", "Februar", "März", "April", "Mai", "Juni",
			"Juli", "August", "September", "Oktober", "November", "Dezember",
		},
		group: ".", point: ",", percent: "\u00a0%",
	},
	"fr": {
		day: "2 January 2006", shortDay: "02/01/2006",
		months: [...]string{
			"janvier", "février", "mars", "avril", "mai", "juin",
			"juillet", "août", "septembre", "octobre", "novembre", "décembre",
		},
		group: "\u202f", point: ",", percent: "\u00a0%",
	},
}
