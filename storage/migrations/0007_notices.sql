-- +goose Up
-- What a person was told: their own rows, one for each thing they were told once.

CREATE TABLE notices (
  user_id     uuid        NOT NULL,
  id          uuid        NOT NULL,
  key         text        NOT NULL, -- the deed, as one word: told once
  kind        text        NOT NULL,
  market_id   integer     NOT NULL, -- neutral: where it happened; 0 is the platform
  way         text        NOT NULL DEFAULT '', -- the page it is about
  facts       jsonb       NOT NULL DEFAULT '{}', -- what its sentence is filled with
  shown       boolean     NOT NULL, -- false: the person wants no such rows, only letters
  told_at     timestamptz NOT NULL, -- when the deed was done
  created_at  timestamptz NOT NULL,
  read_at     timestamptz,
  lettered_at timestamptz,           -- when its letter was handed over
  PRIMARY KEY (user_id, id),
  CONSTRAINT notices_once UNIQUE (user_id, key)
);
CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL AND shown;
CREATE INDEX notices_old ON notices (created_at);
SELECT declare_table('notices', 'marketplace/notice', 'distributed', 'user_id', 'api_tokens');

-- Only what differs from the defaults.
CREATE TABLE notice_choices (
  user_id    uuid        NOT NULL,
  topic      text        NOT NULL CHECK (topic IN ('orders', 'money', 'work', 'news')),
  channel    text        NOT NULL CHECK (channel IN ('app', 'email')),
  wanted     boolean     NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, topic, channel)
);
SELECT declare_table('notice_choices', 'marketplace/notice', 'distributed', 'user_id', 'api_tokens');

-- Whether a person's present address may get letters. Only its hash: the address
-- itself is the account's, and goes with it.
CREATE TABLE notice_addresses (
  user_id      uuid        NOT NULL,
  address_hash bytea       NOT NULL,
  asked_at     timestamptz NOT NULL,
  asked        integer     NOT NULL DEFAULT 1,
  confirmed_at timestamptz,
  refused_at   timestamptz, -- the mail server will have no letters for it
  refusal      text        NOT NULL DEFAULT '',
  PRIMARY KEY (user_id, address_hash)
);
SELECT declare_table('notice_addresses', 'marketplace/notice', 'distributed', 'user_id', 'api_tokens');
