package fulfillment

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var later = noon.Add(time.Hour)

// owing is an active fee of that amount.
func owing(amount Money) Fee {
	return Fee{ID: "1", Type: OverdueFine, Status: FeeActive, Original: amount, Created: noon, StatusTime: noon}
}

func disputed(amount Money) Fee {
	f, err := owing(amount).Dispute(Transaction{At: noon})
	if err != nil {
		panic(err)
	}
	return f
}

func closed(amount Money) Fee {
	f, err := owing(amount).Pay(Transaction{Amount: amount, At: noon})
	if err != nil {
		panic(err)
	}
	return f
}

func TestFeeOperations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fee    Fee
		do     func(Fee, Transaction) (Fee, error)
		amount Money
		status FeeStatus
		left   Money
		err    error
	}{
		{"pay a part", owing(500), Fee.Pay, 200, FeeActive, 300, nil},
		{"pay all", owing(500), Fee.Pay, 500, FeeClosed, 0, nil},
		{"pay too much", owing(500), Fee.Pay, 501, FeeActive, 500, &OverBalanceError{500}},
		{"pay nothing", owing(500), Fee.Pay, 0, FeeActive, 500, ErrAmount},
		{"pay less than nothing", owing(500), Fee.Pay, -1, FeeActive, 500, ErrAmount},
		{"pay in dispute", disputed(500), Fee.Pay, 200, FeeInDispute, 500, &FeeStatusError{FeeInDispute, Payment}},
		{"pay what is paid", closed(500), Fee.Pay, 1, FeeClosed, 0, &FeeStatusError{FeeClosed, Payment}},
		{"waive a part", owing(500), Fee.Waive, 200, FeeActive, 300, nil},
		{"waive all", owing(500), Fee.Waive, 500, FeeClosed, 0, nil},
		{"waive too much", owing(500), Fee.Waive, 501, FeeActive, 500, &OverBalanceError{500}},
		{"waive a part in dispute", disputed(500), Fee.Waive, 200, FeeInDispute, 300, nil},
		{"waive all in dispute", disputed(500), Fee.Waive, 500, FeeClosed, 0, nil},
		{"waive what is paid", closed(500), Fee.Waive, 1, FeeClosed, 0, &FeeStatusError{FeeClosed, Waiver}},
		{"dispute", owing(500), Fee.Dispute, 200, FeeInDispute, 500, nil},
		{"dispute twice", disputed(500), Fee.Dispute, 0, FeeInDispute, 500, &FeeStatusError{FeeInDispute, Dispute}},
		{"dispute what is paid", closed(500), Fee.Dispute, 0, FeeClosed, 0, &FeeStatusError{FeeClosed, Dispute}},
		{"restore", disputed(500), Fee.Restore, 200, FeeActive, 500, nil},
		{"restore what is active", owing(500), Fee.Restore, 0, FeeActive, 500, &FeeStatusError{FeeActive, Restore}},
	} {
		got, err := tt.do(tt.fee, Transaction{Amount: tt.amount, By: "desk", At: later})
		if !reflect.DeepEqual(err, tt.err) || got.Status != tt.status || got.Balance() != tt.left {
			t.Errorf("%s: got %s, %d left, %v; want %s, %d, %v", tt.name, got.Status, got.Balance(), err, tt.status, tt.left, tt.err)
		}
		if moved := got.StatusTime.Equal(later); moved != (tt.status != tt.fee.Status) {
			t.Errorf("%s: the time of the state is %v", tt.name, got.StatusTime)
		}
		if err != nil && !reflect.DeepEqual(got, tt.fee) {
			t.Errorf("%s: the refused fee is %+v, want %+v", tt.name, got, tt.fee)
		}
	}
}

func TestChargeFee(t *testing.T) {
	got, err := Fee{Type: "OTHER", Original: 250}.Charge(noon, "desk")
	want := Fee{ID: got.ID, Type: "OTHER", Status: FeeActive, Original: 250, Created: noon, CreatedBy: "desk", StatusTime: noon}
	if err != nil || !reflect.DeepEqual(got, want) || !PossibleID(got.ID) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, amount := range []Money{0, -1} {
		if _, err := (Fee{Original: amount}).Charge(noon, "desk"); err != ErrAmount {
			t.Errorf("%d: got %v, want ErrAmount", amount, err)
		}
	}
}

