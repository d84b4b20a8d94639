-- Up Migration

-- Whether signing out here also ends the session at the provider (OpenID Connect RP-Initiated Logout 1.0; docs/operators.md).
alter table oidc_settings add column sign_out_there boolean not null default false;
-- The provider by which a session was opened; null: by password or token.
alter table operator_sessions add column oidc_issuer text;

-- Down Migration
