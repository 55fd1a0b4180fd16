-- +goose Up
-- The floor of people: regions, markets, accounts, producers, agents, what they earn.

CREATE TABLE regions (
  code   text     PRIMARY KEY,
  parent text,
  level  smallint NOT NULL CHECK (level BETWEEN 1 AND 4), -- province, city, county, township
  name   text     NOT NULL,
  CONSTRAINT regions_parent FOREIGN KEY (parent) REFERENCES regions (code)
);
CREATE INDEX regions_children ON regions (parent, code);
SELECT declare_table('regions', 'agents/region', 'reference');

CREATE TABLE markets (
  id          integer     PRIMARY KEY CHECK (id >= 0), -- 0 is the platform
  code        text        NOT NULL UNIQUE,             -- two to six capital letters, in order numbers
  name        text        NOT NULL,
  name_en     text        NOT NULL DEFAULT '',
  region_code text,
  currency    text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  time_zone   text        NOT NULL,
  operator    text        NOT NULL DEFAULT '', -- the legal body, shown in the foot
  licence     text        NOT NULL DEFAULT '', -- E-commerce Law 15: shown on the home page
  created_at  timestamptz NOT NULL,
  CONSTRAINT markets_region FOREIGN KEY (region_code) REFERENCES regions (code)
);
SELECT declare_table('markets', 'agents/region', 'reference');

CREATE TABLE people (
  id         uuid        PRIMARY KEY,
  name       text        NOT NULL,
  phone      text,
  email      text,
  language   text        NOT NULL DEFAULT 'zh',
  created_at timestamptz NOT NULL,
  closed_at  timestamptz,
  CONSTRAINT people_phone UNIQUE (phone),
  CONSTRAINT people_email UNIQUE (email)
);
SELECT declare_table('people', 'agents/people', 'reference');

-- One person's own rows.
CREATE TABLE api_tokens (
  user_id      uuid        NOT NULL,
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  secret_hash  bytea       NOT NULL,
  scopes       text        NOT NULL, -- 'read' or 'write'
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  PRIMARY KEY (user_id, id)
);
SELECT declare_table('api_tokens', 'agents/people', 'distributed', 'user_id');

CREATE TABLE credentials (
  user_id       uuid        PRIMARY KEY,
  password_hash text        NOT NULL,
  changed_at    timestamptz NOT NULL
);
SELECT declare_table('credentials', 'agents/people', 'distributed', 'user_id', 'api_tokens');

CREATE TABLE sessions (
  user_id     uuid        NOT NULL,
  id          uuid        NOT NULL,
  secret_hash bytea       NOT NULL,
  guest       boolean     NOT NULL DEFAULT false,
  device      text        NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL,
  seen_at     timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  revoked_at  timestamptz,
  PRIMARY KEY (user_id, id)
);
CREATE INDEX sessions_old ON sessions (expires_at);
SELECT declare_table('sessions', 'agents/people', 'distributed', 'user_id', 'api_tokens');

CREATE TABLE user_markets (
  user_id    uuid        NOT NULL,
  market_id  integer     NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, market_id)
);
SELECT declare_table('user_markets', 'agents/people', 'distributed', 'user_id', 'api_tokens');

CREATE TABLE roles (
  market_id  integer     NOT NULL,
  person_id  uuid        NOT NULL,
  role       text        NOT NULL CHECK (role IN ('operator')),
  granted_by uuid        NOT NULL,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, person_id, role),
  CONSTRAINT roles_person FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX roles_of_person ON roles (person_id);
SELECT declare_table('roles', 'agents/people', 'distributed', 'market_id', 'aa_anchor');

