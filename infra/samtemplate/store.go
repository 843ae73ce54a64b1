package samtemplate

import (
	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// table outlives the stack, unless what it holds is passing.
func table(t functions.Table) Map {
	properties := Map{
		{"BillingMode", "PAY_PER_REQUEST"},
		{"AttributeDefinitions", attributes(t)},
		{"KeySchema", schema("pk", sortKey(t))},
		{"DeletionProtectionEnabled", !t.Passing},
		{"PointInTimeRecoverySpecification", Map{{"PointInTimeRecoveryEnabled", !t.Passing}}},
		{"SSESpecification", Map{{"SSEEnabled", true}}},
	}
	if t.Index != nil {
		properties = append(properties, Pair{"GlobalSecondaryIndexes", List{index(*t.Index)}})
	}
	if t.TTL != "" {
		properties = append(properties, Pair{"TimeToLiveSpecification", Map{{"AttributeName", t.TTL}, {"Enabled", true}}})
	}
	if t.Passing {
		return resource("AWS::DynamoDB::Table", properties)
	}
	return kept("AWS::DynamoDB::Table", properties)
}

func sortKey(t functions.Table) string {
	if t.Sort {
		return "sk"
	}
	return ""
}

// attributes are the key attributes of a table and its index, each once.
func attributes(t functions.Table) List {
	names := []string{"pk", sortKey(t)}
	if t.Index != nil {
		names = append(names, t.Index.Partition, t.Index.Sort)
	}
	var all List
	seen := map[string]bool{"": true}
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			all = append(all, Map{{"AttributeName", name}, {"AttributeType", "S"}})
		}
	}
	return all
}

func schema(partition, sort string) List {
	keys := List{Map{{"AttributeName", partition}, {"KeyType", "HASH"}}}
	if sort != "" {
		keys = append(keys, Map{{"AttributeName", sort}, {"KeyType", "RANGE"}})
	}
	return keys
}

func index(i functions.Index) Map {
	projection := Map{{"ProjectionType", "KEYS_ONLY"}}
	if len(i.Project) > 0 {
		projection = Map{{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", list(i.Project)}}
	}
	return Map{{"IndexName", i.Name}, {"KeySchema", schema(i.Partition, i.Sort)}, {"Projection", projection}}
}

func bucket() Map {
	rule := Map{
		{"Id", "old-versions"},
		{"Status", "Enabled"},
		{"NoncurrentVersionExpiration", Map{{"NoncurrentDays", deployment.OldVersionDays}}},
		{"ExpiredObjectDeleteMarker", true},
		{"AbortIncompleteMultipartUpload", Map{{"DaysAfterInitiation", deployment.UnfinishedUploadDays}}},
	}
	dropped := Map{{"Id", "dropped"}, {"Status", "Enabled"}, {"ExpirationInDays", deployment.DroppedDays}}
	parts := Map{{"Id", "parts"}, {"Status", "Enabled"}, {"Prefix", deployment.PartsPrefix}, {"ExpirationInDays", deployment.PartsDays}}
	runs := Map{{"Id", "runs"}, {"Status", "Enabled"}, {"Prefix", deployment.RunsPrefix}, {"ExpirationInDays", deployment.RunsDays}}
	encryption := Map{{"ServerSideEncryptionByDefault", Map{{"SSEAlgorithm", "AES256"}}}}
	properties := Map{
		{"VersioningConfiguration", Map{{"Status", "Enabled"}}},
		{"BucketEncryption", Map{{"ServerSideEncryptionConfiguration", List{encryption}}}},
		{"OwnershipControls", Map{{"Rules", List{Map{{"ObjectOwnership", "BucketOwnerEnforced"}}}}}},
		{"PublicAccessBlockConfiguration", Map{
			{"BlockPublicAcls", true}, {"BlockPublicPolicy", true},
			{"IgnorePublicAcls", true}, {"RestrictPublicBuckets", true},
		}},
		{"NotificationConfiguration", Map{{"EventBridgeConfiguration", Map{{"EventBridgeEnabled", true}}}}},
		{"LifecycleConfiguration", Map{{"Rules", List{rule, dropped, parts, runs}}}},
	}
	policy := Map{
		{"Bucket", Ref(deployment.BucketID)},
		{"PolicyDocument", document(List{tlsOnly("s3:*",
			List{ARN(deployment.BucketID), Sub("${" + deployment.BucketID + ".Arn}/*")})})},
	}
	return Map{
		{deployment.BucketID, kept("AWS::S3::Bucket", properties)},
		{deployment.BucketID + "Policy", resource("AWS::S3::BucketPolicy", policy)},
	}
}

func resource(kind string, properties Map) Map {
	return Map{{"Type", kind}, {"Properties", properties}}
}

// kept is a resource that stays when the stack goes.
func kept(kind string, properties Map) Map {
	return Map{
		{"Type", kind}, {"DeletionPolicy", "Retain"}, {"UpdateReplacePolicy", "Retain"},
		{"Properties", properties},
	}
}

func document(statements List) Map { return Map{{"Version", "2012-10-17"}, {"Statement", statements}} }

// tlsOnly refuses requests that do not come over TLS.
func tlsOnly(action string, on any) Map {
	return Map{
		{"Effect", "Deny"},
		{"Principal", Map{{"AWS", "*"}}},
		{"Action", action},
		{"Resource", on},
		{"Condition", Map{{"Bool", Map{{"aws:SecureTransport", "false"}}}}},
	}
}

func list(of []string) List {
	var all List
	for _, s := range of {
		all = append(all, s)
	}
	return all
}
