-- Up Migration

-- What is asked of people before a delivery may start. What was asked about changes: the request lapses, and the next
-- analysis asks again.
create table delivery_approvals (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  kind text not null check (kind in ('target', 'content', 'start')),
  state text not null default 'pending' check (state in ('pending', 'approved', 'rejected', 'lapsed')),
  -- stands for what was asked about: another one is another thing
  basis text not null,
  asked_at timestamptz not null,
  deadline timestamptz not null,
  -- how often people were reminded that nobody has decided
  reminders int not null default 0,
  decided_at timestamptz,
  decided_by text,
  operator_id bigint,
  comment text not null default '',
  check (state not in ('approved', 'rejected') or (decided_at is not null and decided_by is not null))
);
create unique index delivery_approvals_current on delivery_approvals (delivery_id, kind) where state <> 'lapsed';
create index delivery_approvals_pending on delivery_approvals (deadline) where state = 'pending';
create index delivery_approvals_delivery on delivery_approvals (delivery_id, id);

-- Waves of a delivery that has any. Their parts carry the number and have no due date until the wave begins.
create table delivery_waves (
  delivery_id bigint not null,
  number int not null check (number > 0),
  to_deliver int not null,
  -- after the start of the delivery, in milliseconds
  after_ms bigint not null,
  -- null: before the start; and once the delivery was stopped before it
  starts_at timestamptz,
  begun_at timestamptz,
  primary key (delivery_id, number)
);
create index delivery_waves_due on delivery_waves (starts_at) where begun_at is null and starts_at is not null;

-- 0: the delivery has no waves
alter table delivery_parts add column wave int not null default 0;

-- Who asked for the analysis and may start the delivery: in whose name it begins by itself, where its settings say so.
alter table deliveries add column auto_start_by text;
