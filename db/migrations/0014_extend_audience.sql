-- Up Migration

-- Attributes that somebody declared. Values of recipients are stored as their type says (core/audience/attribute.ts).
create table attributes (
  id bigint generated always as identity primary key,
  name text not null unique,
  type text not null check (type in ('text', 'number', 'boolean', 'date', 'timestamp', 'enum')),
  label text not null default '',
  -- of an enum, in the order they are shown
  allowed text[],
  -- wished for; whether the index is there only PostgreSQL knows
  indexed boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Which import created the person; null: somebody else did.
alter table recipients add column import_id bigint;

alter table lists add column version int not null default 1;
create index list_members_recipient on list_members (recipient_id);

alter table imports
  add column options jsonb not null default '{}',
  add column dry_run boolean not null default false,
  -- ids of the people it created lie between these
  add column first_recipient bigint,
  add column last_recipient bigint,
  add column undo_state text check (undo_state in ('running', 'completed')),
  add column undo_step text not null default 'changed' check (undo_step in ('changed', 'created', 'list')),
  -- up to this recipient the step is done
  add column undo_cursor bigint not null default 0,
  add column undo_asked_at timestamptz,
  add column undone_at timestamptz,
  add column undone_by text,
  add column undo_restored int not null default 0,
  add column undo_removed int not null default 0,
  -- changed or used by somebody since, so that it stays
  add column undo_kept int not null default 0,
  -- changes were kept; false: they no longer are, or never were
  add column undoable boolean not null default false;
create index imports_undoing on imports (id) where undo_state = 'running';

-- People whom an import changed: what they were, and what it wrote (null: erased).
create table import_changes (
  import_id bigint not null,
  recipient_id bigint not null,
  address text not null,
  new_address text not null,
  attributes jsonb not null,
  written jsonb not null,
  updated_at timestamptz not null,
  new_updated_at timestamptz not null,
  primary key (import_id, recipient_id)
);

-- Down Migration
