package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/internal/patron"
)

// action is one write, or one part of a transaction. Exactly one of put, update, remove and check is set.
type action struct {
	table  string
	put    item // the whole new item
	update item // the key of the item to change as set says
	remove item // the key of the item to delete
	check  item // the key of the item only looked at
	set    string

	cond   string // must hold, or nothing of the transaction is written
	values item   // of cond and set; #ttl stands for ttl
	or     error  // what it means that cond does not hold
}

// absent is the condition that there is no item with the key.
const absent = "attribute_not_exists(pk)"

// maxActions is how many actions a transaction takes.
const maxActions = 100

// refusedError says that a condition did not hold; nothing was written. It stands for the action's meaning of that.
type refusedError struct {
	error
	at  int  // the action
	old item // as it is stored; empty when there is none
}

func (e *refusedError) Unwrap() error { return e.error }

// write carries out all actions or none. The token must be the wt of the items put: it makes a write that was
// repeated, because its first answer got lost, succeed once instead of being refused by its own work. Of several
// conditions that do not hold, the first decides the error.
func (s *Store) write(ctx context.Context, token string, actions ...action) error {
	for _, a := range actions {
		if a.put.size() > maxItem {
			return patron.ErrTooLarge
		}
	}
	var err error
	if one := actions[0]; len(actions) == 1 && (one.put != nil || one.update != nil) {
		err = s.writeOne(ctx, one)
	} else {
		err = s.transact(ctx, token, actions)
	}
	var refused *refusedError
	if errors.As(err, &refused) && token != "" && refused.old.text(aOwn) == token {
		return nil
	}
	if err != nil && strings.Contains(err.Error(), "tem size") {
		return patron.ErrTooLarge
	}
	return err
}

// writeOne is a put or an update on its own, which costs half of what it does in a transaction.
func (s *Store) writeOne(ctx context.Context, a action) error {
	var err error
	if a.put != nil {
		_, err = s.db.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &a.table, Item: a.put,
			ConditionExpression: condition(a), ExpressionAttributeValues: a.bound(), ExpressionAttributeNames: a.names(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
	} else {
		_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &a.table, Key: a.update, UpdateExpression: &a.set,
			ConditionExpression: condition(a), ExpressionAttributeValues: a.bound(), ExpressionAttributeNames: a.names(),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
	}
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return &refusedError{error: a.or, old: failed.Item}
	}
	return err
}

func (s *Store) transact(ctx context.Context, token string, actions []action) error {
	parts := make([]types.TransactWriteItem, len(actions))
	for i, a := range actions {
		parts[i] = a.part()
	}
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: parts, ClientRequestToken: &token,
	})
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return err
	}
	for i, reason := range canceled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed":
			return &refusedError{error: actions[i].or, at: i, old: reason.Item}
		case "ValidationError":
			return fmt.Errorf("transaction: %s", aws.ToString(reason.Message))
		}
	}
	return err
}

// part is the action as a part of a transaction.
func (a action) part() types.TransactWriteItem {
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch {
	case a.put != nil:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &a.table, Item: a.put, ReturnValuesOnConditionCheckFailure: old,
			ConditionExpression: condition(a), ExpressionAttributeValues: a.bound(), ExpressionAttributeNames: a.names(),
		}}
	case a.remove != nil:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &a.table, Key: a.remove, ReturnValuesOnConditionCheckFailure: old,
			ConditionExpression: condition(a), ExpressionAttributeValues: a.bound(), ExpressionAttributeNames: a.names(),
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &a.table, Key: a.check, ReturnValuesOnConditionCheckFailure: old,
			ConditionExpression: condition(a), ExpressionAttributeValues: a.bound(), ExpressionAttributeNames: a.names(),
		}}
	}
}

func condition(a action) *string {
	if a.cond == "" {
		return nil
	}
	return &a.cond
}

// bound is the values, or nil where there are none: DynamoDB refuses an empty list.
func (a action) bound() map[string]types.AttributeValue {
	if len(a.values) == 0 {
		return nil
	}
	return a.values
}

func (a action) names() map[string]string {
	if strings.Contains(a.cond, "#ttl") {
		return map[string]string{"#ttl": aTTL}
	}
	return nil
}

// asRead is the put of a record over the version that was read; version 0 stands for none.
func asRead(table string, put item, version int64, or error) action {
	if version == 0 {
		return action{table: table, put: put, cond: absent, or: or}
	}
	return action{table: table, put: put, cond: "v = :v", values: item{":v": number(version)}, or: or}
}
