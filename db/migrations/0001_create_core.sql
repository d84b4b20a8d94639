-- Up Migration

-- Small tables: read, cached, referenced by id.

create table deliveries (
  id bigint generated always as identity primary key,
  label text not null,
  state text not null default 'editing',
  -- why the delivery does not go on although nobody paused it (a relay that refuses us); null when it does
  hold_reason text,
  content jsonb not null,
  sender jsonb not null,
  audience jsonb not null,
  settings jsonb not null default '{}',
  -- the compiled facts that sending needs: used attributes, part size; written by analysis
  analysis jsonb,
  -- bumped by every edit of content, sender, audience or settings; analysis records which one it saw
  version int not null default 1,
  analysed_version int,
  targeted int not null default 0,
  excluded int not null default 0,
  to_deliver int not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  analysed_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  valid_until timestamptz,
  constraint deliveries_state_check check (state in
    ('editing', 'analysing', 'ready', 'in-progress', 'pausing', 'paused', 'stopping', 'stopped', 'finished')),
  -- the accounting identity, first half
  constraint deliveries_targeted_check check (targeted = excluded + to_deliver)
);

create table delivery_exclusions (
  delivery_id bigint not null,
  reason text not null,
  count int not null,
  primary key (delivery_id, reason)
);

create table checklist_items (
  delivery_id bigint not null,
  position int not null,
  id text not null,
  level text not null check (level in ('info', 'warning', 'error')),
  title text not null,
  detail text not null default '',
  primary key (delivery_id, position)
);

create table delivery_events (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  at timestamptz not null,
  kind text not null,
  actor text not null,
  detail jsonb not null default '{}'
);
create index delivery_events_delivery on delivery_events (delivery_id, id);

-- Audience.

create table recipients (
  id bigint generated always as identity primary key,
  address text not null,
  -- what addresses are compared by: the whole address in lower case, domain in ASCII (core/address)
  match_key text not null,
  -- ASCII (IDNA) domain in lower case
  domain text not null,
  attributes jsonb not null default '{}',
  -- set: on the denylist, unsubscribed or complained; no import ever clears it
  denylisted_at timestamptz,
  denylist_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint recipients_match_key_unique unique (match_key)
);

create table lists (
  id bigint generated always as identity primary key,
  label text not null,
  created_at timestamptz not null
);

create table list_members (
  list_id bigint not null,
  recipient_id bigint not null,
  primary key (list_id, recipient_id)
);

create table imports (
  id bigint generated always as identity primary key,
  status text not null check (status in ('pending', 'running', 'completed', 'failed')),
  file_name text not null,
  -- the list that holds exactly the recipients of this file
  list_id bigint,
  total int not null default 0,
  created int not null default 0,
  updated int not null default 0,
  skipped int not null default 0,
  failed int not null default 0,
  error jsonb,
  columns jsonb not null default '[]',
  created_at timestamptz not null,
  finished_at timestamptz
);

-- One row per rejected or skipped row of a file.
create table import_errors (
  import_id bigint not null,
  line int not null,
  "column" text not null,
  value text not null,
  reason text not null,
  detail text not null default '',
  address text
);
create index import_errors_import on import_errors (import_id, line);

-- State of an address, kept apart from profiles so that no import can touch it. Row exists from the first error on.
create table quarantine (
  match_key text primary key,
  address text not null,
  status text not null check (status in ('with-errors', 'quarantined')),
  reason text not null,
  error_text text not null default '',
  errors int not null default 0,
  updated_at timestamptz not null,
  delivery_id bigint
);

create table quarantine_history (
  match_key text not null,
  at timestamptz not null,
  status text not null,
  reason text not null,
  error_text text not null default '',
  delivery_id bigint,
  part_id bigint,
  seq int
);
create index quarantine_history_key on quarantine_history (match_key, at);

create table dkim_keys (
  domain text not null,
  selector text not null,
  private_key text not null,
  created_at timestamptz not null,
  primary key (domain, selector)
);

create table api_tokens (
  token_hash text primary key,
  label text not null,
  created_at timestamptz not null
);

