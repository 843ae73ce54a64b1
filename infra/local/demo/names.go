package demo

// origin is where a group of invented people comes from: the names they have, the language they read and how their
// addresses look.
type origin struct {
	language  string
	country   string
	first     []string
	last      []string
	cities    []city
	addresses []string // street names; a number follows or leads
	leads     bool     // the number leads
	code      string   // of the country, for telephones
}

type city struct{ name, postalCode string }

var origins = []origin{
	{
		language: "en", country: "GBR", leads: true, code: "+44",
		first:     []string{"Amelia", "Oliver", "Isla", "Arthur", "Freya", "Edwin", "Imogen", "Rowan", "Maeve", "Callum", "Nia", "Harriet", "Gareth", "Priya", "Kofi", "Leila"},
		last:      []string{"Ashdown", "Pemberton", "Hartley", "O'Connell", "MacRae", "Thistlewood", "Okonkwo", "Sharma", "Llewellyn", "D'Arcy", "Smith-Jones", "Whitcombe", "Bexley", "Farrow"},
		cities:    []city{{"London", "WC1X 4AA"}, {"Leeds", "LS2 3AB"}, {"Bristol", "BS8 2LT"}, {"Norwich", "NR4 6QQ"}},
		addresses: []string{"Quarry Lane", "Mill Road", "Harbour View", "Elm Terrace", "Station Approach", "Saint Clement's Walk"},
	},
	{
		language: "de", country: "DEU", code: "+49",
		first:     []string{"Jürgen", "Käthe", "Lukas", "Anneliese", "Götz", "Mareike", "Björn", "Sabine", "Henning", "Ulrike", "Fritzi", "Torben"},
		last:      []string{"Müller", "Großkopf", "Schäfer", "von Lützow", "Brückner", "Weiß", "Hölderle", "Kühn", "Jänicke", "Vogelsang"},
		cities:    []city{{"Göttingen", "37073"}, {"Köln", "50667"}, {"Würzburg", "97070"}, {"Kiel", "24103"}},
		addresses: []string{"Lindenstraße", "Am Mühlbach", "Königsallee", "Birkenweg", "Schloßgasse"},
	},
	{
		language: "fr", country: "FRA", leads: true, code: "+33",
		first:     []string{"Élodie", "François", "Hélène", "Noël", "Zoé", "Jérôme", "Anaïs", "Benoît", "Maëlle", "Loïc"},
		last:      []string{"Lefèvre", "d'Aubigné", "Béranger", "Garçon", "Moreau", "L'Hostis", "Ménard", "Delacroix", "Noël"},
		cities:    []city{{"Besançon", "25000"}, {"Nîmes", "30000"}, {"Orléans", "45000"}, {"Saint-Étienne", "42000"}},
		addresses: []string{"rue de l'Église", "avenue des Tilleuls", "allée du Château", "impasse Hoche"},
	},
	{
		language: "en", country: "IRL", leads: true, code: "+353",
		first:     []string{"Seán", "Aoife", "Ciarán", "Niamh", "Róisín", "Pádraig"},
		last:      []string{"Ó Briain", "Ní Dhomhnaill", "O'Sullivan", "Mac Giolla", "Fitzgerald"},
		cities:    []city{{"Galway", "H91 C4XR"}, {"Cork", "T12 VK5A"}},
		addresses: []string{"Dyke Parade", "Long Walk", "Nun's Island"},
	},
}
