-- Up Migration

-- Frozen by analysis and confirmation: all that the bytes of the messages depend on besides their rows.
alter table deliveries add column manifest jsonb;
alter table deliveries add column signing_keys bigint[];

-- Deliveries from before have the settings that came with this migration.
update deliveries set settings = '{"nature": "marketing", "format": "recipient", "charset": "utf-8", "mirror": "default",
  "resourceValidity": "180d", "tracking": {"clicks": true, "opens": true, "validity": "180d", "honeypot": false}, "links": [],
  "listUnsubscribe": true, "attachments": [], "embedImages": true, "variables": {}, "personalisationTimeout": "5s"}' || settings;

-- SHA-256 of the bytes of the first attempt; a retry with other bytes is refused.
alter table messages add column digest bytea;

-- Settings of the platform: one row.
create table platform_settings (
  id int primary key default 1 check (id = 1),
  settings jsonb not null,
  version int not null default 1,
  updated_at timestamptz not null
);

-- Personalisation blocks of the operator; the built-in ones are code.
create table blocks (
  id bigint generated always as identity primary key,
  name text not null unique,
  label text not null default '',
  syntax text not null default 'liquid' check (syntax in ('liquid', 'campaign')),
  html text not null default '',
  text text not null default '',
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Attachments and embedded images; the same bytes under the same name and type are kept once.
create table files (
  id bigint generated always as identity primary key,
  name text not null,
  content_type text not null,
  size int not null,
  sha256 bytea not null,
  content bytea not null,
  created_at timestamptz not null,
  unique (sha256, name, content_type)
);

-- Keys of tokens in public links. An old key stays: its links are still out there.
create table token_keys (
  id smallint primary key,
  -- 16 bytes, sealed with the key of the installation
  sealed bytea not null,
  created_at timestamptz not null
);

-- Down Migration
