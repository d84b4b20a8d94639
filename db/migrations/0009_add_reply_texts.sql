-- Up Migration

-- What servers answer, each text once, and operators' rules for judging it.

create table reply_texts (
  id bigint generated always as identity primary key,
  -- SHA-256 of the normalised text, base64: texts can be longer than a key of an index
  key text not null unique,
  text text not null,
  first_text text not null,
  code smallint,
  enhanced text,
  count bigint not null,
  -- at most 20 of each; whose it was first, for the bound of new texts of a provider a day
  providers text[] not null,
  stages text[] not null,
  first_provider text not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  state text not null check (state in ('to-qualify', 'keep', 'ignore')),
  -- as the rules judged it last, or as a person said
  type text not null,
  reason text not null,
  rule text not null,
  qualified_at timestamptz,
  qualified_by text,
  version int not null default 1
);
create index reply_texts_intake on reply_texts (first_provider, first_seen);
create index reply_texts_unqualified on reply_texts (id) where qualified_at is null;

-- How often a text was given: changes of rules are tried on the last days.
create table reply_text_days (
  text_id bigint not null references reply_texts on delete cascade,
  day date not null,
  provider text not null,
  stage text not null,
  -- one of those that gave it
  mx text,
  count bigint not null,
  primary key (text_id, day, provider, stage)
);
create index reply_text_days_day on reply_text_days (day);

-- The operator's rules: before all that come from files, in order of position.
create table bounce_rules (
  id bigint generated always as identity primary key,
  position int not null,
  name text not null unique,
  enabled boolean not null default true,
  -- as the API takes it (contract/reply-texts.ts), without name and enabled
  rule jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Down Migration
