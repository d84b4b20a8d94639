-- Written by `npm run db:dump`; the migrations are the source.

create table address_allowlist (
  match_key text not null,
  address text not null,
  note text not null default ''::text,
  actor text not null,
  at timestamp with time zone not null,
  constraint address_allowlist_pkey PRIMARY KEY (match_key)
);

create table alerts (
  id bigint not null generated always as identity,
  kind text not null,
  subject text not null default ''::text,
  detail jsonb not null default '{}'::jsonb,
  raised_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  told_at timestamp with time zone,
  resolution_told_at timestamp with time zone,
  constraint alerts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (kind, subject) WHERE (resolved_at IS NULL);
CREATE INDEX alerts_resolved ON public.alerts USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

create table api_tokens (
  token_hash text not null,
  label text not null,
  created_at timestamp with time zone not null,
  rights text[],
  operator_id bigint,
  scopes text[],
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  last_used_from text,
  constraint api_tokens_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id) ON DELETE CASCADE,
  constraint api_tokens_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX api_tokens_operator ON public.api_tokens USING btree (operator_id);

create table archive_alerts (
  id bigint not null generated always as identity,
  kind text not null,
  archive smallint,
  delivery_id bigint,
  at timestamp with time zone not null,
  detail jsonb not null default '{}'::jsonb,
  resolved_at timestamp with time zone,
  constraint archive_alerts_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX archive_alerts_open ON public.archive_alerts USING btree (kind, COALESCE((archive)::integer, 0), COALESCE(delivery_id, (0)::bigint)) WHERE (resolved_at IS NULL);

create table archive_copies (
  part_id bigint not null,
  seq integer not null,
  archive smallint not null,
  state text not null,
  attempts smallint not null default 0,
  in_doubt boolean not null default false,
  due_since timestamp with time zone not null,
  next_attempt_at timestamp with time zone,
  archived_at timestamp with time zone,
  reply text not null default ''::text,
  digest bytea,
  location text,
  constraint archive_copies_pkey PRIMARY KEY (part_id, seq, archive),
  constraint archive_copies_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'archived'::text, 'given-up'::text])))
) partition by RANGE (part_id);

create table archive_counters (
  archive smallint not null,
  delivery_id bigint not null,
  sender text not null,
  due integer not null default 0,
  archived integer not null default 0,
  owed integer not null default 0,
  given_up integer not null default 0,
  last_reply text,
  last_reply_at timestamp with time zone,
  failing boolean not null default false,
  constraint archive_counters_pkey PRIMARY KEY (archive, delivery_id, sender)
);

create table archive_events (
  id bigint not null generated always as identity,
  archive smallint,
  at timestamp with time zone not null,
  kind text not null,
  actor text not null,
  detail jsonb not null default '{}'::jsonb,
  constraint archive_events_pkey PRIMARY KEY (id)
);
CREATE INDEX archive_events_archive ON public.archive_events USING btree (archive, id);

create table archive_parts (
  part_id bigint not null,
  delivery_id bigint not null,
  due integer not null default 0,
  archived integer not null default 0,
  owed integer not null default 0,
  given_up integer not null default 0,
  owner text,
  epoch integer not null default 0,
  due_at timestamp with time zone,
  has_names boolean not null default false,
  rename_at timestamp with time zone,
  constraint archive_parts_counts_check CHECK (((archived >= 0) AND (owed >= 0) AND (given_up >= 0))),
  constraint archive_parts_due_check CHECK (((owed = 0) OR (due_at IS NOT NULL))),
  constraint archive_parts_identity_check CHECK ((due = ((archived + owed) + given_up))),
  constraint archive_parts_pkey PRIMARY KEY (part_id)
);
CREATE INDEX archive_parts_delivery ON public.archive_parts USING btree (delivery_id);
CREATE INDEX archive_parts_due ON public.archive_parts USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX archive_parts_owed ON public.archive_parts USING btree (part_id) WHERE (owed > 0);
CREATE INDEX archive_parts_owner ON public.archive_parts USING btree (owner) WHERE (owner IS NOT NULL);
CREATE INDEX archive_parts_rename ON public.archive_parts USING btree (rename_at) WHERE (rename_at IS NOT NULL);

create table archives (
  id smallint not null generated always as identity,
  name text not null,
  kind text not null,
  enabled boolean not null default true,
  rule jsonb not null default '{}'::jsonb,
  target jsonb not null,
  sealed_secret bytea,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  constraint archives_kind_check CHECK ((kind = ANY (ARRAY['smtp'::text, 'files'::text, 's3'::text]))),
  constraint archives_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX archives_name ON public.archives USING btree (name) WHERE (removed_at IS NULL);

create table attributes (
  id bigint not null generated always as identity,
  name text not null,
  type text not null,
  label text not null default ''::text,
  allowed text[],
  indexed boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint attributes_name_key UNIQUE (name),
  constraint attributes_pkey PRIMARY KEY (id),
  constraint attributes_type_check CHECK ((type = ANY (ARRAY['text'::text, 'number'::text, 'boolean'::text, 'date'::text, 'timestamp'::text, 'enum'::text])))
);

create table audit_log (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  actor text not null,
  operator_id bigint,
  token_id text,
  address text not null,
  request_id text,
  action text not null,
  resource text not null,
  resource_id text,
  status integer,
  changes jsonb not null default '[]'::jsonb,
  detail jsonb not null default '{}'::jsonb,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_at ON public.audit_log USING btree (at);
CREATE INDEX audit_log_operator ON public.audit_log USING btree (operator_id, id);
CREATE INDEX audit_log_resource ON public.audit_log USING btree (resource, resource_id, id);

create table blocks (
  id bigint not null generated always as identity,
  name text not null,
  label text not null default ''::text,
  syntax text not null default 'liquid'::text,
  html text not null default ''::text,
  text text not null default ''::text,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint blocks_name_key UNIQUE (name),
  constraint blocks_pkey PRIMARY KEY (id),
  constraint blocks_syntax_check CHECK ((syntax = ANY (ARRAY['liquid'::text, 'campaign'::text])))
);

create table bounce_rules (
  id bigint not null generated always as identity,
  position integer not null,
  name text not null,
  enabled boolean not null default true,
  rule jsonb not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint bounce_rules_name_key UNIQUE (name),
  constraint bounce_rules_pkey PRIMARY KEY (id)
);

create table capacity_uses (
  rule_id bigint not null,
  delivery_id bigint not null,
  at timestamp with time zone not null,
  messages integer not null,
  constraint capacity_uses_pkey PRIMARY KEY (rule_id, delivery_id),
  constraint capacity_uses_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES typology_rules(id) ON DELETE CASCADE
);
CREATE INDEX capacity_uses_delivery ON public.capacity_uses USING btree (delivery_id);

create table checklist_items (
  delivery_id bigint not null,
  position integer not null,
  id text not null,
  level text not null,
  title text not null,
  detail text not null default ''::text,
  rule text,
  at timestamp with time zone,
  constraint checklist_items_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text]))),
  constraint checklist_items_pkey PRIMARY KEY (delivery_id, "position")
);