// TestFeeLedger draws any sequence of operations. What was refused changed nothing, and what was done is one more
// entry of a ledger that always sums to the balance and tells the fee's life.
func TestFeeLedger(t *testing.T) {
	operations := []func(Fee, Transaction) (Fee, error){Fee.Pay, Fee.Waive, Fee.Dispute, Fee.Restore}
	rapid.Check(t, func(t *rapid.T) {
		f := owing(Money(rapid.Int64Range(1, 1000).Draw(t, "original")))
		lives := []Fee{f}
		for i := range rapid.IntRange(0, 30).Draw(t, "operations") {
			tr := Transaction{Amount: Money(rapid.Int64Range(-5, 400).Draw(t, "amount")), By: "desk", At: noon.Add(time.Duration(i) * time.Minute)}
			after, err := rapid.SampledFrom(operations).Draw(t, "operation")(f, tr)
			if err != nil {
				if !reflect.DeepEqual(after, f) {
					t.Fatalf("refused with %v, and it is %+v, was %+v", err, after, f)
				}
				continue
			}
			checkLedger(t, f, after)
			f, lives = after, append(lives, after)
		}
		for _, life := range lives {
			last := ""
			if n := len(life.Transactions); n > 0 {
				last = life.Transactions[n-1].ID
			}
			if then, ok := f.AsOf(last); !ok || !reflect.DeepEqual(then, life) {
				t.Fatalf("after %q it was %+v, want %+v", last, then, life)
			}
		}
	})
}

func checkLedger(t *rapid.T, before, after Fee) {
	sum := after.Original
	ids := map[string]bool{}
	for _, entry := range after.Transactions {
		sum -= entry.Amount
		ids[entry.ID] = true
	}
	n := len(before.Transactions)
	if len(after.Transactions) != n+1 || n > 0 && !reflect.DeepEqual(after.Transactions[:n], before.Transactions) {
		t.Fatalf("the ledger was\n%+v\nand is\n%+v", before.Transactions, after.Transactions)
	}
	if sum != after.Balance() || sum < 0 || (after.Status == FeeClosed) != (sum == 0) || len(ids) != n+1 {
		t.Fatalf("%+v has a balance of %d, and its entries leave %d", after, after.Balance(), sum)
	}
}

func TestAsOfUnknown(t *testing.T) {
	if _, ok := closed(500).AsOf("1-7"); ok {
		t.Error("a transaction that never was is known")
	}
}

// TestPayOldest draws fees and an amount: money neither comes nor goes, the oldest are paid first, and the account
// follows.
func TestPayOldest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fees := rapid.SliceOfN(rapid.Custom(drawFee), 0, 8).Draw(t, "fees")
		amount := Money(rapid.Int64Range(1, 900).Draw(t, "amount"))
		most := rapid.IntRange(1, 9).Draw(t, "most")
		before, after, left := PayOldest(fees, Transaction{Amount: amount, At: later}, most)
		if Payable(before)-Payable(after) != amount-left || len(after) > most {
			t.Fatalf("%d were to be paid and %d are left, but %d fees owe %d less", amount, left, len(after), Payable(before)-Payable(after))
		}
		for i, f := range after {
			if i < len(after)-1 && f.Status != FeeClosed {
				t.Fatalf("fee %d still owes %d and a later one was paid", i, f.Balance())
			}
		}
		if left > 0 && len(after) < most && left != amount-Payable(fees) {
			t.Fatalf("%d are left of %d, and %d were payable", left, amount, Payable(fees))
		}
		m := MoveFees("u", accountOf(fees), before, after)
		if got, want := m.Accounts[0].After, accountOf(replaced(fees, after)); !reflect.DeepEqual(got, want) {
			t.Fatalf("the account is %+v, want %+v", got, want)
		}
	})
}

func drawFee(t *rapid.T) Fee {
	amount := Money(rapid.Int64Range(1, 200).Draw(t, "amount"))
	f := rapid.SampledFrom([]func(Money) Fee{owing, disputed, closed}).Draw(t, "state")(amount)
	f.ID = rapid.StringMatching(`[0-9]{12}`).Draw(t, "id")
	return f
}

func accountOf(fees []Fee) Account {
	var a Account
	for _, f := range fees {
		a = a.Owe(Fee{}, f)
	}
	return a
}

// replaced are the fees with those in later in the place of the ones they were.
func replaced(fees, later []Fee) []Fee {
	var all []Fee
	for _, f := range fees {
		if len(later) > 0 && later[0].ID == f.ID && f.Status == FeeActive {
			f, later = later[0], later[1:]
		}
		all = append(all, f)
	}
	return all
}
