package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"commonfield/agents/people"
	"commonfield/storage"
	"commonfield/storage/id"
	"commonfield/storage/once"
)

// PersonCmd holds what concerns accounts and roles.
type PersonCmd struct {
	Create   PersonCreate   `cmd:"" help:"Make an account."`
	Grant    PersonGrant    `cmd:"" help:"Make somebody an operator of a market, or of all, or the clerk of a station."`
	Withdraw PersonWithdraw `cmd:"" help:"Take a role back from somebody."`
	List     PersonList     `cmd:"" help:"List who holds which role."`
	Password PersonPassword `cmd:"" help:"Give somebody another password; their sessions end."`
}

// PersonCreate makes an account.
type PersonCreate struct {
	Name          string `required:"" placeholder:"NAME" help:"How they are called."`
	Phone         string `placeholder:"NUMBER" help:"A mobile number; without a country it is a Chinese one."`
	Email         string `placeholder:"ADDRESS" help:"An e-mail address. One of the two is needed."`
	Language      string `default:"zh" enum:"zh,en" help:"zh or en (${default})."`
	PasswordStdin bool   `help:"Read the password from the input instead of making one."`
}

// Help shows an example.
func (*PersonCreate) Help() string {
	return `Makes an account with a password that is shown once. A password never stands on the command line, where others could read it.

Examples:
  commonfield person create --name 阿依古丽 --phone 13900001111
  echo "$SECRET" | commonfield person create --name Ann --email ann@example.org --password-stdin`
}

// Run makes the account.
func (c *PersonCreate) Run(p *program) error {
	password, made, err := p.newPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	m, err := p.open()
	if err != nil {
		return err
	}
	defer m.close()
	who, err := m.People.Register(p.ctx, once.Key{}, people.Newcomer{Name: c.Name, Phone: c.Phone, Email: c.Email, Password: password, Language: c.Language})
	if err != nil {
		return err
	}
	p.printf("made: %s, %s\n", who.Name, who.ID)
	if made {
		p.printf("password, shown once: %s\n", password)
	}
	return nil
}

// Roled is a person and where.
type Roled struct {
	Login  string `arg:"" placeholder:"LOGIN" help:"Phone number or e-mail address."`
	Market string `placeholder:"CODE" help:"The market's code, as YL."`
	All    bool   `help:"All markets: an operator of the platform."`
	Role   string `default:"operator" enum:"operator,clerk" help:"operator, or clerk of a station (${default})."`
	Region string `placeholder:"CODE" help:"Of a clerk: the division below the market's own, as 652823120."`
}

func (r *Roled) where(p *program, m *market) (int32, string, error) {
	switch {
	case r.All && r.Market != "":
		return 0, "", usage("--market and --all exclude each other")
	case r.Role == people.Clerk && r.Region == "":
		return 0, "", usage("a clerk works in a region: --region CODE")
	case r.Role == people.Operator && r.Region != "":
		return 0, "", usage("an operator has no region: --region is for --role clerk")
	case r.All && r.Role != people.Operator:
		return 0, "", usage("--all is for operators")
	case r.All:
		return storage.Platform, "all markets", nil
	}
	of, err := m.find(p, r.Market)
	return of.ID, "market " + of.Code, err
}

// change runs a change of roles in the market's transaction.
func (r *Roled) change(p *program, how func(*storage.Tx, id.ID, string, string, id.ID) error, done string) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	where, title, err := r.where(p, m)
	if err != nil {
		return err
	}
	who, err := m.People.FindByLogin(p.ctx, r.Login)
	if err != nil {
		return err
	}
	err = m.DB.Update(p.ctx, where, func(tx *storage.Tx) error {
		tx.Keyed() // giving or taking a role twice is doing it once
		return how(tx, who.ID, r.Role, r.Region, people.System.ID)
	})
	if err != nil {
		return err
	}
	if r.Region != "" {
		title = "region " + r.Region + " of " + title
	}
	p.printf("%s %s %s of %s\n", who.Name, done, r.Role, title)
	return nil
}

// PersonGrant makes an operator.
type PersonGrant struct{ Roled }

