package demo

import (
	"flag"
	"os"
	"reflect"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

var update = flag.Bool("update", false, "write the files made from the demo library again")

var today = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

func demoLibrary(t *testing.T) (Library, *institution.Institution) {
	t.Helper()
	inst, err := institution.Read("../../institution.json")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := New(today, inst)
	if err != nil {
		t.Fatal(err)
	}
	return lib, inst
}

func TestPatronsAreLegalAndTheirIdentifiersUnique(t *testing.T) {
	lib, inst := demoLibrary(t)
	if got, want := len(lib.Patrons), 200; got != want {
		t.Errorf("%d patrons, want %d", got, want)
	}
	owner := map[string]string{}
	for _, p := range lib.Patrons {
		if err := p.Check(inst); err != nil {
			t.Errorf("%s: %v", p.PrimaryID, err)
		}
		for _, id := range p.AllIdentifiers() {
			fold := patron.Fold(id.Value)
			if other, taken := owner[fold]; taken {
				t.Errorf("%s and %s both have the identifier %s", p.PrimaryID, other, id.Value)
			}
			owner[fold] = p.PrimaryID
		}
	}
}

func TestTheLibraryIsTheSameEveryTime(t *testing.T) {
	first, _ := demoLibrary(t)
	second, _ := demoLibrary(t)
	if !reflect.DeepEqual(first, second) {
		t.Error("made twice on one day, the demo library differs")
	}
}

func TestEveryKindOfPatronIsThere(t *testing.T) {
	lib, _ := demoLibrary(t)
	for name, is := range map[string]func(patron.Patron) bool{
		"internal":             func(p patron.Patron) bool { return p.AccountType == patron.Internal },
		"external":             func(p patron.Patron) bool { return p.AccountType == patron.External && p.ExternalID == Profile },
		"staff":                func(p patron.Patron) bool { return p.RecordType == patron.Staff },
		"contact":              func(p patron.Patron) bool { return p.RecordType == patron.Contact },
		"inactive":             func(p patron.Patron) bool { return p.Status == patron.Inactive },
		"expired":              func(p patron.Patron) bool { return p.ExpiryDate.Passed(today) },
		"blocked":              func(p patron.Patron) bool { return len(p.Blocks) > 0 && p.Blocks[0].Status == patron.Active },
		"without e-mail":       func(p patron.Patron) bool { return len(p.Emails) == 0 },
		"German":               func(p patron.Patron) bool { return p.PreferredLanguage.Value == "de" },
		"unsupported language": func(p patron.Patron) bool { return p.PreferredLanguage.Value == "no" },
		"changed by hand":      func(p patron.Patron) bool { return len(p.Manual) > 0 },
		"proxy":                func(p patron.Patron) bool { return len(p.ProxyFor) > 0 },
	} {
		found := false
		for _, p := range lib.Patrons {
			found = found || is(p)
		}
		if !found {
			t.Errorf("no patron is %s", name)
		}
	}
}

func TestThomasHasOneRequestInEachState(t *testing.T) {
	lib, _ := demoLibrary(t)
	states := map[fulfillment.RequestStatus]int{}
	var queue fulfillment.Queue
	var waiting string
	for _, r := range lib.Requests {
		if r.PrimaryID == Thomas {
			states[r.Request.Status]++
		}
		if r.Request.Title == "Middlemarch" && r.Request.Status == fulfillment.NotStarted {
			queue = queue.With(fulfillment.NewWaiting(r.PrimaryID, "", r.Request))
			if r.PrimaryID == Thomas {
				waiting = r.Request.ID
			}
		}
	}
	want := map[fulfillment.RequestStatus]int{fulfillment.NotStarted: 1, fulfillment.InProcess: 1, fulfillment.OnHoldShelf: 1, fulfillment.History: 2}
	if !reflect.DeepEqual(states, want) {
		t.Errorf("Thomas's requests by state: %v, want %v", states, want)
	}
	if got := queue.Place(waiting); got != 2 {
		t.Errorf("Thomas's place in the queue is %d, want 2", got)
	}
}

func TestRequestsAreOfItemsAndPatronsThatExist(t *testing.T) {
	lib, inst := demoLibrary(t)
	known, titles, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range lib.Patrons {
		known[p.PrimaryID] = true
	}
	for _, it := range lib.Items {
		titles[it.MMSID] = true
		_, library := inst.Library(it.Library.Value)
		if _, material := inst.Describe("PhysicalMaterialType", it.MaterialType.Value, "en"); !library || !material {
			t.Errorf("item %s: library known %v, material type known %v", it.Barcode, library, material)
		}
	}
	for _, r := range lib.Requests {
		if !known[r.PrimaryID] || !titles[r.Request.MMSID] || ids[r.Request.ID] {
			t.Errorf("request %s: patron known %v, title known %v, id taken %v", r.Request.ID, known[r.PrimaryID], titles[r.Request.MMSID], ids[r.Request.ID])
		}
		ids[r.Request.ID] = true
	}
	if got, want := len(lib.Requests), 80; got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

func TestThomassPasswordIsTheOneTold(t *testing.T) {
	if err := bcrypt.CompareHashAndPassword([]byte(thomasPassword), []byte(ThomasPassword)); err != nil {
		t.Error(err)
	}
}

func TestRegistrarFilesAreMadeFromTheLibrary(t *testing.T) {
	lib, _ := demoLibrary(t)
	for name, want := range map[string][]byte{
		"registrar.xml":          registrarFile(lib.Patrons),
		"registrar-mistakes.xml": mistakenFile(),
	} {
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what the demo library makes (%v); run the tests with -update", name, err)
		}
	}
}
