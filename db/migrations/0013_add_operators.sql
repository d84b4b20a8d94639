-- Up Migration

-- People who use Envoi. Roles are words of core/operators/rights.ts.
create table operators (
  id bigint generated always as identity primary key,
  -- lower case, unique: what is typed to sign in
  login text not null unique,
  name text not null,
  email text not null default '',
  roles text[] not null,
  disabled_at timestamptz,
  -- PHC string of argon2id; null: never set
  password_hash text,
  password_set_at timestamptz,
  -- sealed with the master key
  totp_secret bytea,
  -- null: made, and not confirmed by a first code
  totp_since timestamptz,
  -- time step of the last code that was taken: none is taken twice (RFC 6238 §5.2)
  totp_step bigint not null default 0,
  version int not null default 1,
  created_at timestamptz not null,
  signed_in_at timestamptz
);

create table operator_groups (
  id bigint generated always as identity primary key,
  name text not null,
  roles text[] not null,
  version int not null default 1,
  created_at timestamptz not null
);
create unique index operator_groups_name on operator_groups (lower(name));

create table operator_group_members (
  group_id bigint not null references operator_groups on delete cascade,
  operator_id bigint not null references operators on delete cascade,
  primary key (group_id, operator_id)
);
create index operator_group_members_operator on operator_group_members (operator_id);

-- For whom the second factor is lost. Each opens once.
create table recovery_codes (
  operator_id bigint not null references operators on delete cascade,
  code_hash text not null,
  primary key (operator_id, code_hash)
);

-- Whoever holds one sets a password, once.
create table operator_invitations (
  token_hash text primary key,
  operator_id bigint not null references operators on delete cascade,
  expires_at timestamptz not null
);
create index operator_invitations_operator on operator_invitations (operator_id);

-- rights: what a token may do beside the ordinary rights (null: all); scopes: narrows that (null: does not).
alter table api_tokens
  add column operator_id bigint references operators on delete cascade,
  add column scopes text[],
  add column expires_at timestamptz,
  add column last_used_at timestamptz,
  add column last_used_from text;
create index api_tokens_operator on api_tokens (operator_id);

-- Signed-in browsers, of an operator or by a token. Only the hash of what the cookie holds.
create table operator_sessions (
  id_hash text primary key,
  operator_id bigint references operators on delete cascade,
  token_hash text references api_tokens on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  address text not null,
  user_agent text not null,
  check ((operator_id is null) <> (token_hash is null))
);
create index operator_sessions_operator on operator_sessions (operator_id);
create index operator_sessions_token on operator_sessions (token_hash);

-- Failures to sign in, by account (also by names that nobody has) and by address.
create table sign_in_failures (
  subject text primary key,
  failures int not null,
  failed_at timestamptz not null,
  locked_until timestamptz
);

-- Who changed what. Written before the change begins; status null: it did not end.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  operator_id bigint,
  token_id text,
  address text not null,
  request_id text,
  action text not null,
  resource text not null,
  resource_id text,
  status int,
  -- [{pointer, before, after}]
  changes jsonb not null default '[]',
  detail jsonb not null default '{}'
);
create index audit_log_resource on audit_log (resource, resource_id, id);
create index audit_log_at on audit_log (at);
create index audit_log_operator on audit_log (operator_id, id);
