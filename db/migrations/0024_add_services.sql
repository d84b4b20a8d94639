-- Up Migration

-- Newsletters that people subscribe to (docs/services.md).
create table services (
  id bigint generated always as identity primary key,
  name text not null,
  description text not null default '',
  -- Whether an address that somebody typed must be confirmed from its own mailbox.
  double_opt_in boolean not null default true,
  -- Null: subscriptions do not end by themselves.
  duration_days int check (duration_days between 1 and 36500),
  -- Whether there is a public page to subscribe on; its address has the key.
  is_public boolean not null default false,
  public_key text not null unique,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index services_name on services (fold_text(name));

-- Who is subscribed, and who said no. Whoever never did either has no row.
create table subscriptions (
  service_id bigint not null references services (id) on delete cascade,
  recipient_id bigint not null,
  state text not null check (state in ('subscribed', 'unsubscribed', 'expired')),
  since timestamptz not null,
  ends_at timestamptz,
  primary key (service_id, recipient_id)
);
create index subscriptions_recipient on subscriptions (recipient_id);
create index subscriptions_ending on subscriptions (ends_at) where state = 'subscribed' and ends_at is not null;

-- Addresses that somebody typed and nobody confirmed yet: no recipients.
create table subscription_requests (
  service_id bigint not null references services (id) on delete cascade,
  match_key text not null,
  address text not null,
  attributes jsonb not null default '{}',
  language text,
  origin text not null,
  asked_at timestamptz not null,
  -- Of the link that the newest mail has; the link itself is in that mail only.
  digest bytea not null unique,
  mails int not null,
  mailed_at timestamptz not null,
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  primary key (service_id, match_key)
);
create index subscription_requests_expiry on subscription_requests (expires_at);

create table subscription_events (
  id bigint generated always as identity primary key,
  service_id bigint not null references services (id) on delete cascade,
  match_key text not null,
  at timestamptz not null,
  kind text not null check (kind in ('asked', 'subscribed', 'renewed', 'unsubscribed', 'resubscribed', 'expired')),
  origin text not null,
  actor text not null default '',
  note text not null default '',
  -- Of the request that was confirmed.
  asked_at timestamptz
);
create index subscription_events_service on subscription_events (service_id, id);
create index subscription_events_person on subscription_events (match_key, id);

-- Down Migration