create table deliveries (
  id bigint not null generated always as identity,
  label text not null,
  state text not null default 'editing'::text,
  hold_reason text,
  content jsonb not null,
  sender jsonb not null,
  audience jsonb not null,
  settings jsonb not null default '{}'::jsonb,
  analysis jsonb,
  version integer not null default 1,
  analysed_version integer,
  targeted integer not null default 0,
  excluded integer not null default 0,
  to_deliver integer not null default 0,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  analysed_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  valid_until timestamp with time zone,
  manifest jsonb,
  signing_keys bigint[],
  archive jsonb,
  template_id bigint,
  kind text not null default 'campaign'::text,
  proof_of bigint,
  proof_number integer,
  start_at timestamp with time zone,
  start_zone text,
  start_not_after timestamp with time zone,
  start_by text,
  carrier_key text,
  open_until timestamp with time zone,
  folder_id bigint,
  code text not null default ''::text,
  category text not null default ''::text,
  description text not null default ''::text,
  inherited jsonb,
  auto_start_by text,
  series_id bigint,
  series_at timestamp with time zone,
  constraint deliveries_carrier_check CHECK (((kind = 'single'::text) = ((carrier_key IS NOT NULL) AND (open_until IS NOT NULL)))),
  constraint deliveries_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES folders(id),
  constraint deliveries_kind_check CHECK ((kind = ANY (ARRAY['campaign'::text, 'proof'::text, 'single'::text]))),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_proof_check CHECK (((kind = 'proof'::text) = ((proof_of IS NOT NULL) AND (proof_number IS NOT NULL)))),
  constraint deliveries_series CHECK (((series_id IS NULL) = (series_at IS NULL))),
  constraint deliveries_start_check CHECK (((state = ANY (ARRAY['scheduled'::text, 'start-pending'::text])) = ((start_at IS NOT NULL) AND (start_not_after IS NOT NULL) AND (start_by IS NOT NULL)))),
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['editing'::text, 'analysing'::text, 'ready'::text, 'scheduled'::text, 'start-pending'::text, 'in-progress'::text, 'pausing'::text, 'paused'::text, 'stopping'::text, 'stopped'::text, 'finished'::text]))),
  constraint deliveries_targeted_check CHECK ((targeted = (excluded + to_deliver)))
);
CREATE UNIQUE INDEX deliveries_carrier ON public.deliveries USING btree (carrier_key) WHERE (carrier_key IS NOT NULL);
CREATE INDEX deliveries_category ON public.deliveries USING btree (category, id) WHERE (category <> ''::text);
CREATE INDEX deliveries_code ON public.deliveries USING btree (lower(code), id) WHERE (code <> ''::text);
CREATE INDEX deliveries_folder ON public.deliveries USING btree (folder_id, id) WHERE (folder_id IS NOT NULL);
CREATE UNIQUE INDEX deliveries_proofs ON public.deliveries USING btree (proof_of, proof_number) WHERE (proof_of IS NOT NULL);
CREATE UNIQUE INDEX deliveries_series_run ON public.deliveries USING btree (series_id, series_at) WHERE (series_id IS NOT NULL);
CREATE INDEX deliveries_start ON public.deliveries USING btree (start_at) WHERE (start_at IS NOT NULL);

create table delivery_additions (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  audience jsonb not null,
  again boolean not null,
  asked_by text not null,
  asked_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  error text,
  targeted integer not null default 0,
  excluded integer not null default 0,
  to_deliver integer not null default 0,
  constraint delivery_additions_pkey PRIMARY KEY (id)
);
CREATE INDEX delivery_additions_delivery ON public.delivery_additions USING btree (delivery_id, id);
CREATE INDEX delivery_additions_open ON public.delivery_additions USING btree (id) WHERE (ended_at IS NULL);

create table delivery_approvals (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  kind text not null,
  state text not null default 'pending'::text,
  basis text not null,
  asked_at timestamp with time zone not null,
  deadline timestamp with time zone not null,
  reminders integer not null default 0,
  decided_at timestamp with time zone,
  decided_by text,
  operator_id bigint,
  comment text not null default ''::text,
  constraint delivery_approvals_check CHECK (((state <> ALL (ARRAY['approved'::text, 'rejected'::text])) OR ((decided_at IS NOT NULL) AND (decided_by IS NOT NULL)))),
  constraint delivery_approvals_kind_check CHECK ((kind = ANY (ARRAY['target'::text, 'content'::text, 'start'::text]))),
  constraint delivery_approvals_pkey PRIMARY KEY (id),
  constraint delivery_approvals_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text, 'lapsed'::text])))
);
CREATE UNIQUE INDEX delivery_approvals_current ON public.delivery_approvals USING btree (delivery_id, kind) WHERE (state <> 'lapsed'::text);
CREATE INDEX delivery_approvals_delivery ON public.delivery_approvals USING btree (delivery_id, id);
CREATE INDEX delivery_approvals_pending ON public.delivery_approvals USING btree (deadline) WHERE (state = 'pending'::text);

create table delivery_events (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  at timestamp with time zone not null,
  kind text not null,
  actor text not null,
  detail jsonb not null default '{}'::jsonb,
  constraint delivery_events_pkey PRIMARY KEY (id)
);
CREATE INDEX delivery_events_delivery ON public.delivery_events USING btree (delivery_id, id);

create table delivery_exclusions (
  delivery_id bigint not null,
  reason text not null,
  count integer not null,
  constraint delivery_exclusions_pkey PRIMARY KEY (delivery_id, reason)
);

create table delivery_parts (
  id bigint not null,
  delivery_id bigint not null,
  domain text,
  to_deliver integer not null,
  pending integer not null,
  retrying integer not null default 0,
  sent integer not null default 0,
  failed integer not null default 0,
  cancelled integer not null default 0,
  in_doubt integer not null default 0,
  owner text,
  epoch integer not null default 0,
  due_at timestamp with time zone,
  seeds boolean not null default false,
  wave integer not null default 0,
  constraint delivery_parts_counts_check CHECK (((pending >= 0) AND (retrying >= 0) AND (sent >= 0) AND (failed >= 0) AND (cancelled >= 0) AND (in_doubt >= 0))),
  constraint delivery_parts_identity_check CHECK ((to_deliver = (((((pending + retrying) + sent) + failed) + cancelled) + in_doubt))),
  constraint delivery_parts_pkey PRIMARY KEY (id)
);
CREATE INDEX delivery_parts_delivery ON public.delivery_parts USING btree (delivery_id, id);
CREATE INDEX delivery_parts_due ON public.delivery_parts USING btree (delivery_id, due_at, id) WHERE (due_at IS NOT NULL);
CREATE INDEX delivery_parts_owner ON public.delivery_parts USING btree (owner) WHERE (owner IS NOT NULL);

create table delivery_plans (
  delivery_id bigint not null,
  at timestamp with time zone not null,
  plan jsonb not null,
  actual jsonb,
  constraint delivery_plans_pkey PRIMARY KEY (delivery_id)
);

create table delivery_waves (
  delivery_id bigint not null,
  number integer not null,
  to_deliver integer not null,
  after_ms bigint not null,
  starts_at timestamp with time zone,
  begun_at timestamp with time zone,
  constraint delivery_waves_number_check CHECK ((number > 0)),
  constraint delivery_waves_pkey PRIMARY KEY (delivery_id, number)
);
CREATE INDEX delivery_waves_due ON public.delivery_waves USING btree (starts_at) WHERE ((begun_at IS NULL) AND (starts_at IS NOT NULL));