// Help shows an example.
func (*PersonGrant) Help() string {
	return "Examples:\n  commonfield person grant 13900001111 --market YL\n  commonfield person grant ann@example.org --all\n  commonfield person grant 13900002222 --market YL --role clerk --region 652823120"
}

// Run grants the role.
func (c *PersonGrant) Run(p *program) error { return c.change(p, people.Grant, "is") }

// PersonWithdraw takes the role back.
type PersonWithdraw struct{ Roled }

// Help shows an example.
func (*PersonWithdraw) Help() string {
	return "Example:\n  commonfield person withdraw 13900001111 --market YL"
}

// Run withdraws the role.
func (c *PersonWithdraw) Run(p *program) error { return c.change(p, people.Withdraw, "is no longer") }

// PersonList lists roles.
type PersonList struct {
	Market string `placeholder:"CODE" help:"Only those of one market."`
	JSON   bool   `help:"For a script."`
}

// Help shows an example.
func (*PersonList) Help() string { return "Example:\n  commonfield person list --market YL" }

// Run lists the roles of the platform and of the markets.
func (c *PersonList) Run(p *program) error {
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	places := []int32{storage.Platform}
	codes := map[int32]string{storage.Platform: "(all)"}
	all, err := m.Books.All(p.ctx)
	if err != nil {
		return err
	}
	for _, b := range all {
		places, codes[b.ID] = append(places, b.ID), b.Code
	}
	if c.Market != "" {
		of, err := m.find(p, c.Market)
		if err != nil {
			return err
		}
		places = []int32{of.ID}
	}
	type row struct {
		Market string `json:"market"`
		Role   string `json:"role"`
		Region string `json:"region"`
		Name   string `json:"name"`
		ID     id.ID  `json:"id"`
	}
	rows := []row{}
	for _, place := range places {
		err := m.DB.View(p.ctx, place, func(tx *storage.Tx) error {
			found, err := people.Holders(tx)
			for _, who := range found {
				rows = append(rows, row{codes[place], who.Role, who.Region, who.Name, who.Person})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if c.JSON {
		return p.json(rows)
	}
	t := columns("market", "role", "region", "name", "id")
	for _, r := range rows {
		t.add(r.Market, r.Role, r.Region, r.Name, r.ID.String())
	}
	t.print(p.out)
	return nil
}

// PersonPassword resets a password.
type PersonPassword struct {
	Login         string `arg:"" placeholder:"LOGIN" help:"Phone number or e-mail address."`
	PasswordStdin bool   `help:"Read the password from the input instead of making one."`
}

// Help shows an example.
func (*PersonPassword) Help() string {
	return `For somebody who lost theirs: the old password is not asked for, the new one is made and shown once, every session ends, and the trail keeps that it was done here.

Examples:
  commonfield person password 13900001111
  echo "$SECRET" | commonfield person password ann@example.org --password-stdin`
}

// Run resets the password: whoever holds the machine may.
func (c *PersonPassword) Run(p *program) error {
	password, made, err := p.newPassword(c.PasswordStdin)
	if err != nil {
		return err
	}
	m, err := p.reopen()
	if err != nil {
		return err
	}
	defer m.close()
	who, err := m.People.FindByLogin(p.ctx, c.Login)
	if err != nil {
		return err
	}
	if err := m.People.ResetPassword(p.ctx, people.System, who.ID, password); err != nil {
		return err
	}
	p.printf("the password of %s is another and every session has ended\n", who.Name)
	if made {
		p.printf("password, shown once: %s\n", password)
	}
	return nil
}

// newPassword reads one, or makes one.
func (p *program) newPassword(read bool) (password string, made bool, err error) {
	if !read {
		return id.Secret(9), true, nil
	}
	password, err = p.secret("password: ")
	return password, false, err
}

// secret reads a line without showing it.
func (p *program) secret(ask string) (string, error) {
	if terminal(p.in) {
		fmt.Fprint(p.err, ask)
		typed, err := term.ReadPassword(int(p.in.Fd()))
		fmt.Fprintln(p.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(p.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usage("the input holds no password")
	}
	return line, nil
}
