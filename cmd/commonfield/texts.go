package main

import (
	"context"
	"os"
	"strconv"
	"time"

	"commonfield/marketplace/notice"
	"commonfield/marketplace/notice/text"
)

// What carries short messages, from the environment: it holds a key.
const (
	smsEnv       = "COMMONFIELD_SMS_URL"
	smsMethodEnv = "COMMONFIELD_SMS_METHOD"
	smsHeaderEnv = "COMMONFIELD_SMS_HEADER"
	smsBodyEnv   = "COMMONFIELD_SMS_BODY"
	smsOKEnv     = "COMMONFIELD_SMS_OK"
	smsMostEnv   = "COMMONFIELD_SMS_MOST"
)

// texter gives what carries short messages; nothing where no gateway is set.
func (p *program) texter() (notice.Texter, int, error) {
	return p.texterOf(text.Settings{URL: os.Getenv(smsEnv), Method: os.Getenv(smsMethodEnv), Header: os.Getenv(smsHeaderEnv), Body: os.Getenv(smsBodyEnv), OK: os.Getenv(smsOKEnv)}, os.Getenv(smsMostEnv))
}

func (p *program) texterOf(s text.Settings, most string) (notice.Texter, int, error) {
	if p.production() && s.URL == text.LogWay {
		return nil, 0, refused("%s=%s sends nothing and is for development: name a gateway, or leave it empty", smsEnv, s.URL)
	}
	n := notice.MostTexts
	if most != "" {
		var err error
		if n, err = strconv.Atoi(most); err != nil || n < 1 || n > 1_000_000 {
			return nil, 0, usage("%s is how many short messages a market may send in a day, as 500", smsMostEnv)
		}
	}
	t, err := text.Open(s, p.logger())
	if err != nil {
		return nil, 0, usage("%s: %v", smsEnv, err)
	}
	return t, n, nil
}

// texts looks whether the gateway of short messages answers; it sends none. That
// there is none is no illness.
func (p *program) texts() finding { return p.lookText(p.texter()) }

func (p *program) lookText(t notice.Texter, most int, err error) finding {
	f := finding{Name: "short messages", Mend: "set " + smsEnv + "=https://sms.example/send, " + smsHeaderEnv + "='Authorization: Bearer …' and " + smsBodyEnv + `='{"to":"{phone}","text":"{text}"}' as the gateway wants it`}
	switch {
	case err != nil:
		f.Says = err.Error()
		return f
	case t == nil:
		f.OK, f.Says = true, "none are sent: no gateway is set"
		return f
	}
	ctx, stop := context.WithTimeout(p.ctx, 15*time.Second)
	defer stop()
	if err := t.Check(ctx); err != nil {
		f.Says = t.Name() + " cannot be reached: " + err.Error()
		return f
	}
	f.OK, f.Says = true, t.Name()+", "+strconv.Itoa(most)+" a day and market at most"
	return f
}
