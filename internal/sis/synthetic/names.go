package synthetic

// origin is where people come from: the names they have, the language they read and what their addresses look like.
// A name in another script, or with letters that have no plain form, is followed by | and how it is written in an
// e-mail address.
type origin struct {
	weight      int // of a hundred people
	language    code
	country     code
	dial        string // a telephone number but for its last three digits
	first, last []string
	towns       []string // name|region|postal code
	streets     []string
	leads       bool // the house number leads
}

// code is a value of a code table with its description.
type code struct{ value, desc string }

func origins() []origin { return append(britain(), abroad()...) }

func britain() []origin {
	return []origin{{
		weight: 52, language: code{"en", "English"}, country: code{"GBR", "United Kingdom"}, dial: "+44 7700 900", leads: true,
		first: []string{
			"Amelia", "Oliver", "Isla", "Arthur", "Freya", "Edwin", "Imogen", "Rowan", "Maeve", "Callum", "Nia", "Harriet", "Gareth",
			"Priya", "Kofi", "Leila", "Beatrix", "Dominic", "Esme", "Fergus", "Gwendolyn", "Hamish", "Iris", "Jasper", "Keira", "Lachlan",
			"Matilda", "Nathaniel", "Ophelia", "Percy", "Rosamund", "Sebastian", "Tamsin", "Umar", "Verity", "Winston", "Xanthe", "Yusuf", "Zara", "Ruaridh",
		},
		last: []string{
			"Ashdown", "Pemberton", "Hartley", "O'Connell", "MacRae", "Thistlewood", "Okonkwo", "Sharma", "Llewellyn", "D'Arcy", "Smith-Jones",
			"Whitcombe", "Bexley", "Farrow", "Tremayne", "Quillfeather", "Ravensworth", "Addlethorpe", "Birtwhistle", "Cholmondley", "Dunwoody",
			"Easterbrook", "Fothergill", "Greatorex", "Hathersage", "Ibbotson", "Kettlewell", "Lancashire", "Mukherjee", "Netherwood", "Osei", "Postlethwaite",
			"Rahman", "Silverthorne", "Twelvetrees", "Underhill", "Venables", "Wolstenholme", "Yardley", "Zephaniah",
		},
		towns: []string{
			"London|Greater London|WC1X 4AA", "Leeds|West Yorkshire|LS2 3AB", "Bristol||BS8 2LT", "Norwich|Norfolk|NR4 6QQ", "York|North Yorkshire|YO10 5DD",
			"Aberystwyth|Ceredigion|SY23 3FL", "Newcastle upon Tyne|Tyne & Wear|NE1 7RU", "St Andrews|Fife|KY16 9AJ",
		},
		streets: []string{
			"Quarry Lane", "Mill Road", "Harbour View", "Elm Terrace", "Station Approach", "Saint Clement's Walk", "Lantern Quay", "Tanner & Weaver Yard",
			"Orchard Rise", "Old Brewery Mews", "Cartwright Gardens", "Bishop's Close",
		},
	}}
}

