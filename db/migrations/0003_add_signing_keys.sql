-- Up Migration

-- Deliveries name keys by id, so that a key that was replaced still signs what was confirmed with it.
alter table dkim_keys drop constraint dkim_keys_pkey;
alter table dkim_keys
  add column id bigint generated always as identity primary key,
  add column algorithm text check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
  add column canonicalization text not null default 'relaxed/relaxed'
    check (canonicalization in ('relaxed/relaxed', 'relaxed/simple', 'simple/relaxed', 'simple/simple')),
  -- PEM, sealed with the key of the installation
  add column sealed bytea,
  -- p= of the DNS record
  add column public_key text,
  add column bits int,
  add column state text not null default 'active' check (state in ('active', 'retired')),
  add column retired_at timestamptz,
  -- Plain only in rows of earlier versions, until the next start seals them: SQL cannot.
  alter column private_key drop not null,
  add check ((private_key is null) <> (sealed is null)),
  add check (sealed is null or (algorithm is not null and public_key is not null)),
  add check ((state = 'retired') = (retired_at is not null));
create unique index dkim_keys_active on dkim_keys (domain, selector) where state = 'active';

-- Down Migration