create table destination_counters (
  delivery_id bigint not null,
  domain text not null,
  sender text not null,
  to_deliver integer not null default 0,
  sent integer not null default 0,
  failed integer not null default 0,
  retrying integer not null default 0,
  last_reply text,
  last_reply_at timestamp with time zone,
  constraint destination_counters_pkey PRIMARY KEY (delivery_id, domain, sender)
);

create table dkim_keys (
  domain text not null,
  selector text not null,
  private_key text,
  created_at timestamp with time zone not null,
  id bigint not null generated always as identity,
  algorithm text,
  canonicalization text not null default 'relaxed/relaxed'::text,
  sealed bytea,
  public_key text,
  bits integer,
  state text not null default 'active'::text,
  retired_at timestamp with time zone,
  constraint dkim_keys_algorithm_check CHECK ((algorithm = ANY (ARRAY['rsa-sha256'::text, 'ed25519-sha256'::text]))),
  constraint dkim_keys_canonicalization_check CHECK ((canonicalization = ANY (ARRAY['relaxed/relaxed'::text, 'relaxed/simple'::text, 'simple/relaxed'::text, 'simple/simple'::text]))),
  constraint dkim_keys_check CHECK (((private_key IS NULL) <> (sealed IS NULL))),
  constraint dkim_keys_check1 CHECK (((sealed IS NULL) OR ((algorithm IS NOT NULL) AND (public_key IS NOT NULL)))),
  constraint dkim_keys_check2 CHECK (((state = 'retired'::text) = (retired_at IS NOT NULL))),
  constraint dkim_keys_pkey PRIMARY KEY (id),
  constraint dkim_keys_state_check CHECK ((state = ANY (ARRAY['active'::text, 'retired'::text])))
);
CREATE UNIQUE INDEX dkim_keys_active ON public.dkim_keys USING btree (domain, selector) WHERE (state = 'active'::text);

create table domain_sites (
  domain text not null,
  site text not null,
  provider text not null,
  mx text[] not null,
  seen_at timestamp with time zone not null,
  constraint domain_sites_pkey PRIMARY KEY (domain)
);
CREATE INDEX domain_sites_provider ON public.domain_sites USING btree (provider);

create table exclusions (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  recipient_id bigint,
  address text not null,
  reason text not null,
  detail text not null default ''::text
);
CREATE INDEX exclusions_delivery ON public.exclusions USING btree (delivery_id, reason, id);

create table file_rows (
  import_id bigint not null,
  line integer not null,
  address text not null,
  match_key text not null,
  domain text not null,
  attributes jsonb not null,
  is_repeated boolean not null,
  constraint file_rows_pkey PRIMARY KEY (import_id, line)
);
CREATE INDEX file_rows_person ON public.file_rows USING btree (match_key);

create table files (
  id bigint not null generated always as identity,
  name text not null,
  content_type text not null,
  size integer not null,
  sha256 bytea not null,
  content bytea not null,
  created_at timestamp with time zone not null,
  constraint files_pkey PRIMARY KEY (id),
  constraint files_sha256_name_content_type_key UNIQUE (sha256, name, content_type)
);

create table folders (
  id bigint not null generated always as identity,
  tree text not null,
  parent_id bigint,
  label text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint folders_id_tree_key UNIQUE (id, tree),
  constraint folders_parent_id_tree_fkey FOREIGN KEY (parent_id, tree) REFERENCES folders(id, tree),
  constraint folders_pkey PRIMARY KEY (id),
  constraint folders_tree_check CHECK ((tree = ANY (ARRAY['templates'::text, 'deliveries'::text])))
);
CREATE UNIQUE INDEX folders_label ON public.folders USING btree (tree, COALESCE(parent_id, (0)::bigint), lower(label));

create table idempotency_keys (
  token_hash text not null,
  key text not null,
  request_hash text not null,
  status integer,
  response jsonb,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (token_hash, key)
);

create table import_changes (
  import_id bigint not null,
  recipient_id bigint not null,
  address text not null,
  new_address text not null,
  attributes jsonb not null,
  written jsonb not null,
  updated_at timestamp with time zone not null,
  new_updated_at timestamp with time zone not null,
  constraint import_changes_pkey PRIMARY KEY (import_id, recipient_id)
);

create table import_errors (
  import_id bigint not null,
  line integer not null,
  column text not null,
  value text not null,
  reason text not null,
  detail text not null default ''::text,
  address text,
  match_key text
);
CREATE INDEX import_errors_import ON public.import_errors USING btree (import_id, line);

create table imports (
  id bigint not null generated always as identity,
  status text not null,
  file_name text not null,
  list_id bigint,
  total integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  error jsonb,
  columns jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  options jsonb not null default '{}'::jsonb,
  dry_run boolean not null default false,
  first_recipient bigint,
  last_recipient bigint,
  undo_state text,
  undo_step text not null default 'changed'::text,
  undo_cursor bigint not null default 0,
  undo_asked_at timestamp with time zone,
  undone_at timestamp with time zone,
  undone_by text,
  undo_restored integer not null default 0,
  undo_removed integer not null default 0,
  undo_kept integer not null default 0,
  undoable boolean not null default false,
  rows_removed_at timestamp with time zone,
  constraint imports_pkey PRIMARY KEY (id),
  constraint imports_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text]))),
  constraint imports_undo_state_check CHECK ((undo_state = ANY (ARRAY['running'::text, 'completed'::text]))),
  constraint imports_undo_step_check CHECK ((undo_step = ANY (ARRAY['changed'::text, 'created'::text, 'list'::text])))
);
CREATE INDEX imports_undoing ON public.imports USING btree (id) WHERE (undo_state = 'running'::text);

