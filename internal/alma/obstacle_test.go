package alma

import (
	"reflect"
	"testing"

	"patrondesk/internal/fulfillment"
)

// TestRefusalsCarryTheirObstacles holds that a caller in the same process finds what each refusal is about.
func TestRefusalsCarryTheirObstacles(t *testing.T) {
	all := []fulfillment.Obstacle{
		{Kind: fulfillment.FeeLimit, Reason: fulfillment.OwesTooMuch, Facts: []any{fulfillment.Money(101), fulfillment.Money(100)}, Words: "Too much.", Overridable: true},
		{Kind: fulfillment.ItemHeld, Reason: fulfillment.HeldOnShelf, Words: "Held."},
	}
	e := &fulfillment.ObstaclesError{Obstacles: all}
	for name, refused := range map[string]Errors{
		"lent": LoanRefused(e), "renewed": RenewRefused("7", e), "requested": {RequestRefused(all[0]), RequestRefused(all[1])},
	} {
		for i, one := range refused {
			if one.Obstacle == nil || !reflect.DeepEqual(*one.Obstacle, all[i]) {
				t.Errorf("not %s: got %+v, want %+v", name, one.Obstacle, all[i])
			}
		}
	}
}
