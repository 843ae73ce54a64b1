package dynamo

import (
	"context"
	"fmt"
)

// CountLoans is the number of active loans of a patron.
func (s *Store) CountLoans(ctx context.Context, uid string) (int, error) {
	n, err := s.count(ctx, underPrefix(s.tables.Loans, patronKey(uid), active))
	if err != nil {
		return 0, fmt.Errorf("count loans: %w", err)
	}
	return n, nil
}