create table inbound_mails (
  id bigint not null generated always as identity,
  received_at timestamp with time zone not null,
  source text not null,
  remote text,
  mailbox_id bigint,
  mailbox_uid text,
  recipient text,
  return_path text,
  size integer not null,
  raw bytea,
  state text not null default 'waiting'::text,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone not null,
  processed_at timestamp with time zone,
  error text,
  kind text,
  format text,
  outcome text,
  delivery_id bigint,
  part_id bigint,
  seq integer,
  address text,
  type text,
  reason text,
  rule text,
  forward_to text[] not null default '{}'::text[],
  forward_attempts integer not null default 0,
  forward_at timestamp with time zone,
  forward_error text,
  constraint inbound_mails_pkey PRIMARY KEY (id),
  constraint inbound_mails_source_check CHECK ((source = ANY (ARRAY['smtp'::text, 'api'::text, 'mailbox'::text]))),
  constraint inbound_mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX inbound_mails_forward ON public.inbound_mails USING btree (forward_at) WHERE (forward_at IS NOT NULL);
CREATE INDEX inbound_mails_message ON public.inbound_mails USING btree (part_id, seq) WHERE (part_id IS NOT NULL);
CREATE INDEX inbound_mails_received ON public.inbound_mails USING btree (received_at);
CREATE UNIQUE INDEX inbound_mails_uid ON public.inbound_mails USING btree (mailbox_id, mailbox_uid) WHERE (mailbox_id IS NOT NULL);
CREATE INDEX inbound_mails_waiting ON public.inbound_mails USING btree (next_attempt_at) WHERE (state = 'waiting'::text);

create table installation (
  id integer not null default 1,
  server text,
  database_oid bigint,
  held_at timestamp with time zone,
  held_by text,
  held_reason text,
  backup_at timestamp with time zone,
  paused bigint[] not null default '{}'::bigint[],
  released_at timestamp with time zone,
  released_by text,
  constraint installation_check CHECK (((held_at IS NULL) = (held_reason IS NULL))),
  constraint installation_id_check CHECK ((id = 1)),
  constraint installation_pkey PRIMARY KEY (id)
);

create table lane_pins (
  source text not null,
  site text not null,
  connections integer,
  messages_per_hour integer,
  actor text not null,
  at timestamp with time zone not null,
  constraint lane_pins_connections_check CHECK ((connections > 0)),
  constraint lane_pins_messages_per_hour_check CHECK ((messages_per_hour > 0)),
  constraint lane_pins_pkey PRIMARY KEY (source, site)
);

create table lanes (
  sender text not null,
  source text not null,
  site text not null,
  provider text not null,
  rule text not null,
  state jsonb not null,
  figures jsonb not null,
  updated_at timestamp with time zone not null,
  constraint lanes_pkey PRIMARY KEY (sender, source, site)
);
CREATE INDEX lanes_provider ON public.lanes USING btree (provider, source);

create table list_members (
  list_id bigint not null,
  recipient_id bigint not null,
  constraint list_members_pkey PRIMARY KEY (list_id, recipient_id)
);
CREATE INDEX list_members_recipient ON public.list_members USING btree (recipient_id);

create table lists (
  id bigint not null generated always as identity,
  label text not null,
  created_at timestamp with time zone not null,
  version integer not null default 1,
  constraint lists_pkey PRIMARY KEY (id)
);

create table mailboxes (
  id bigint not null generated always as identity,
  name text not null,
  protocol text not null,
  host text not null,
  port integer not null,
  user_name text not null,
  auth text not null default 'password'::text,
  folder text not null default 'INBOX'::text,
  enabled boolean not null default true,
  every_seconds integer not null default 300,
  sealed_secret bytea,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  polled_at timestamp with time zone,
  last_error text,
  tls text not null default 'implicit'::text,
  verify_certificate boolean not null default true,
  refresh jsonb,
  delete_processed boolean not null default true,
  next_poll_at timestamp with time zone not null default now(),
  busy_until timestamp with time zone,
  succeeded_at timestamp with time zone,
  failures integer not null default 0,
  note text,
  found integer,
  taken bigint not null default 0,
  deleted bigint not null default 0,
  constraint mailboxes_auth_check CHECK ((auth = ANY (ARRAY['password'::text, 'oauth2'::text]))),
  constraint mailboxes_every_seconds_check CHECK (((every_seconds >= 60) AND (every_seconds <= 86400))),
  constraint mailboxes_pkey PRIMARY KEY (id),
  constraint mailboxes_port_check CHECK (((port >= 1) AND (port <= 65535))),
  constraint mailboxes_protocol_check CHECK ((protocol = ANY (ARRAY['pop3'::text, 'imap'::text]))),
  constraint mailboxes_tls_check CHECK ((tls = ANY (ARRAY['implicit'::text, 'starttls'::text, 'none'::text])))
);
CREATE UNIQUE INDEX mailboxes_name ON public.mailboxes USING btree (lower(name));

create table message_attempts (
  part_id bigint not null,
  seq integer not null,
  attempt smallint not null,
  at timestamp with time zone not null,
  kind text not null,
  stage text,
  code smallint,
  enhanced text,
  reply text not null,
  mx text,
  source_ip text,
  tls text,
  duration_ms integer,
  type text,
  reason text,
  rule text,
  constraint message_attempts_pkey PRIMARY KEY (part_id, seq, attempt)
) partition by RANGE (part_id);

create table message_contents (
  id bigint not null,
  carrier_id bigint not null,
  hash bytea not null,
  manifest jsonb not null,
  created_at timestamp with time zone not null,
  constraint message_contents_carrier_id_hash_key UNIQUE (carrier_id, hash),
  constraint message_contents_pkey PRIMARY KEY (id)
);

create table message_external_ids (
  external_id text not null,
  fingerprint bytea not null,
  part_id bigint not null,
  seq integer not null,
  constraint message_external_ids_pkey PRIMARY KEY (external_id)
);
CREATE INDEX message_external_ids_part ON public.message_external_ids USING btree (part_id);

create table message_partitions (
  from_part bigint not null,
  to_part bigint not null,
  created_at timestamp with time zone not null,
  log_dropped_at timestamp with time zone,
  constraint message_partitions_pkey PRIMARY KEY (from_part)
);

create table message_reactions (
  part_id bigint not null,
  seq integer not null,
  kind text not null,
  link integer not null,
  human boolean not null,
  constraint message_reactions_pkey PRIMARY KEY (part_id, seq, kind, link, human)
) partition by RANGE (part_id);

create table messages (
  part_id bigint not null,
  seq integer not null,
  recipient_id bigint,
  address text not null,
  vars jsonb not null,
  status text not null default 'pending'::text,
  type text,
  reason text,
  attempts smallint not null default 0,
  in_doubt boolean not null default false,
  next_attempt_at timestamp with time zone,
  final_at timestamp with time zone,
  digest bytea,
  relayed boolean not null default false,
  constraint messages_pkey PRIMARY KEY (part_id, seq)
) partition by RANGE (part_id);
CREATE INDEX messages_recipient ON ONLY public.messages USING btree (recipient_id);

create table mx_rules (
  id bigint not null generated always as identity,
  position integer not null,
  name text not null,
  enabled boolean not null default true,
  rule jsonb not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint mx_rules_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX mx_rules_name ON public.mx_rules USING btree (lower(name));

create table notices (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  address text not null,
  subject text not null,
  body text not null,
  attempts integer not null default 0,
  due_at timestamp with time zone,
  sent_at timestamp with time zone,
  error text,
  constraint notices_pkey PRIMARY KEY (id)
);
CREATE INDEX notices_at ON public.notices USING btree (at);
CREATE INDEX notices_due ON public.notices USING btree (due_at) WHERE (due_at IS NOT NULL);

create table oidc_settings (
  id boolean not null default true,
  enabled boolean not null,
  issuer text not null,
  client_id text not null,
  sealed_secret bytea,
  label text not null,
  domains text[] not null,
  claim text not null,
  mapping jsonb not null,
  create_operators boolean not null,
  default_roles text[] not null,
  passwords text not null,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  sign_out_there boolean not null default false,
  constraint oidc_settings_id_check CHECK (id),
  constraint oidc_settings_passwords_check CHECK ((passwords = ANY (ARRAY['everybody'::text, 'administrators'::text]))),
  constraint oidc_settings_pkey PRIMARY KEY (id)
);

create table oidc_used (
  id_hash text not null,
  expires_at timestamp with time zone not null,
  constraint oidc_used_pkey PRIMARY KEY (id_hash)
);

create table operator_group_members (
  group_id bigint not null,
  operator_id bigint not null,
  constraint operator_group_members_group_id_fkey FOREIGN KEY (group_id) REFERENCES operator_groups(id) ON DELETE CASCADE,
  constraint operator_group_members_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id) ON DELETE CASCADE,
  constraint operator_group_members_pkey PRIMARY KEY (group_id, operator_id)
);
CREATE INDEX operator_group_members_operator ON public.operator_group_members USING btree (operator_id);

create table operator_groups (
  id bigint not null generated always as identity,
  name text not null,
  roles text[] not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  constraint operator_groups_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX operator_groups_name ON public.operator_groups USING btree (lower(name));

create table operator_invitations (
  token_hash text not null,
  operator_id bigint not null,
  expires_at timestamp with time zone not null,
  constraint operator_invitations_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id) ON DELETE CASCADE,
  constraint operator_invitations_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX operator_invitations_operator ON public.operator_invitations USING btree (operator_id);

create table operator_sessions (
  id_hash text not null,
  operator_id bigint,
  token_hash text,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  address text not null,
  user_agent text not null,
  oidc_issuer text,
  constraint operator_sessions_check CHECK (((operator_id IS NULL) <> (token_hash IS NULL))),
  constraint operator_sessions_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id) ON DELETE CASCADE,
  constraint operator_sessions_pkey PRIMARY KEY (id_hash),
  constraint operator_sessions_token_hash_fkey FOREIGN KEY (token_hash) REFERENCES api_tokens(token_hash) ON DELETE CASCADE
);
CREATE INDEX operator_sessions_operator ON public.operator_sessions USING btree (operator_id);
CREATE INDEX operator_sessions_token ON public.operator_sessions USING btree (token_hash);

create table operators (
  id bigint not null generated always as identity,
  login text not null,
  name text not null,
  email text not null default ''::text,
  roles text[] not null,
  disabled_at timestamp with time zone,
  password_hash text,
  password_set_at timestamp with time zone,
  totp_secret bytea,
  totp_since timestamp with time zone,
  totp_step bigint not null default 0,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  signed_in_at timestamp with time zone,
  oidc_issuer text,
  oidc_subject text,
  provisioned boolean not null default false,
  constraint operators_login_key UNIQUE (login),
  constraint operators_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX operators_oidc ON public.operators USING btree (oidc_issuer, oidc_subject);

create table platform_settings (
  id integer not null default 1,
  settings jsonb not null,
  version integer not null default 1,
  updated_at timestamp with time zone not null,
  constraint platform_settings_id_check CHECK ((id = 1)),
  constraint platform_settings_pkey PRIMARY KEY (id)
);

create table pool_sources (
  pool_id bigint not null,
  source_id bigint not null,
  weight integer not null,
  constraint pool_sources_pkey PRIMARY KEY (pool_id, source_id),
  constraint pool_sources_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES pools(id) ON DELETE CASCADE,
  constraint pool_sources_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources(id),
  constraint pool_sources_weight_check CHECK ((weight > 0))
);

create table pools (
  id bigint not null generated always as identity,
  name text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint pools_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX pools_name ON public.pools USING btree (lower(name));

create table proof_people (
  part_id bigint not null,
  seq integer not null,
  recipient_id bigint,
  match_key text,
  constraint proof_people_pkey PRIMARY KEY (part_id, seq)
);
CREATE INDEX proof_people_file ON public.proof_people USING btree (match_key) WHERE (match_key IS NOT NULL);
CREATE INDEX proof_people_recipient ON public.proof_people USING btree (recipient_id);

create table provider_answers (
  provider text not null,
  hour timestamp with time zone not null,
  shard smallint not null,
  answers integer not null default 0,
  unknown integer not null default 0,
  constraint provider_answers_pkey PRIMARY KEY (provider, hour, shard)
);

create table provider_trust (
  provider text not null,
  until timestamp with time zone not null,
  actor text not null,
  constraint provider_trust_pkey PRIMARY KEY (provider)
);

create table published_templates (
  template_id bigint not null,
  version integer not null,
  defaults jsonb not null,
  published_at timestamp with time zone not null,
  published_by text not null,
  ignore_denylist boolean not null,
  constraint published_templates_pkey PRIMARY KEY (template_id)
);

create table quarantine (
  match_key text not null,
  address text not null,
  status text not null,
  reason text not null,
  error_text text not null default ''::text,
  errors integer not null default 0,
  updated_at timestamp with time zone not null,
  delivery_id bigint,
  provider text,
  counted_at timestamp with time zone,
  reason_since timestamp with time zone,
  part_id bigint,
  seq integer,
  constraint quarantine_pkey PRIMARY KEY (match_key),
  constraint quarantine_status_check CHECK ((status = ANY (ARRAY['with-errors'::text, 'held'::text, 'quarantined'::text])))
);
CREATE INDEX quarantine_held ON public.quarantine USING btree (provider, match_key) WHERE (status = 'held'::text);
CREATE INDEX quarantine_provider ON public.quarantine USING btree (provider, updated_at);

create table quarantine_history (
  match_key text not null,
  at timestamp with time zone not null,
  status text not null,
  reason text not null,
  error_text text not null default ''::text,
  delivery_id bigint,
  part_id bigint,
  seq integer,
  cause text not null default 'error'::text,
  provider text,
  actor text not null default ''::text,
  note text not null default ''::text
);
CREATE INDEX quarantine_history_delivery ON public.quarantine_history USING btree (delivery_id) WHERE ((status = 'quarantined'::text) AND (delivery_id IS NOT NULL));
CREATE INDEX quarantine_history_key ON public.quarantine_history USING btree (match_key, at);
CREATE INDEX quarantine_history_requalified ON public.quarantine_history USING btree (delivery_id) WHERE (cause = 'requalified'::text);

create table recipients (
  id bigint not null generated always as identity,
  address text not null,
  match_key text not null,
  domain text not null,
  attributes jsonb not null default '{}'::jsonb,
  denylisted_at timestamp with time zone,
  denylist_reason text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  import_id bigint,
  constraint recipients_match_key_unique UNIQUE (match_key),
  constraint recipients_pkey PRIMARY KEY (id)
);
CREATE INDEX recipients_denylisted ON public.recipients USING btree (denylisted_at) WHERE (denylisted_at IS NOT NULL);

create table recovery_codes (
  operator_id bigint not null,
  code_hash text not null,
  constraint recovery_codes_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES operators(id) ON DELETE CASCADE,
  constraint recovery_codes_pkey PRIMARY KEY (operator_id, code_hash)
);

create table reply_text_days (
  text_id bigint not null,
  day date not null,
  provider text not null,
  stage text not null,
  mx text,
  count bigint not null,
  constraint reply_text_days_pkey PRIMARY KEY (text_id, day, provider, stage),
  constraint reply_text_days_text_id_fkey FOREIGN KEY (text_id) REFERENCES reply_texts(id) ON DELETE CASCADE
);
CREATE INDEX reply_text_days_day ON public.reply_text_days USING btree (day);

create table reply_texts (
  id bigint not null generated always as identity,
  key text not null,
  text text not null,
  first_text text not null,
  code smallint,
  enhanced text,
  count bigint not null,
  providers text[] not null,
  stages text[] not null,
  first_provider text not null,
  first_seen timestamp with time zone not null,
  last_seen timestamp with time zone not null,
  state text not null,
  type text not null,
  reason text not null,
  rule text not null,
  qualified_at timestamp with time zone,
  qualified_by text,
  version integer not null default 1,
  constraint reply_texts_key_key UNIQUE (key),
  constraint reply_texts_pkey PRIMARY KEY (id),
  constraint reply_texts_state_check CHECK ((state = ANY (ARRAY['to-qualify'::text, 'keep'::text, 'ignore'::text])))
);
CREATE INDEX reply_texts_intake ON public.reply_texts USING btree (first_provider, first_seen);
CREATE INDEX reply_texts_unqualified ON public.reply_texts USING btree (id) WHERE (qualified_at IS NULL);

create table requalifications (
  id bigint not null generated always as identity,
  state text not null,
  dry_run boolean not null,
  text_id bigint,
  text text,
  type text,
  reason text,
  rule text,
  since timestamp with time zone not null,
  actor text not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  undone_at timestamp with time zone,
  undone_by text,
  step text not null default 'log'::text,
  part_cursor bigint not null default 0,
  key_cursor text not null default ''::text,
  parts_total integer not null,
  parts_done integer not null default 0,
  messages bigint not null default 0,
  attempts bigint not null default 0,
  deliveries integer not null default 0,
  quarantined integer not null default 0,
  released integer not null default 0,
  kept bigint not null default 0,
  error text,
  constraint requalifications_pkey PRIMARY KEY (id),
  constraint requalifications_state_check CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'undoing'::text, 'undone'::text]))),
  constraint requalifications_step_check CHECK ((step = ANY (ARRAY['log'::text, 'addresses'::text, 'texts'::text])))
);
CREATE INDEX requalifications_open ON public.requalifications USING btree (id) WHERE (state = ANY (ARRAY['running'::text, 'undoing'::text]));

