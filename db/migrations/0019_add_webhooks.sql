-- Up Migration

-- Whom Envoi tells by HTTP what happened (Standard Webhooks).
create table webhooks (
  id bigint generated always as identity primary key,
  url text not null,
  description text not null default '',
  -- names of events, or '*' alone for all
  events text[] not null,
  enabled boolean not null default true,
  -- most events of one request; with more than one the body is an array
  batch int not null default 1 check (batch between 1 and 1000),
  -- most requests at the same time
  concurrency int not null default 4 check (concurrency between 1 and 50),
  -- sealed under the row's id; the one before signs too until its time is over
  sealed_secret bytea,
  sealed_previous bytea,
  previous_until timestamptz,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- since the last success: when it began to fail, and how often in a row; what it said last
  failing_since timestamptz,
  failures int not null default 0,
  last_error text,
  succeeded_at timestamptz,
  -- nothing is sent to it before: it asked for a pause
  paused_until timestamptz,
  -- why Envoi switched it off by itself
  disabled_at timestamptz,
  disabled_reason text
);

-- What happened, written in the transaction in which it did, and only where a webhook wants to hear of it: one row for a
-- batch of facts. `refs` names the rows that tell the rest.
create table webhook_outbox (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  refs jsonb not null
);

-- One request to one webhook, with the bytes that are signed at each attempt.
create table webhook_messages (
  id bigint generated always as identity primary key,
  key text not null default 'msg_' || replace(gen_random_uuid()::text, '-', ''),
  webhook_id bigint not null,
  at timestamptz not null,
  events int not null,
  types text[] not null,
  body text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts int not null default 0,
  -- attempts since somebody asked for it again: where in the schedule it is
  tries int not null default 0,
  next_attempt_at timestamptz,
  busy_until timestamptz,
  finished_at timestamptz,
  status smallint,
  error text,
  check ((state = 'pending') = (next_attempt_at is not null))
);
create index webhook_messages_due on webhook_messages (webhook_id, next_attempt_at) where state = 'pending';
create index webhook_messages_webhook on webhook_messages (webhook_id, id);
create index webhook_messages_failed on webhook_messages (webhook_id, id) where state = 'failed';
create index webhook_messages_at on webhook_messages (at);

create table webhook_attempts (
  message_id bigint not null references webhook_messages (id) on delete cascade,
  attempt int not null,
  at timestamptz not null,
  -- null: there was no answer, `error` says why
  status smallint,
  error text,
  duration_ms int not null,
  -- how the answer began
  response text not null default '',
  primary key (message_id, attempt)
);

-- Mails of Envoi itself to people who run it. They go past the deliveries: one of them may say that no delivery goes.
create table notices (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  address text not null,
  subject text not null,
  body text not null,
  attempts int not null default 0,
  -- null: sent, or given up
  due_at timestamptz,
  sent_at timestamptz,
  error text
);
create index notices_due on notices (due_at) where due_at is not null;
create index notices_at on notices (at);

-- What somebody must look at: one open row for each kind and subject, however often it is seen.
create table alerts (
  id bigint generated always as identity primary key,
  kind text not null,
  -- what it is about: an id or a name; empty: the platform
  subject text not null default '',
  detail jsonb not null default '{}',
  raised_at timestamptz not null,
  seen_at timestamptz not null,
  resolved_at timestamptz,
  -- somebody takes care of it: no more reminders
  acknowledged_at timestamptz,
  acknowledged_by text,
  -- when the last mail named it as open, and when one said that it is over
  told_at timestamptz,
  resolution_told_at timestamptz
);
create unique index alerts_open on alerts (kind, subject) where resolved_at is null;
create index alerts_resolved on alerts (resolved_at) where resolved_at is not null;