create table idempotency_keys (
  token_hash text not null,
  key text not null,
  request_hash text not null,
  status int,
  response jsonb,
  created_at timestamptz not null,
  primary key (token_hash, key)
);

-- Hot tables: keyed and co-located by part, no foreign keys.

-- due_at drives everything: null = nothing left to do; a leased part becomes due again when its lease expires.
create table delivery_parts (
  id bigint primary key,
  delivery_id bigint not null,
  -- null: a mixed part of small domains
  domain text,
  to_deliver int not null,
  pending int not null,
  retrying int not null default 0,
  sent int not null default 0,
  failed int not null default 0,
  cancelled int not null default 0,
  in_doubt int not null default 0,
  owner text,
  epoch int not null default 0,
  due_at timestamptz,
  -- the accounting identity, second half
  constraint delivery_parts_identity_check
    check (to_deliver = pending + retrying + sent + failed + cancelled + in_doubt),
  constraint delivery_parts_counts_check
    check (pending >= 0 and retrying >= 0 and sent >= 0 and failed >= 0 and cancelled >= 0 and in_doubt >= 0)
);
create index delivery_parts_due on delivery_parts (delivery_id, due_at, id) where due_at is not null;
create index delivery_parts_delivery on delivery_parts (delivery_id, id);
create index delivery_parts_owner on delivery_parts (owner) where owner is not null;
create sequence delivery_part_ids;

create table messages (
  part_id bigint not null,
  seq int not null,
  recipient_id bigint,
  address text not null,
  -- exactly the attributes that the content uses
  vars jsonb not null,
  status text not null default 'pending',
  type text,
  reason text,
  attempts smallint not null default 0,
  -- an attempt ended between the final dot and its reply: the receiver may have this message twice
  in_doubt boolean not null default false,
  next_attempt_at timestamptz,
  final_at timestamptz,
  archived_at timestamptz,
  primary key (part_id, seq)
) partition by range (part_id);
create index messages_recipient on messages (recipient_id);

create table message_attempts (
  part_id bigint not null,
  seq int not null,
  attempt smallint not null,
  at timestamptz not null,
  -- accepted, refused, lost, in-doubt, expired, not-rendered
  kind text not null,
  stage text,
  code smallint,
  enhanced text,
  reply text not null,
  mx text,
  source_ip text,
  tls text,
  duration_ms int,
  type text,
  reason text,
  rule text,
  primary key (part_id, seq, attempt)
) partition by range (part_id);

-- Excluded targets of a delivery, one row each.
create table exclusions (
  -- order of a page, nothing else
  id bigint generated always as identity,
  delivery_id bigint not null,
  recipient_id bigint,
  address text not null,
  reason text not null,
  detail text not null default ''
);
create index exclusions_delivery on exclusions (delivery_id, reason, id);

-- Counters of a delivery at one destination domain; one row per sender so that senders never wait for each other.
create table destination_counters (
  delivery_id bigint not null,
  domain text not null,
  sender text not null,
  to_deliver int not null default 0,
  sent int not null default 0,
  failed int not null default 0,
  retrying int not null default 0,
  last_reply text,
  last_reply_at timestamptz,
  primary key (delivery_id, domain, sender)
);

-- What a sender is doing right now; lost in a crash without harm.
create unlogged table sender_status (
  sender text not null,
  delivery_id bigint not null,
  on_wire int not null,
  leased_parts int not null,
  updated_at timestamptz not null,
  primary key (sender, delivery_id)
);

-- Which partitions exist, so that retention can drop whole ones: [from_part, to_part).
create table message_partitions (
  from_part bigint primary key,
  to_part bigint not null,
  created_at timestamptz not null
);

-- What the sandbox internet accepted, for the inbox page.
create table sandbox_messages (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  mail_from text not null,
  rcpt_to text not null,
  domain text not null,
  subject text not null,
  size int not null,
  raw bytea not null
);
create index sandbox_messages_rcpt on sandbox_messages (rcpt_to);

-- Down Migration