create table requalified_addresses (
  requalification_id bigint not null,
  match_key text not null,
  recipient_id bigint not null,
  error jsonb,
  changed boolean not null default false,
  before jsonb,
  after jsonb,
  constraint requalified_addresses_pkey PRIMARY KEY (requalification_id, match_key),
  constraint requalified_addresses_requalification_id_fkey FOREIGN KEY (requalification_id) REFERENCES requalifications(id) ON DELETE CASCADE
);

create table requalified_attempts (
  requalification_id bigint not null,
  part_id bigint not null,
  seq integer not null,
  attempt smallint not null,
  type text not null,
  reason text not null,
  rule text,
  new_type text not null,
  new_reason text not null,
  new_rule text,
  decides boolean not null,
  constraint requalified_attempts_pkey PRIMARY KEY (requalification_id, part_id, seq, attempt),
  constraint requalified_attempts_requalification_id_fkey FOREIGN KEY (requalification_id) REFERENCES requalifications(id) ON DELETE CASCADE
);
CREATE INDEX requalified_attempts_message ON public.requalified_attempts USING btree (part_id, seq) WHERE decides;

create table requalified_deliveries (
  requalification_id bigint not null,
  delivery_id bigint not null,
  constraint requalified_deliveries_pkey PRIMARY KEY (requalification_id, delivery_id),
  constraint requalified_deliveries_requalification_id_fkey FOREIGN KEY (requalification_id) REFERENCES requalifications(id) ON DELETE CASCADE
);

