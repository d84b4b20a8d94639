-- Up Migration

-- Who said no, how, when, and to which message. A row stands until it is undone; asking again only counts.
create table unsubscriptions (
  id bigint generated always as identity primary key,
  match_key text not null,
  address text not null,
  at timestamptz not null,
  source text not null check (source in ('page', 'one-click', 'mailto')),
  delivery_id bigint not null,
  part_id bigint not null,
  seq int not null,
  -- null: all e-mail
  service_id bigint,
  -- whether this row put the address on the denylist; false when it was there already
  denylisted boolean not null,
  repeats int not null default 0,
  last_at timestamptz not null,
  undone_at timestamptz
);
create unique index unsubscriptions_message on unsubscriptions (part_id, seq) where undone_at is null;
create index unsubscriptions_key on unsubscriptions (match_key);

-- Down Migration
