-- Up Migration

-- Mailboxes whose mail is fetched by the worker. The password or token is sealed.
create table mailboxes (
  id bigint generated always as identity primary key,
  name text not null,
  protocol text not null check (protocol in ('pop3', 'pop3s', 'imap', 'imaps')),
  host text not null,
  port int not null check (port between 1 and 65535),
  user_name text not null,
  auth text not null default 'password' check (auth in ('password', 'oauth2')),
  folder text not null default 'INBOX',
  enabled boolean not null default true,
  every_seconds int not null default 300 check (every_seconds >= 30),
  sealed_secret bytea,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  polled_at timestamptz,
  -- why the last look failed; null: it did not
  last_error text
);
create unique index mailboxes_name on mailboxes (lower(name));

-- Mail that came in, as it came. Stored first and answered for then; what it does is done once, by whoever takes the row.
create table inbound_mails (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  source text not null check (source in ('smtp', 'api', 'mailbox')),
  -- address of the server that handed it over
  remote text,
  mailbox_id bigint,
  -- of the message in its mailbox: stored once, however often it is fetched
  mailbox_uid text,
  -- envelope; null: not known. An empty return path is that of a notice.
  recipient text,
  return_path text,
  size int not null,
  -- null: no longer kept
  raw bytea,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null,
  processed_at timestamptz,
  error text,
  kind text,
  format text,
  outcome text,
  delivery_id bigint,
  part_id bigint,
  seq int,
  address text,
  type text,
  reason text,
  rule text,
  -- to whom a copy goes that is not sent yet
  forward_to text[] not null default '{}',
  forward_attempts int not null default 0,
  forward_at timestamptz,
  forward_error text
);
create unique index inbound_mails_uid on inbound_mails (mailbox_id, mailbox_uid) where mailbox_id is not null;
create index inbound_mails_waiting on inbound_mails (next_attempt_at) where state = 'waiting';
create index inbound_mails_forward on inbound_mails (forward_at) where forward_at is not null;
create index inbound_mails_message on inbound_mails (part_id, seq) where part_id is not null;
create index inbound_mails_received on inbound_mails (received_at);

-- Down Migration
