-- Up Migration

-- Past messages judged again: a job of the worker, part by part, then address by address, then text by text.
create table requalifications (
  id bigint generated always as identity primary key,
  state text not null check (state in ('running', 'completed', 'undoing', 'undone')),
  -- only counts
  dry_run boolean not null,
  -- of one reply text, as it was then; null: of one rule, or of all
  text_id bigint,
  text text,
  -- what a person said of the text; null: rules judge
  type text,
  reason text,
  rule text,
  since timestamptz not null,
  actor text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  undone_at timestamptz,
  undone_by text,
  -- how far it is: parts, then addresses up to this one are done
  step text not null default 'log' check (step in ('log', 'addresses', 'texts')),
  part_cursor bigint not null default 0,
  key_cursor text not null default '',
  parts_total int not null,
  parts_done int not null default 0,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  deliveries int not null default 0,
  quarantined int not null default 0,
  released int not null default 0,
  -- changed by somebody since, so that an undo left it
  kept bigint not null default 0,
  -- why the last try failed
  error text
);
create index requalifications_open on requalifications (id) where state in ('running', 'undoing');

-- Attempts that one changed, before and after. Keyed by part like the log, and kept for as long as it can be undone.
create table requalified_attempts (
  requalification_id bigint not null references requalifications on delete cascade,
  part_id bigint not null,
  seq int not null,
  attempt smallint not null,
  type text not null,
  reason text not null,
  -- null: the validity period was over, with the reason of the attempt before
  rule text,
  new_type text not null,
  new_reason text not null,
  new_rule text,
  -- the message says what this attempt says
  decides boolean not null,
  primary key (requalification_id, part_id, seq, attempt)
);
create index requalified_attempts_message on requalified_attempts (part_id, seq) where decides;

create table requalified_deliveries (
  requalification_id bigint not null references requalifications on delete cascade,
  delivery_id bigint not null,
  primary key (requalification_id, delivery_id)
);

-- Addresses of these messages, and what became of their quarantine; rows before and after, null: there was none.
create table requalified_addresses (
  requalification_id bigint not null references requalifications on delete cascade,
  match_key text not null,
  recipient_id bigint not null,
  -- the newest message that failed for good by the new verdict
  error jsonb,
  changed boolean not null default false,
  before jsonb,
  after jsonb,
  primary key (requalification_id, match_key)
);

-- Texts that nobody qualified, as the rules judged them before.
create table requalified_texts (
  requalification_id bigint not null references requalifications on delete cascade,
  text_id bigint not null,
  state text not null,
  type text not null,
  reason text not null,
  rule text not null,
  new_state text not null,
  new_type text not null,
  new_reason text not null,
  new_rule text not null,
  primary key (requalification_id, text_id)
);

-- New quarantines of a delivery are counted without those that were taken back.
create index quarantine_history_requalified on quarantine_history (delivery_id) where cause = 'requalified';

-- Down Migration
