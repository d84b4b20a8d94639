-- Up Migration

-- Addresses of our own that are mixed into deliveries to see what arrives and how (docs/exclusions.md). They are no
-- recipients: no segment finds them, no figure counts them.
create table seeds (
  id bigint generated always as identity primary key,
  label text not null default '',
  address text not null,
  match_key text not null unique,
  domain text not null,
  -- what is given; what the content uses besides is taken from real recipients
  attributes jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table seed_lists (
  id bigint generated always as identity primary key,
  label text not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index seed_lists_label on seed_lists (fold_text(label));

create table seed_list_members (
  list_id bigint not null references seed_lists on delete cascade,
  seed_id bigint not null references seeds on delete cascade,
  primary key (list_id, seed_id)
);
create index seed_list_members_seed on seed_list_members (seed_id);

-- Seeds have parts of their own among those of their delivery: messages need no mark, and figures leave out whole parts.
alter table delivery_parts add column seeds boolean not null default false;

-- Whom nothing is sent to by a list from outside. SHA-256 of the match key: the list says of nobody that they are on it
-- who is not asked about.
create table suppressed_addresses (
  hash bytea primary key check (octet_length(hash) = 32),
  added_at timestamptz not null
);
create table suppressed_domains (
  domain text primary key,
  added_at timestamptz not null
);

-- How much of a capacity each analysed delivery takes, and on what day.
create table capacity_uses (
  rule_id bigint not null references typology_rules on delete cascade,
  delivery_id bigint not null,
  at timestamptz not null,
  messages int not null,
  primary key (rule_id, delivery_id)
);
create index capacity_uses_delivery on capacity_uses (delivery_id);

-- Down Migration
