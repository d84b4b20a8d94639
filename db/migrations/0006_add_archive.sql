-- Up Migration

-- Where copies go: mailboxes, folders, object stores. Small, read and cached.
create table archives (
  id smallint generated always as identity primary key,
  name text not null,
  kind text not null check (kind in ('smtp', 'files', 's3')),
  enabled boolean not null default true,
  -- which deliveries it takes copies of; and the target without its secret (features/archive)
  rule jsonb not null default '{}',
  target jsonb not null,
  -- password or secret key, sealed with the master key
  sealed_secret bytea,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- taken out of use; its row stays as long as copies name it
  removed_at timestamptz
);
-- Of what is removed, the name is free again.
create unique index archives_name on archives (name) where removed_at is null;

-- Deliveries from before make no copies.
update deliveries set settings = '{"archive": {"on": false}}' || settings;

-- Frozen by confirmation: {timing, strict, copy, archives: [id]}; null: no copies.
alter table deliveries add column archive jsonb;

-- The ledger: one row for each message and archive from the moment the copy is due. Hot, keyed by part.
create table archive_copies (
  part_id bigint not null,
  seq int not null,
  archive smallint not null,
  state text not null check (state in ('owed', 'archived', 'given-up')),
  attempts smallint not null default 0,
  -- an attempt ended between the final dot and its reply: the archive may have this copy twice
  in_doubt boolean not null default false,
  due_since timestamptz not null,
  -- of what is owed
  next_attempt_at timestamptz,
  archived_at timestamptz,
  -- what the archive said last
  reply text not null default '',
  -- SHA-256 of the copy's bytes; null before the first attempt
  digest bytea,
  -- of files and objects: their name, relative to the archive
  location text,
  primary key (part_id, seq, archive)
) partition by range (part_id);

-- One row for each part of a delivery with copies: the lease under which what is owed is sent later, and the counters.
create table archive_parts (
  part_id bigint primary key,
  delivery_id bigint not null,
  due int not null default 0,
  archived int not null default 0,
  owed int not null default 0,
  given_up int not null default 0,
  owner text,
  epoch int not null default 0,
  -- when something owed may be tried again, or when the lease runs out; null: nothing is owed
  due_at timestamptz,
  -- an archive of the delivery keeps copies under names that follow what became of their messages
  has_names boolean not null default false,
  -- set when names of files may have to follow what became of their messages
  rename_at timestamptz,
  -- the identity of the ledger
  constraint archive_parts_identity_check check (due = archived + owed + given_up),
  constraint archive_parts_counts_check check (archived >= 0 and owed >= 0 and given_up >= 0),
  -- a debt that nobody would ever look at again
  constraint archive_parts_due_check check (owed = 0 or due_at is not null)
);
create index archive_parts_delivery on archive_parts (delivery_id);
create index archive_parts_due on archive_parts (due_at) where due_at is not null;
create index archive_parts_owed on archive_parts (part_id) where owed > 0;
create index archive_parts_rename on archive_parts (rename_at) where rename_at is not null;
create index archive_parts_owner on archive_parts (owner) where owner is not null;

-- The same by archive; one row per sender so that senders never wait for each other.
create table archive_counters (
  archive smallint not null,
  delivery_id bigint not null,
  sender text not null,
  due int not null default 0,
  archived int not null default 0,
  owed int not null default 0,
  given_up int not null default 0,
  last_reply text,
  last_reply_at timestamptz,
  -- whether the last reply was no acceptance
  failing boolean not null default false,
  primary key (archive, delivery_id, sender)
);

-- What somebody must look at. One open row for each cause.
create table archive_alerts (
  id bigint generated always as identity primary key,
  -- debt-50, debt-80, debt-full, given-up, bounced, failing, not-renderable
  kind text not null,
  archive smallint,
  delivery_id bigint,
  at timestamptz not null,
  -- what is to be known besides: {keys: [...], count, reply}
  detail jsonb not null default '{}',
  resolved_at timestamptz
);
create unique index archive_alerts_open on archive_alerts (kind, coalesce(archive, 0), coalesce(delivery_id, 0))
  where resolved_at is null;

-- The ledger knows.
alter table messages drop column archived_at;

-- Why a sender holds back messages of a delivery (an archive that does not take copies); null when it does not.
alter table sender_status add column waiting_for text;

-- Null: all rights. Else the named ones; `archive` shows the addresses of archives.
alter table api_tokens add column rights text[];

-- Messages that are there already have no copies, but their partitions are cut alike.
do $$
declare
  block record;
begin
  for block in select from_part, to_part from message_partitions loop
    execute format('create table archive_copies_%s partition of archive_copies for values from (%s) to (%s)',
                   block.from_part, block.from_part, block.to_part);
  end loop;
end
$$;

-- Named sets of content and settings that new deliveries copy.
create table templates (
  id bigint generated always as identity primary key,
  label text not null,
  -- what a delivery has, each field only if the template sets it: {content, sender, settings}
  defaults jsonb not null,
  built_in boolean not null default false,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
alter table deliveries add column template_id bigint;

-- Who changed archives and the platform's settings of copies, and how; never secrets.
create table archive_events (
  id bigint generated always as identity primary key,
  -- null: the settings of the platform
  archive smallint,
  at timestamptz not null,
  -- created, changed, removed, tested, retried, alert-resolved
  kind text not null,
  -- label of the token that acted, `cli`, or the part of the system that did
  actor text not null,
  -- of changes: {changes: [{field, from, to}]}
  detail jsonb not null default '{}'
);
create index archive_events_archive on archive_events (archive, id);

-- Opens and clicks made from copies.
alter table tracking_events drop constraint tracking_events_class_check;
alter table tracking_events add constraint tracking_events_class_check
  check (class in ('person', 'privacy-proxy', 'mail-proxy', 'scanner', 'archive'));
-- Events of the archive; they are in no other column.
alter table tracking_counters add column archive int not null default 0;

-- Events of which only outcomes that are not in yet can say whether the recipient may have had the message.
create table tracking_undecided (
  event_id text primary key,
  -- with the class that it gets if it is nobody's of the archive
  event jsonb not null,
  check_at timestamptz not null,
  -- is stored as it is when nothing is known by then
  until timestamptz not null
);
create index tracking_undecided_check on tracking_undecided (check_at);

-- Down Migration
