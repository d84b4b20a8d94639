-- Up Migration

-- Named ordered sets of rules that deliveries are analysed by (docs/typologies.md).
create table typologies (
  id bigint generated always as identity primary key,
  name text not null,
  description text not null default '',
  -- name of the pool that deliveries leave from which name none themselves
  pool text,
  -- comes with the program: nobody changes it
  built_in boolean not null default false,
  -- of deliveries that name none
  is_default boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index typologies_name on typologies (fold_text(name));
create unique index typologies_default on typologies (is_default) where is_default;

-- 'built-in' rows exist only where a check that comes with the program is not as it comes; `name` is its id then.
create table typology_rules (
  id bigint generated always as identity primary key,
  typology_id bigint not null references typologies on delete cascade,
  kind text not null check (kind in ('built-in', 'control', 'filtering', 'pressure', 'capacity')),
  name text not null,
  enabled boolean not null default true,
  -- among rules of one kind (control: of one phase) the lower goes first, then the lower id
  execution_order int not null default 50,
  definition jsonb not null default '{}'
);
create unique index typology_rules_name on typology_rules (typology_id, kind, fold_text(name));

insert into typologies (name, description, built_in, is_default, created_at, updated_at)
values ('Standard', 'All checks at the levels that they come with.', true, true, now(), now());

-- Which rule said it, and when in the analysis.
alter table checklist_items
  add column rule text,
  add column at timestamptz;
