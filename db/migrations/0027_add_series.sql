-- Up Migration

-- Recurring deliveries: each run is a delivery of its own (docs/recurring.md).
create table series (
  id bigint generated always as identity primary key,
  label text not null,
  -- what is copied, when, under which label: contract/series.ts
  definition jsonb not null,
  is_on boolean not null,
  -- null: off, or the last date is over
  next_at timestamptz,
  -- whoever saved it last: runs begin in their name, as long as they may start deliveries
  saved_by text not null,
  operator_id bigint,
  -- the start of its hash
  token_id text,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index series_due on series (next_at) where next_at is not null;

-- What became of each date that has come.
create table series_runs (
  series_id bigint not null references series on delete cascade,
  at timestamptz not null,
  outcome text not null check (outcome in ('made', 'missed', 'failed')),
  -- that delivery may be deleted
  delivery_id bigint,
  reason text not null default '',
  recorded_at timestamptz not null,
  primary key (series_id, at),
  check ((outcome = 'made') = (delivery_id is not null))
);

-- The run of a series that the delivery is. The series may be gone.
alter table deliveries add column series_id bigint;
alter table deliveries add column series_at timestamptz;
alter table deliveries add constraint deliveries_series check ((series_id is null) = (series_at is null));
create unique index deliveries_series_run on deliveries (series_id, series_at) where series_id is not null;

-- Recipients that are added to a delivery that has begun (docs/recurring.md).
create table delivery_additions (
  id bigint generated always as identity primary key,
  delivery_id bigint not null,
  audience jsonb not null,
  -- also whoever has a message of this delivery
  again boolean not null,
  asked_by text not null,
  asked_at timestamptz not null,
  ended_at timestamptz,
  -- null: it came to its end
  error text,
  targeted int not null default 0,
  excluded int not null default 0,
  to_deliver int not null default 0
);
create index delivery_additions_open on delivery_additions (id) where ended_at is null;
create index delivery_additions_delivery on delivery_additions (delivery_id, id);

-- Down Migration