-- Who can be owed.
CREATE TABLE payees (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  kind       text        NOT NULL CHECK (kind IN ('producer', 'agent')),
  name       text        NOT NULL,
  person_id  uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payees_person FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX payees_of_person ON payees (person_id);
SELECT declare_table('payees', 'agents/payable', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE payout_accounts (
  market_id     integer     NOT NULL,
  id            uuid        NOT NULL,
  payee_id      uuid        NOT NULL,
  holder        text        NOT NULL,
  bank          text        NOT NULL,
  number_sealed bytea       NOT NULL,
  number_tail   text        NOT NULL, -- last four digits, to recognise it by
  state         text        NOT NULL CHECK (state IN ('active', 'closed')),
  usable_at     timestamptz NOT NULL, -- a changed account cools for 72 hours
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payout_accounts_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
CREATE INDEX payout_accounts_of_payee ON payout_accounts (market_id, payee_id);
CREATE UNIQUE INDEX payout_accounts_one ON payout_accounts (market_id, payee_id) WHERE state = 'active';
SELECT declare_table('payout_accounts', 'agents/payable', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE producers (
  market_id   integer     NOT NULL,
  id          uuid        NOT NULL,
  payee_id    uuid        NOT NULL,
  person_id   uuid,                    -- none: an offline producer
  name        text        NOT NULL,
  name_en     text        NOT NULL DEFAULT '',
  region_code text        NOT NULL,
  village     text        NOT NULL DEFAULT '',
  story       text        NOT NULL DEFAULT '',
  story_en    text        NOT NULL DEFAULT '',
  licence     text        NOT NULL DEFAULT '', -- E-commerce Law 10: number, or
  exemption   text        NOT NULL DEFAULT '', -- why none is needed
  state       text        NOT NULL CHECK (state IN ('applied', 'active', 'suspended')),
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT producers_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id),
  CONSTRAINT producers_person FOREIGN KEY (person_id) REFERENCES people (id),
  CONSTRAINT producers_region FOREIGN KEY (region_code) REFERENCES regions (code)
);
CREATE INDEX producers_payee_of ON producers (market_id, payee_id);
CREATE INDEX producers_of_person ON producers (person_id);
CREATE UNIQUE INDEX producers_one ON producers (market_id, person_id);
SELECT declare_table('producers', 'agents/producer', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE agents (
  id         uuid        PRIMARY KEY,
  person_id  uuid        NOT NULL,
  code       text        NOT NULL, -- typed at checkout, and the short link
  created_at timestamptz NOT NULL,
  CONSTRAINT agents_code UNIQUE (code),
  CONSTRAINT agents_one UNIQUE (person_id),
  CONSTRAINT agents_person FOREIGN KEY (person_id) REFERENCES people (id)
);
SELECT declare_table('agents', 'agents', 'reference');

CREATE TABLE market_agents (
  market_id  integer     NOT NULL,
  agent_id   uuid        NOT NULL,
  payee_id   uuid        NOT NULL,
  state      text        NOT NULL CHECK (state IN ('applied', 'active', 'suspended')),
  applied_at timestamptz NOT NULL,
  decided_by uuid,
  decided_at timestamptz,
  PRIMARY KEY (market_id, agent_id),
  CONSTRAINT market_agents_agent FOREIGN KEY (agent_id) REFERENCES agents (id),
  CONSTRAINT market_agents_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
CREATE INDEX market_agents_of ON market_agents (agent_id);
CREATE INDEX market_agents_payee_of ON market_agents (market_id, payee_id);
SELECT declare_table('market_agents', 'agents', 'distributed', 'market_id', 'aa_anchor');

-- Which agent a line is owed to, and why; or why not. sale_id is neutral: an order's id.
CREATE TABLE attributions (
  market_id  integer     NOT NULL,
  sale_id    uuid        NOT NULL,
  line_no    integer     NOT NULL,
  role       text        NOT NULL CHECK (role IN ('selling')),
  agent_id   uuid        NOT NULL,
  way        text        NOT NULL CHECK (way IN ('placed', 'code', 'link')),
  refused    text        NOT NULL DEFAULT '', -- self_dealing, inactive, expired
  created_at timestamptz NOT NULL,
  PRIMARY KEY (market_id, sale_id, line_no, role)
);
CREATE INDEX attributions_of_agent ON attributions (market_id, agent_id);
SELECT declare_table('attributions', 'agents/attribution', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE commission_rules (
  market_id  integer     NOT NULL,
  id         uuid        NOT NULL,
  position   integer     NOT NULL,
  category   text,                        -- none: any
  kind       text,                        -- of order; none: any
  rate_bp    integer     NOT NULL CHECK (rate_bp BETWEEN 0 AND 5000),
  hold_days  integer     NOT NULL CHECK (hold_days BETWEEN 0 AND 90),
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz,
  created_by uuid        NOT NULL,
  PRIMARY KEY (market_id, id)
);
CREATE INDEX commission_rules_order ON commission_rules (market_id, position);
SELECT declare_table('commission_rules', 'agents/commission', 'distributed', 'market_id', 'aa_anchor');

-- Signed entries: what an agent gets for one line, and what is taken back.
CREATE TABLE commissions (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  sale_id      uuid        NOT NULL,
  line_no      integer     NOT NULL,
  role         text        NOT NULL,
  agent_id     uuid        NOT NULL,
  payee_id     uuid        NOT NULL,
  kind         text        NOT NULL CHECK (kind IN ('earn', 'reversal')),
  root_id      uuid,                    -- the earn row a reversal belongs to
  cause        text        NOT NULL,    -- what made it, unique per line and role
  rule_id      uuid        NOT NULL,
  rate_bp      integer     NOT NULL,
  base_minor   bigint      NOT NULL,
  amount_minor bigint      NOT NULL,
  hold_days    integer     NOT NULL,
  state        text        NOT NULL CHECK (state IN ('estimated', 'earned', 'pending', 'payable', 'void')),
  payable_at   timestamptz,
  reason       text        NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT commissions_once UNIQUE (market_id, sale_id, line_no, role, cause),
  CHECK ((kind = 'earn') = (root_id IS NULL)),
  CHECK (kind = 'earn' AND amount_minor >= 0 OR kind = 'reversal' AND amount_minor <= 0)
);
CREATE INDEX commissions_of_agent ON commissions (market_id, agent_id, created_at);
CREATE INDEX commissions_root ON commissions (market_id, root_id);
SELECT declare_table('commissions', 'agents/commission', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE payout_batches (
  market_id   integer     NOT NULL,
  id          uuid        NOT NULL,
  number      text        NOT NULL,
  state       text        NOT NULL CHECK (state IN ('draft', 'approved', 'submitted', 'closed', 'cancelled')),
  currency    text        NOT NULL,
  total_minor bigint      NOT NULL,
  payouts     integer     NOT NULL,
  file_key    text        NOT NULL DEFAULT '', -- the bank file's bytes, in the blob store
  file_sha256 text        NOT NULL DEFAULT '',
  created_by  uuid        NOT NULL,
  created_at  timestamptz NOT NULL,
  approved_by uuid,
  approved_at timestamptz,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payout_batches_number UNIQUE (market_id, number)
);
SELECT declare_table('payout_batches', 'agents/payout', 'distributed', 'market_id', 'aa_anchor');

CREATE TABLE payouts (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  batch_id     uuid        NOT NULL,
  payee_id     uuid        NOT NULL,
  account_id   uuid        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  state        text        NOT NULL CHECK (state IN ('draft', 'approved', 'in_transit', 'paid', 'failed', 'returned', 'cancelled')),
  reason       text        NOT NULL DEFAULT '',
  created_at   timestamptz NOT NULL,
  changed_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payouts_batch FOREIGN KEY (market_id, batch_id) REFERENCES payout_batches (market_id, id),
  CONSTRAINT payouts_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id),
  CONSTRAINT payouts_account FOREIGN KEY (market_id, account_id) REFERENCES payout_accounts (market_id, id)
);
CREATE INDEX payouts_of_batch ON payouts (market_id, batch_id);
CREATE INDEX payouts_of_payee ON payouts (market_id, payee_id);
CREATE INDEX payouts_by_account ON payouts (market_id, account_id);
SELECT declare_table('payouts', 'agents/payout', 'distributed', 'market_id', 'aa_anchor');

-- One signed row per payee and cause; rows in no open or paid payout sum to owed − receivable.
CREATE TABLE payables (
  market_id    integer     NOT NULL,
  id           uuid        NOT NULL,
  payee_id     uuid        NOT NULL,
  cause        text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor <> 0),
  sale_id      uuid,
  frozen       boolean     NOT NULL DEFAULT false,
  payout_id    uuid,
  created_at   timestamptz NOT NULL,
  PRIMARY KEY (market_id, id),
  CONSTRAINT payables_once UNIQUE (market_id, payee_id, cause),
  CONSTRAINT payables_payee FOREIGN KEY (market_id, payee_id) REFERENCES payees (market_id, id)
);
CREATE INDEX payables_open ON payables (market_id, payee_id) WHERE payout_id IS NULL;
CREATE INDEX payables_of_payout ON payables (market_id, payout_id);
SELECT declare_table('payables', 'agents/payable', 'distributed', 'market_id', 'aa_anchor');
