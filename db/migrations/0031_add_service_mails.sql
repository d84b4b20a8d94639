-- Up Migration

-- Published templates that mails of a service are made of; null: the text that comes with Envoi, or no mail (welcome, good-bye). They name
-- what may be gone since: then the text goes out (docs/services.md).
alter table services add column confirmation_template bigint;
alter table services add column welcome_template bigint;
alter table services add column goodbye_template bigint;

-- Mails of services: owed (due_at) in the transaction of their reason, and then the journal of what became of them.
create table service_mails (
  id bigint generated always as identity primary key,
  service_id bigint not null references services (id) on delete cascade,
  kind text not null check (kind in ('confirmation', 'welcome', 'goodbye')),
  match_key text not null,
  address text not null,
  at timestamptz not null,
  -- null: none was set
  template_id bigint,
  language text not null,
  -- what the template may show, with the link of a confirmation; empty as soon as the mail is made
  data jsonb not null default '{}',
  -- null: done
  due_at timestamptz,
  attempts int not null default 0,
  -- null: not yet
  sent_as text check (sent_as in ('template', 'built-in', 'nothing')),
  -- of the single message
  message_key text,
  -- why it did not go out by the template
  problem text not null default '',
  check ((due_at is null) = (sent_as is not null))
);
create index service_mails_service on service_mails (service_id, id);
create index service_mails_due on service_mails (due_at) where due_at is not null;
create index service_mails_person on service_mails (match_key);
create index service_mails_at on service_mails (at);

-- How many mails of services went to a mailbox since when; its address is there as a hash only.
create table service_mail_limits (
  mailbox bytea primary key,
  since timestamptz not null,
  mails int not null
);
create index service_mail_limits_since on service_mail_limits (since);

-- Down Migration
