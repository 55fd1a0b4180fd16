-- +goose Up
-- Search: what makes a document change, the default engine's index, synonyms.

-- Both come with PostgreSQL and are trusted: the database's owner may add them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

-- A producer's name and place stand in the documents of their listings.
ALTER TABLE producers ADD COLUMN version integer NOT NULL DEFAULT 1;
-- Whether something is left, and how often that has turned: kept by a job, apart
-- from the version that people edit against.
ALTER TABLE listings ADD COLUMN in_stock boolean NOT NULL DEFAULT false;
ALTER TABLE listings ADD COLUMN turns integer NOT NULL DEFAULT 0;

-- Names for the same thing, kept by the operator. A group has a number.
CREATE TABLE synonyms (
  group_no integer  NOT NULL,
  position smallint NOT NULL,
  name     text     NOT NULL,
  PRIMARY KEY (group_no, name)
);
SELECT declare_table('synonyms', 'catalog/search', 'reference');

-- The index stands twice; one is live, the other empty or in the making.
CREATE TABLE search_index (
  name     text    PRIMARY KEY,
  live     text    NOT NULL CHECK (live IN ('a', 'b')),
  building boolean NOT NULL DEFAULT false,
  build_id uuid    NOT NULL
);
SELECT declare_table('search_index', 'catalog/search/pg', 'reference');
INSERT INTO search_index (name, live, build_id) VALUES ('documents', 'a', '00000000-0000-0000-0000-000000000000');

-- marks are numbers of what a document is found by, made in the program: pairs
-- of characters, words, pinyin, codes. A number takes a third of a word's room.
CREATE TABLE search_documents_a (
  market_id   integer     NOT NULL,
  kind        text        NOT NULL,
  id          uuid        NOT NULL,
  version     bigint      NOT NULL,
  title       text        NOT NULL,
  title_en    text        NOT NULL,
  head        text        NOT NULL, -- titles, folded and spelled, between bars
  names       text        NOT NULL, -- words, likewise
  category    text        NOT NULL,
  parent      text        NOT NULL,
  producer_id uuid        NOT NULL,
  region      text        NOT NULL,
  price_minor bigint      NOT NULL, -- per kg or piece; 0: none
  in_stock    boolean     NOT NULL,
  harvest_on  date        NOT NULL, -- the year 1: unknown
  listed_at   timestamptz NOT NULL,
  marks       integer[]   NOT NULL,
  PRIMARY KEY (market_id, kind, id)
);
CREATE TABLE search_documents_b (LIKE search_documents_a INCLUDING ALL);

-- What they are searched by is made in 0010, by a function that a build may call.
SELECT declare_table('search_documents_a', 'catalog/search/pg', 'distributed', 'market_id', 'aa_anchor');
SELECT declare_table('search_documents_b', 'catalog/search/pg', 'distributed', 'market_id', 'aa_anchor');
-- The one that is not live is emptied at once before it is built.
GRANT TRUNCATE ON search_documents_a, search_documents_b TO commonfield_app;

-- Words and names that documents have, for typing errors and suggestions.
CREATE TABLE search_terms (
  term     text     NOT NULL,
  kind     text     NOT NULL,
  sound    text     NOT NULL, -- pinyin, or the word itself
  initials text     NOT NULL,
  said     text     NOT NULL, -- as it was written
  weight   smallint NOT NULL, -- names before words
  PRIMARY KEY (term, kind)
);
CREATE INDEX search_terms_begin ON search_terms (term text_pattern_ops);
CREATE INDEX search_terms_sound ON search_terms (sound text_pattern_ops);
CREATE INDEX search_terms_initials ON search_terms (initials text_pattern_ops);
CREATE INDEX search_terms_like ON search_terms USING gin (sound gin_trgm_ops);
SELECT declare_table('search_terms', 'catalog/search/pg', 'reference');
