-- Up Migration

-- Nothing has been in the table so far.
alter table mailboxes
  drop constraint mailboxes_protocol_check,
  drop constraint mailboxes_every_seconds_check,
  add constraint mailboxes_protocol_check check (protocol in ('pop3', 'imap')),
  add constraint mailboxes_every_seconds_check check (every_seconds between 60 and 86400),
  add tls text not null default 'implicit' check (tls in ('implicit', 'starttls', 'none')),
  add verify_certificate boolean not null default true,
  -- where access tokens are renewed, without its secrets; null: password, or an access token that somebody else renews
  add refresh jsonb,
  add delete_processed boolean not null default true,
  add next_poll_at timestamptz not null default now(),
  -- somebody looks until then, at the longest; null: nobody does
  add busy_until timestamptz,
  add succeeded_at timestamptz,
  -- looks in a row that failed
  add failures int not null default 0,
  -- what the last look could not do for single mails
  add note text,
  -- mails that were there at the last look
  add found int,
  add taken bigint not null default 0,
  add deleted bigint not null default 0;
-- `inbound_mails.mailbox_uid` is that of a mail as long as it lies in its mailbox: without it the mail is gone from there, and the
-- same UID would be another mail.

-- Down Migration