create table requalified_texts (
  requalification_id bigint not null,
  text_id bigint not null,
  state text not null,
  type text not null,
  reason text not null,
  rule text not null,
  new_state text not null,
  new_type text not null,
  new_reason text not null,
  new_rule text not null,
  constraint requalified_texts_pkey PRIMARY KEY (requalification_id, text_id),
  constraint requalified_texts_requalification_id_fkey FOREIGN KEY (requalification_id) REFERENCES requalifications(id) ON DELETE CASCADE
);

create table retention_runs (
  id bigint not null generated always as identity,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  actor text not null,
  dry_run boolean not null default false,
  steps jsonb not null default '[]'::jsonb,
  failed integer not null default 0,
  constraint retention_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX retention_runs_started ON public.retention_runs USING btree (started_at);

create table sandbox_messages (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  mail_from text not null,
  rcpt_to text not null,
  domain text not null,
  subject text not null,
  size integer not null,
  raw bytea not null,
  constraint sandbox_messages_pkey PRIMARY KEY (id)
);
CREATE INDEX sandbox_messages_rcpt ON public.sandbox_messages USING btree (rcpt_to);

create table schema_migrations (
  id integer not null default nextval('schema_migrations_id_seq'::regclass),
  name character varying(255) not null,
  run_on timestamp without time zone not null,
  constraint schema_migrations_pkey PRIMARY KEY (id)
);

create table seed_list_members (
  list_id bigint not null,
  seed_id bigint not null,
  constraint seed_list_members_list_id_fkey FOREIGN KEY (list_id) REFERENCES seed_lists(id) ON DELETE CASCADE,
  constraint seed_list_members_pkey PRIMARY KEY (list_id, seed_id),
  constraint seed_list_members_seed_id_fkey FOREIGN KEY (seed_id) REFERENCES seeds(id) ON DELETE CASCADE
);
CREATE INDEX seed_list_members_seed ON public.seed_list_members USING btree (seed_id);

create table seed_lists (
  id bigint not null generated always as identity,
  label text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint seed_lists_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX seed_lists_label ON public.seed_lists USING btree (fold_text(label));

create table seeds (
  id bigint not null generated always as identity,
  label text not null default ''::text,
  address text not null,
  match_key text not null,
  domain text not null,
  attributes jsonb not null default '{}'::jsonb,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint seeds_match_key_key UNIQUE (match_key),
  constraint seeds_pkey PRIMARY KEY (id)
);

create table segments (
  id bigint not null generated always as identity,
  label text not null,
  tree jsonb not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint segments_pkey PRIMARY KEY (id)
);

create unlogged table sender_status (
  sender text not null,
  delivery_id bigint not null,
  on_wire integer not null,
  leased_parts integer not null,
  updated_at timestamp with time zone not null,
  waiting_for text,
  constraint sender_status_pkey PRIMARY KEY (sender, delivery_id)
);

create unlogged table senders (
  sender text not null,
  index integer not null,
  of integer not null,
  seen_at timestamp with time zone not null,
  constraint senders_pkey PRIMARY KEY (sender)
);

create table series (
  id bigint not null generated always as identity,
  label text not null,
  definition jsonb not null,
  is_on boolean not null,
  next_at timestamp with time zone,
  saved_by text not null,
  operator_id bigint,
  token_id text,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint series_pkey PRIMARY KEY (id)
);
CREATE INDEX series_due ON public.series USING btree (next_at) WHERE (next_at IS NOT NULL);

create table series_runs (
  series_id bigint not null,
  at timestamp with time zone not null,
  outcome text not null,
  delivery_id bigint,
  reason text not null default ''::text,
  recorded_at timestamp with time zone not null,
  constraint series_runs_check CHECK (((outcome = 'made'::text) = (delivery_id IS NOT NULL))),
  constraint series_runs_outcome_check CHECK ((outcome = ANY (ARRAY['made'::text, 'missed'::text, 'failed'::text]))),
  constraint series_runs_pkey PRIMARY KEY (series_id, at),
  constraint series_runs_series_id_fkey FOREIGN KEY (series_id) REFERENCES series(id) ON DELETE CASCADE
);

create table service_mail_limits (
  mailbox bytea not null,
  since timestamp with time zone not null,
  mails integer not null,
  constraint service_mail_limits_pkey PRIMARY KEY (mailbox)
);
CREATE INDEX service_mail_limits_since ON public.service_mail_limits USING btree (since);

create table service_mails (
  id bigint not null generated always as identity,
  service_id bigint not null,
  kind text not null,
  match_key text not null,
  address text not null,
  at timestamp with time zone not null,
  template_id bigint,
  language text not null,
  data jsonb not null default '{}'::jsonb,
  due_at timestamp with time zone,
  attempts integer not null default 0,
  sent_as text,
  message_key text,
  problem text not null default ''::text,
  constraint service_mails_check CHECK (((due_at IS NULL) = (sent_as IS NOT NULL))),
  constraint service_mails_kind_check CHECK ((kind = ANY (ARRAY['confirmation'::text, 'welcome'::text, 'goodbye'::text]))),
  constraint service_mails_pkey PRIMARY KEY (id),
  constraint service_mails_sent_as_check CHECK ((sent_as = ANY (ARRAY['template'::text, 'built-in'::text, 'nothing'::text]))),
  constraint service_mails_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE
);
CREATE INDEX service_mails_at ON public.service_mails USING btree (at);
CREATE INDEX service_mails_due ON public.service_mails USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX service_mails_person ON public.service_mails USING btree (match_key);
CREATE INDEX service_mails_service ON public.service_mails USING btree (service_id, id);

create table services (
  id bigint not null generated always as identity,
  name text not null,
  description text not null default ''::text,
  double_opt_in boolean not null default true,
  duration_days integer,
  is_public boolean not null default false,
  public_key text not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  confirmation_template bigint,
  welcome_template bigint,
  goodbye_template bigint,
  constraint services_duration_days_check CHECK (((duration_days >= 1) AND (duration_days <= 36500))),
  constraint services_pkey PRIMARY KEY (id),
  constraint services_public_key_key UNIQUE (public_key)
);
CREATE UNIQUE INDEX services_name ON public.services USING btree (fold_text(name));

create table shaping_events (
  id text not null,
  at timestamp with time zone not null,
  sender text not null,
  kind text not null,
  scope jsonb not null,
  provider text not null,
  cause text not null,
  rule text not null,
  evidence text not null,
  effect jsonb,
  until timestamp with time zone,
  ended_at timestamp with time zone,
  ended_by text,
  delivery_id bigint,
  message_key text,
  constraint shaping_events_kind_check CHECK ((kind = ANY (ARRAY['restricted'::text, 'adjusted'::text, 'alert'::text]))),
  constraint shaping_events_pkey PRIMARY KEY (id)
);
CREATE INDEX shaping_events_at ON public.shaping_events USING btree (at, id);
CREATE INDEX shaping_events_standing ON public.shaping_events USING btree (until) WHERE ((kind = 'restricted'::text) AND (ended_at IS NULL));

create table sign_in_failures (
  subject text not null,
  failures integer not null,
  failed_at timestamp with time zone not null,
  locked_until timestamp with time zone,
  constraint sign_in_failures_pkey PRIMARY KEY (subject)
);

create table single_messages (
  part_id bigint not null,
  seq integer not null,
  accepted_at timestamp with time zone not null,
  match_key text not null,
  external_id text,
  template_id bigint,
  subject text not null,
  send_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  ignored text,
  tags jsonb not null,
  metadata jsonb not null,
  constraint single_messages_pkey PRIMARY KEY (part_id, seq)
) partition by RANGE (part_id);
CREATE INDEX single_messages_accepted ON ONLY public.single_messages USING btree (accepted_at, part_id, seq);
CREATE INDEX single_messages_address ON ONLY public.single_messages USING btree (match_key, accepted_at);

create table sources (
  id bigint not null generated always as identity,
  name text not null,
  address_v4 text,
  address_v6 text,
  helo text not null,
  sender integer,
  enabled boolean not null default true,
  warm_up text not null default 'automatic'::text,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint sources_address_check CHECK (((address_v4 IS NOT NULL) OR (address_v6 IS NOT NULL))),
  constraint sources_pkey PRIMARY KEY (id),
  constraint sources_warm_up_check CHECK ((warm_up = ANY (ARRAY['automatic'::text, 'off'::text])))
);
CREATE UNIQUE INDEX sources_address_v4 ON public.sources USING btree (address_v4);
CREATE UNIQUE INDEX sources_address_v6 ON public.sources USING btree (address_v6);
CREATE UNIQUE INDEX sources_name ON public.sources USING btree (lower(name));

create table subscription_events (
  id bigint not null generated always as identity,
  service_id bigint not null,
  match_key text not null,
  at timestamp with time zone not null,
  kind text not null,
  origin text not null,
  actor text not null default ''::text,
  note text not null default ''::text,
  asked_at timestamp with time zone,
  constraint subscription_events_kind_check CHECK ((kind = ANY (ARRAY['asked'::text, 'subscribed'::text, 'renewed'::text, 'unsubscribed'::text, 'resubscribed'::text, 'expired'::text]))),
  constraint subscription_events_pkey PRIMARY KEY (id),
  constraint subscription_events_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE
);
CREATE INDEX subscription_events_person ON public.subscription_events USING btree (match_key, id);
CREATE INDEX subscription_events_service ON public.subscription_events USING btree (service_id, id);

create table subscription_requests (
  service_id bigint not null,
  match_key text not null,
  address text not null,
  attributes jsonb not null default '{}'::jsonb,
  language text,
  origin text not null,
  asked_at timestamp with time zone not null,
  digest bytea not null,
  mails integer not null,
  mailed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  constraint subscription_requests_digest_key UNIQUE (digest),
  constraint subscription_requests_pkey PRIMARY KEY (service_id, match_key),
  constraint subscription_requests_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE
);
CREATE INDEX subscription_requests_expiry ON public.subscription_requests USING btree (expires_at);

create table subscriptions (
  service_id bigint not null,
  recipient_id bigint not null,
  state text not null,
  since timestamp with time zone not null,
  ends_at timestamp with time zone,
  constraint subscriptions_pkey PRIMARY KEY (service_id, recipient_id),
  constraint subscriptions_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id) ON DELETE CASCADE,
  constraint subscriptions_state_check CHECK ((state = ANY (ARRAY['subscribed'::text, 'unsubscribed'::text, 'expired'::text])))
);
CREATE INDEX subscriptions_ending ON public.subscriptions USING btree (ends_at) WHERE ((state = 'subscribed'::text) AND (ends_at IS NOT NULL));
CREATE INDEX subscriptions_recipient ON public.subscriptions USING btree (recipient_id);

create table suppressed_addresses (
  hash bytea not null,
  added_at timestamp with time zone not null,
  constraint suppressed_addresses_hash_check CHECK ((octet_length(hash) = 32)),
  constraint suppressed_addresses_pkey PRIMARY KEY (hash)
);

create table suppressed_domains (
  domain text not null,
  added_at timestamp with time zone not null,
  constraint suppressed_domains_pkey PRIMARY KEY (domain)
);

create table suppressed_exclusions (
  delivery_id bigint not null,
  hash bytea not null,
  count integer not null,
  constraint suppressed_exclusions_hash_check CHECK ((octet_length(hash) = 32)),
  constraint suppressed_exclusions_pkey PRIMARY KEY (delivery_id, hash)
);

create table templates (
  id bigint not null generated always as identity,
  label text not null,
  defaults jsonb not null,
  built_in boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  folder_id bigint,
  execution_folder_id bigint,
  code text not null default ''::text,
  category text not null default ''::text,
  description text not null default ''::text,
  constraint templates_execution_folder_id_fkey FOREIGN KEY (execution_folder_id) REFERENCES folders(id),
  constraint templates_folder_id_fkey FOREIGN KEY (folder_id) REFERENCES folders(id),
  constraint templates_pkey PRIMARY KEY (id)
);

create table token_keys (
  id smallint not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint token_keys_pkey PRIMARY KEY (id)
);

create table tracking_counters (
  delivery_id bigint not null,
  kind text not null,
  link integer not null,
  recipients integer not null default 0,
  recipients_human integer not null default 0,
  total integer not null default 0,
  total_human integer not null default 0,
  persons integer not null default 0,
  persons_human integer not null default 0,
  archive integer not null default 0,
  constraint tracking_counters_pkey PRIMARY KEY (delivery_id, kind, link)
);

create table tracking_events (
  part_id bigint not null,
  seq integer not null,
  event_id text not null,
  delivery_id bigint not null,
  at timestamp with time zone not null,
  kind text not null,
  link integer not null,
  class text not null,
  signals text not null,
  person text not null,
  ip text not null,
  user_agent text not null,
  constraint tracking_events_class_check CHECK ((class = ANY (ARRAY['person'::text, 'privacy-proxy'::text, 'mail-proxy'::text, 'scanner'::text, 'archive'::text]))),
  constraint tracking_events_kind_check CHECK ((kind = ANY (ARRAY['open'::text, 'click'::text, 'mirror'::text, 'opt-out'::text]))),
  constraint tracking_events_pkey PRIMARY KEY (part_id, seq, event_id)
) partition by RANGE (part_id);

create table tracking_persons (
  delivery_id bigint not null,
  person text not null,
  human boolean not null,
  constraint tracking_persons_pkey PRIMARY KEY (delivery_id, person, human)
);

create table tracking_undecided (
  event_id text not null,
  event jsonb not null,
  check_at timestamp with time zone not null,
  until timestamp with time zone not null,
  constraint tracking_undecided_pkey PRIMARY KEY (event_id)
);
CREATE INDEX tracking_undecided_check ON public.tracking_undecided USING btree (check_at);

create table typologies (
  id bigint not null generated always as identity,
  name text not null,
  description text not null default ''::text,
  pool text,
  built_in boolean not null default false,
  is_default boolean not null default false,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint typologies_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX typologies_default ON public.typologies USING btree (is_default) WHERE is_default;
CREATE UNIQUE INDEX typologies_name ON public.typologies USING btree (fold_text(name));

create table typology_rules (
  id bigint not null generated always as identity,
  typology_id bigint not null,
  kind text not null,
  name text not null,
  enabled boolean not null default true,
  execution_order integer not null default 50,
  definition jsonb not null default '{}'::jsonb,
  constraint typology_rules_kind_check CHECK ((kind = ANY (ARRAY['built-in'::text, 'control'::text, 'filtering'::text, 'pressure'::text, 'capacity'::text]))),
  constraint typology_rules_pkey PRIMARY KEY (id),
  constraint typology_rules_typology_id_fkey FOREIGN KEY (typology_id) REFERENCES typologies(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX typology_rules_name ON public.typology_rules USING btree (typology_id, kind, fold_text(name));

create table unsubscriptions (
  id bigint not null generated always as identity,
  match_key text not null,
  address text not null,
  at timestamp with time zone not null,
  source text not null,
  delivery_id bigint not null,
  part_id bigint not null,
  seq integer not null,
  service_id bigint,
  denylisted boolean not null,
  repeats integer not null default 0,
  last_at timestamp with time zone not null,
  undone_at timestamp with time zone,
  constraint unsubscriptions_pkey PRIMARY KEY (id),
  constraint unsubscriptions_source_check CHECK ((source = ANY (ARRAY['page'::text, 'one-click'::text, 'mailto'::text])))
);
CREATE INDEX unsubscriptions_key ON public.unsubscriptions USING btree (match_key);
CREATE UNIQUE INDEX unsubscriptions_message ON public.unsubscriptions USING btree (part_id, seq) WHERE (undone_at IS NULL);

create table warm_up_days (
  source_id bigint not null,
  provider text not null,
  date date not null,
  day integer not null,
  allowance integer not null,
  reserved integer[] not null default array_fill(0, ARRAY[24]),
  accepted integer not null default 0,
  deferred integer not null default 0,
  refused integer not null default 0,
  complaints integer not null default 0,
  held boolean not null default false,
  constraint warm_up_days_pkey PRIMARY KEY (source_id, provider, date),
  constraint warm_up_days_reserved_check CHECK ((cardinality(reserved) = 24))
);

create table warm_ups (
  source_id bigint not null,
  provider text not null,
  state text not null,
  next_day integer not null default 1,
  since date not null,
  updated_at timestamp with time zone not null,
  constraint warm_ups_next_day_check CHECK ((next_day > 0)),
  constraint warm_ups_pkey PRIMARY KEY (source_id, provider),
  constraint warm_ups_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources(id) ON DELETE CASCADE,
  constraint warm_ups_state_check CHECK ((state = ANY (ARRAY['warming'::text, 'held'::text, 'done'::text])))
);

create table webhook_attempts (
  message_id bigint not null,
  attempt integer not null,
  at timestamp with time zone not null,
  status smallint,
  error text,
  duration_ms integer not null,
  response text not null default ''::text,
  constraint webhook_attempts_message_id_fkey FOREIGN KEY (message_id) REFERENCES webhook_messages(id) ON DELETE CASCADE,
  constraint webhook_attempts_pkey PRIMARY KEY (message_id, attempt)
);

create table webhook_messages (
  id bigint not null generated always as identity,
  key text not null default ('msg_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)),
  webhook_id bigint not null,
  at timestamp with time zone not null,
  events integer not null,
  types text[] not null,
  body text not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  tries integer not null default 0,
  next_attempt_at timestamp with time zone,
  busy_until timestamp with time zone,
  finished_at timestamp with time zone,
  status smallint,
  error text,
  constraint webhook_messages_check CHECK (((state = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint webhook_messages_pkey PRIMARY KEY (id),
  constraint webhook_messages_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_messages_at ON public.webhook_messages USING btree (at);
CREATE INDEX webhook_messages_due ON public.webhook_messages USING btree (webhook_id, next_attempt_at) WHERE (state = 'pending'::text);
CREATE INDEX webhook_messages_failed ON public.webhook_messages USING btree (webhook_id, id) WHERE (state = 'failed'::text);
CREATE INDEX webhook_messages_webhook ON public.webhook_messages USING btree (webhook_id, id);

create table webhook_outbox (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  kind text not null,
  refs jsonb not null,
  constraint webhook_outbox_pkey PRIMARY KEY (id)
);

create table webhooks (
  id bigint not null generated always as identity,
  url text not null,
  description text not null default ''::text,
  events text[] not null,
  enabled boolean not null default true,
  batch integer not null default 1,
  concurrency integer not null default 4,
  sealed_secret bytea,
  sealed_previous bytea,
  previous_until timestamp with time zone,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  failing_since timestamp with time zone,
  failures integer not null default 0,
  last_error text,
  succeeded_at timestamp with time zone,
  paused_until timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  constraint webhooks_batch_check CHECK (((batch >= 1) AND (batch <= 1000))),
  constraint webhooks_concurrency_check CHECK (((concurrency >= 1) AND (concurrency <= 50))),
  constraint webhooks_pkey PRIMARY KEY (id)
);

create sequence delivery_part_ids;

