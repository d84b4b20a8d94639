-- Up Migration

-- Sign-in by OpenID Connect (docs/operators.md): one row, which is not there as long as nobody has saved any.
create table oidc_settings (
  id boolean primary key default true check (id),
  enabled boolean not null,
  issuer text not null,
  client_id text not null,
  -- sealed with the master key; null: a public client
  sealed_secret bytea,
  label text not null,
  -- of addresses that may sign in; none: all
  domains text[] not null,
  -- where the ID token or the user info has what `mapping` is about: `groups`, `realm_access.roles`
  claim text not null,
  -- [{value, roles, groups}]
  mapping jsonb not null,
  create_operators boolean not null,
  default_roles text[] not null,
  -- whose passwords still open
  passwords text not null check (passwords in ('everybody', 'administrators')),
  version int not null default 1,
  updated_at timestamptz not null
);

-- Attempts that have come back: none does twice.
create table oidc_used (
  id_hash text primary key,
  expires_at timestamptz not null
);

-- Who the operator is at the provider. provisioned: the provider made them, and says their roles at each sign-in.
alter table operators
  add column oidc_issuer text,
  add column oidc_subject text,
  add column provisioned boolean not null default false;
create unique index operators_oidc on operators (oidc_issuer, oidc_subject);

-- Down Migration
