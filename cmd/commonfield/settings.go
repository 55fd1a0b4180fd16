package main

import (
	"os"
	"strings"
)

// Settings are the flags and environment that every command understands.
type Settings struct {
	Data        string `group:"where" default:"./data" env:"COMMONFIELD_DATA" placeholder:"DIR" help:"Folder of the private database, the pictures, the bank files and the keys (${default})."`
	DatabaseURL string `group:"where" name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"A PostgreSQL of your own instead of the private one: postgres://user:password@host:5432/name"`
	PGBin       string `group:"where" name:"pg-bin" env:"COMMONFIELD_PG_BIN" placeholder:"DIR" help:"Folder with postgres, initdb and pg_ctl (version 15 or newer) for the private database."`
	DBUser      string `group:"where" name:"db-user" env:"COMMONFIELD_DB_USER" default:"nobody" placeholder:"NAME" help:"Who owns a new private database when the command runs as root (${default})."`
	Env         string `group:"where" env:"COMMONFIELD_ENV" default:"development" enum:"development,production" placeholder:"ENV" help:"development or production. Production refuses what is only for trying out."`
	MeiliURL    string `group:"where" name:"meili-url" env:"MEILI_URL" placeholder:"URL" help:"A Meilisearch server for search, instead of the database: http://host:7700"`
	MeiliKey    string `group:"where" name:"meili-key" env:"MEILI_KEY" placeholder:"KEY" help:"Its key; better given by the environment."`
}

func (s Settings) production() bool { return s.Env == "production" }

// beside names what the program keeps in the data folder next to the database.
var beside = []string{keysFile, blobsFolder, lettersFolder}

const (
	keysFile    = "keys.json"
	blobsFolder = "blobs"
)

// variable is one name of the environment that the program knows without a flag.
type variable struct {
	name   string
	secret bool
	says   string
	plain  bool // holds nothing to hide, and is no address of a server
	host   bool // an address whose path may hold a key: its host alone is shown
}

// known variables of rooms below, without a flag.
var others = []variable{
	{name: "COMMONFIELD_KEYS", secret: true, says: "the key set itself, instead of the file"},
	{name: smtpEnv, says: "the mail server that carries letters: smtp://user:password@host:587, smtps://…; in development: log or folder"},
	{name: fromEnv, plain: true, says: "the address letters come from"},
	{name: smsEnv, host: true, says: "the gateway of short messages: https://sms.example/send; in development: log"},
	{name: smsMethodEnv, plain: true, says: "how it is asked (POST)"},
	{name: smsHeaderEnv, secret: true, says: "a header for it: Authorization: Bearer …"},
	{name: smsBodyEnv, secret: true, says: "what is sent to it, JSON or form, with {phone} and {text}"},
	{name: smsOKEnv, plain: true, says: "what its answer holds when it took a message"},
	{name: smsMostEnv, plain: true, says: "short messages a day and market (500)"},
	{name: keyEnv, secret: true, says: "Stripe's secret key: payers may choose card, Alipay and WeChat Pay"},
	{name: hookEnv, secret: true, says: "the secret of Stripe's webhook endpoint; two with a comma while it is being changed"},
	{name: methodsEnv, plain: true, says: "how payers may pay at Stripe (card,alipay,wechat_pay)"},
	{name: bankEnv, plain: true, says: "code of the market whose bank account Stripe pays, where there are several"},
	{name: baseEnv, says: "another address of Stripe's API; tests only"},
	{name: "COMMONFIELD_PG_MIRROR", says: "where PostgreSQL is fetched from, instead of Maven Central"},
}

// forgetEmpty makes a variable that is set to nothing the same as one that is
// not set: DATABASE_URL= must not hide the private database's default.
func forgetEmpty() {
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" && (strings.HasPrefix(name, "COMMONFIELD_") || name == "DATABASE_URL" || strings.HasPrefix(name, "MEILI_") || strings.HasPrefix(name, "STRIPE_")) {
			_ = os.Unsetenv(name)
		}
	}
}
