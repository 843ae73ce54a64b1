package samtemplate

import (
	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// bareAddress is an e-mail address without a name.
const bareAddress = `^[^@<>\s,;]+@[^@<>\s,;]+\.[^@<>\s,;.]+$`

// parameters are what one deployment differs from another by. What has no default must be given, but in a template for
// `sam local`, which sends no letter out into the world.
func parameters(o Options) Map {
	parameter := func(or, says string, more ...Pair) Map {
		return append(Map{{"Type", "String"}, {"Default", or}, {"Description", says}}, more...)
	}
	required := func(local, says, pattern string) Map {
		m := Map{{"Type", "String"}, {"Description", says}, {"AllowedPattern", pattern}}
		if o.Local {
			m = append(m, Pair{"Default", local})
		}
		return m
	}
	choice := Pair{"AllowedValues", List{"true", "false"}}
	all := Map{
		{"Stage", parameter("dev", "Part of every name", Pair{"AllowedPattern", "^[a-z][a-z0-9]{0,15}$"})},
		{"OidcIssuer", parameter("", "Who issues sign-in tokens, empty for API keys alone", Pair{"AllowedPattern", "^(https://.+)?$"})},
		{"OidcAudience", parameter("", "The audience sign-in tokens must be for, when there is an issuer")},
		{"OidcClaim", parameter("", "The claim that holds the primary id of the patron, one that people cannot choose themselves, when there is an issuer")},
		{"OidcLogout", parameter("", "Where people sign out at the issuer, up to the address to come back to; empty for its end_session_endpoint",
			Pair{"AllowedPattern", "^(https://.+=)?$"})},
		{"CorsOrigins", parameter("", "Origins whose pages may call the API, such as https://library.example.edu, with commas between; empty for none",
			Pair{"AllowedPattern", deployment.OriginsPattern})},
		{"MailFrom", required("library@demo.example", "The bare address of letters.from in institution.json", bareAddress)},
		{"MailIdentity", required("demo.example", "The domain of MailFrom, or the address, which SES sends from", `^\S*[^@\s]\.[^@\s.]+$`)},
		{"MailIdentityExists", parameter("false", "Whether SES has the mail identity already", choice)},
		{"ReserveConcurrency", parameter("false", "Whether to reserve an execution for each import; not with an account's quota of 10", choice)},
		{"TimeZone", required("Europe/London", "The time_zone of institution.json, by which rounds are made", `^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$`)},
	}
	for _, f := range functions.All {
		if f.Round != nil {
			says := "Whether the round of " + f.Name + " is made, on or off, or when, such as " + f.Round.When
			all = append(all, Pair{deployment.RoundSetting(f.Name), parameter(deployment.RoundDefault(*f.Round), says,
				Pair{"AllowedPattern", deployment.RoundPattern})})
		}
	}
	return all
}

// rules refuse parameters that do not fit together, before anything is made.
func rules() Map {
	given := func(parameter string) Map { return not(equal(Ref(parameter), "")) }
	assert := func(parameter string) Map {
		return Map{{"Assert", given(parameter)}, {"AssertDescription", "With OidcIssuer, " + parameter + " must be given too."}}
	}
	return Map{{"SignIn", Map{
		{"RuleCondition", given("OidcIssuer")},
		{"Assertions", List{assert("OidcAudience"), assert("OidcClaim")}},
	}}}
}

func equal(a, b any) Map { return Map{{"Fn::Equals", List{a, b}}} }
func not(a any) Map      { return Map{{"Fn::Not", List{a}}} }

// when is a value under a condition, and nothing without it.
func when(condition string, value any) Map {
	return either(condition, value, Ref("AWS::NoValue"))
}
