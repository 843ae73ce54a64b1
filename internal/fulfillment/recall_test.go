package fulfillment

import "testing"

func TestRecallable(t *testing.T) {
	second := emma
	second.ID = "24"
	copies := []Item{emma, second}
	on := func(ids ...string) map[string]Custody {
		all := map[string]Custody{}
		for _, id := range ids {
			all[id] = Custody{ItemID: id, State: OnLoan, UID: "thomas", LoanID: id}
		}
		return all
	}
	anyCopy, first := NewWaiting("ada", "01", hold("1", mainDesk)), NewWaiting("ada", "01", hold("1", mainDesk))
	first.ItemID = "23"
	digitize := anyCopy
	digitize.Type = DigitizationRequest
	shelved := on("23", "24")
	shelved["24"] = Custody{ItemID: "24", State: OnShelf, UID: "bob", RequestID: "1"}
	missing := second
	missing.Status = ItemMissing
	for _, tt := range []struct {
		name    string
		w       Waiting
		copies  []Item
		custody map[string]Custody
		want    int
	}{
		{"all on loan", anyCopy, copies, on("23", "24"), 2},
		{"one in its place", anyCopy, copies, on("23"), 0},
		{"that very copy", first, copies, on("23"), 1},
		{"the other is on the hold shelf for somebody else", anyCopy, copies, shelved, 1},
		{"on the way home", anyCopy, copies, map[string]Custody{"23": on("23")["23"], "24": {ItemID: "24", State: InTransit}}, 0},
		{"the other is missing", anyCopy, []Item{emma, missing}, on("23"), 1},
		{"nothing is fetched", digitize, copies, on("23", "24"), 0},
	} {
		if got := Recallable(tt.w, tt.copies, tt.custody, rules, noon); len(got) != tt.want {
			t.Errorf("%s: got %+v, want %d", tt.name, got, tt.want)
		}
	}
}

func TestToRecall(t *testing.T) {
	older, _ := lent(10)
	older.Due = noon.AddDate(0, 0, 20)
	newer, _ := lent(2)
	newer.Due = noon.AddDate(0, 0, 20)
	free := older
	free.Lent, free.Terms = noon.AddDate(0, 0, -20), Terms{}
	got, ok := ToRecall([]PatronLoan{{"a", newer}, {"b", older}, {"c", free}}, noon, rules)
	if !ok || got.UID != "b" {
		t.Errorf("got %t %s", ok, got.UID)
	}
	older.Process = Recalled
	if _, ok = ToRecall([]PatronLoan{{"b", older}}, noon, rules); ok {
		t.Error("a loan is called back twice")
	}
}
