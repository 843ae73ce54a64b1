package demo

import "testing"

func TestItemsOfEveryPolicyAndStatus(t *testing.T) {
	lib, _ := demoLibrary(t)
	policies, statuses := map[string]int{}, map[string]int{}
	for _, it := range lib.Items {
		policies[it.ItemPolicy.Value]++
		statuses[string(it.Status)]++
		if it.Location.Value == "" || it.Location.Desc == "" {
			t.Errorf("the location of item %s is %+v, want one with a name", it.Barcode, it.Location)
		}
	}
	for _, policy := range []string{"SHORT", "WEEK", "REFERENCE"} {
		if policies[policy] == 0 {
			t.Errorf("no item has the policy %s", policy)
		}
	}
	if most := policies[""]; 2*most < len(lib.Items) {
		t.Errorf("%d of %d items have the default policy, want most", most, len(lib.Items))
	}
	if statuses["MISSING"] == 0 || statuses["WORK_ORDER_DEPARTMENT"] == 0 {
		t.Errorf("got the statuses %v, want one item missing and one in process", statuses)
	}
}

// TestTheItemsOfTheStoryHaveTheDefaultPolicy keeps the story's dates apart from what other policies say.
func TestTheItemsOfTheStoryHaveTheDefaultPolicy(t *testing.T) {
	lib, _ := demoLibrary(t)
	asked := map[string]bool{}
	for _, r := range lib.Requests {
		if r.PrimaryID == Thomas || r.PrimaryID == Maria {
			asked[r.Request.ItemID] = true
		}
	}
	for _, it := range lib.Items {
		if asked[it.ID] && (it.ItemPolicy.Value != "" || !it.Lendable()) {
			t.Errorf("item %s has the policy %q and the status %q, want neither", it.Barcode, it.ItemPolicy.Value, it.Status)
		}
	}
}