func abroad() []origin {
	return []origin{
		{
			weight: 14, language: code{"de", "German"}, country: code{"DEU", "Germany"}, dial: "+49 30 23125 ",
			first: []string{"Jürgen", "Käthe", "Lukas", "Anneliese", "Götz", "Mareike", "Björn", "Sabine", "Henning", "Ulrike", "Fritzi", "Torben", "Änne", "Jörg"},
			last:  []string{"Müller", "Großkopf|grosskopf", "Schäfer", "von Lützow", "Brückner", "Weiß|weiss", "Hölderle", "Kühn", "Jänicke", "Vogelsang", "Ößwein|oesswein", "Strohmayr"},
			towns: []string{"Göttingen|Niedersachsen|37073", "Köln|Nordrhein-Westfalen|50667", "Würzburg|Bayern|97070", "Kiel||24103"},
			streets: []string{
				"Lindenstraße", "Am Mühlbach", "Königsallee", "Birkenweg", "Schloßgasse", "Hinter der Stadtmauer",
			},
		},
		{
			weight: 12, language: code{"fr", "French"}, country: code{"FRA", "France"}, dial: "+33 1 99 00 0", leads: true,
			first:   []string{"Élodie", "François", "Hélène", "Noël", "Zoé", "Jérôme", "Anaïs", "Benoît", "Maëlle", "Loïc", "Cœline|coeline", "Gaël"},
			last:    []string{"Lefèvre", "d'Aubigné", "Béranger", "Garçon", "Moreau", "L'Hostis", "Ménard", "Delacroix", "Noël", "de La Fontenelle"},
			towns:   []string{"Besançon||25000", "Nîmes|Occitanie|30000", "Orléans||45000", "Saint-Étienne|Auvergne-Rhône-Alpes|42000"},
			streets: []string{"rue de l'Église", "avenue des Tilleuls", "allée du Château", "impasse Hoche", "quai des Brumes"},
		},
		{
			weight: 8, language: code{"en", "English"}, country: code{"IRL", "Ireland"}, dial: "+353 20 910 0", leads: true,
			first:   []string{"Seán", "Aoife", "Ciarán", "Niamh", "Róisín", "Pádraig", "Gráinne", "Oisín"},
			last:    []string{"Ó Briain", "Ní Dhomhnaill", "O'Sullivan", "Mac Giolla", "Fitzgerald", "Ó hEithir"},
			towns:   []string{"Galway||H91 C4XR", "Cork|Munster|T12 VK5A"},
			streets: []string{"Dyke Parade", "Long Walk", "Nun's Island"},
		},
		{
			weight: 6, language: code{"pl", "Polish"}, country: code{"POL", "Poland"}, dial: "+48 22 555 0",
			first:   []string{"Zbigniew", "Agnieszka", "Łucja|lucja", "Grażyna", "Stanisław|stanislaw", "Bożena"},
			last:    []string{"Wiśniowiecki", "Dąbrowska", "Źródlany", "Ćwikła|cwikla", "Nowak-Zalewska"},
			towns:   []string{"Łódź||90-001", "Poznań|wielkopolskie|60-001"},
			streets: []string{"ul. Źródlana", "aleja Róż", "plac Świętej Anny"},
		},
		{
			weight: 4, language: code{"zh", "Chinese"}, country: code{"CHN", "China"}, dial: "+86 10 5550 0",
			first:   []string{"小明|xiaoming", "丽华|lihua", "建国|jianguo", "雨桐|yutong"},
			last:    []string{"李|li", "王|wang", "欧阳|ouyang", "陈|chen"},
			towns:   []string{"杭州|浙江|310027", "成都|四川|610000"},
			streets: []string{"文三路", "学院路", "人民南路"},
		},
		{
			weight: 4, language: code{"ar", "Arabic"}, country: code{"GBR", "United Kingdom"}, dial: "+44 20 7946 0", leads: true,
			first:   []string{"ليلى|layla", "سمير|samir", "نور|noor"},
			last:    []string{"منصور|mansour", "حداد|haddad", "عزيز|aziz"},
			towns:   []string{"Cardiff||CF10 3AT", "Leicester|Leicestershire|LE1 7RH"},
			streets: []string{"Ferry Street", "Castle Bank"},
		},
	}
}

// Codes of the demo institution.
func groups() []weighted {
	return []weighted{
		{55, code{"01", "Undergraduate Student"}}, {25, code{"02", "Graduate Student"}}, {8, code{"03", "Faculty"}},
		{8, code{"08", "Staff"}}, {4, code{"10", "Alumni"}},
	}
}

// weighted is a code that so many of a hundred people have.
type weighted struct {
	weight int
	code   code
}

func subjects() []code {
	return []code{
		{"BIO", "Biology"}, {"CHE", "Chemistry"}, {"HIS", "History"}, {"LAW", "Law"}, {"MAT", "Mathematics"}, {"MUS", "Music & Drama"}, {"PHI", "Philosophy"},
		{"ENG", "Engineering"}, {"MED", "Medicine"}, {"GEO", "Geography"}, {"ECO", "Economics"}, {"ART", "History of Art"}, {"LIN", "Linguistics"}, {"CS", "Computer Science"},
	}
}

func remarks() []string {
	return []string{
		"Enrolled through clearing; documents seen & copied.", "Fees paid by sponsor <Beacon Trust>.", "Name changed in 2025, old diploma shows the former one.",
		`Studies part time, "evenings only".`, "Transferred from another university, credits recognised.", "On exchange for two semesters.",
		"Address confirmed by post.", "Emergency contact held by the faculty's office.",
	}
}
