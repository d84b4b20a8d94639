-- Up Migration

-- Single messages go the way of all messages: rows of the log, in parts, of a delivery. That delivery is a carrier: it holds what its
-- messages share (settings, keys, archives), takes messages for a day, and is in no list and no figure of deliveries.
alter table deliveries
  drop constraint deliveries_kind_check,
  add constraint deliveries_kind_check check (kind in ('campaign', 'proof', 'single')),
  -- what messages must have in common to share a carrier, the day included (a hash)
  add column carrier_key text,
  -- it takes messages until then, and so is not finished before
  add column open_until timestamptz,
  add constraint deliveries_carrier_check check ((kind = 'single') = (carrier_key is not null and open_until is not null));

create unique index deliveries_carrier on deliveries (carrier_key) where carrier_key is not null;

-- Content of single messages that is not their carrier's: written into the request, or a template with other fields. Ids are those of
-- deliveries, because links in a message name what their numbers belong to.
create table message_contents (
  id bigint primary key,
  carrier_id bigint not null,
  hash bytea not null,
  manifest jsonb not null,
  created_at timestamptz not null,
  unique (carrier_id, hash)
);

-- What is known of a single message besides its row of the log.
create table single_messages (
  part_id bigint not null,
  seq int not null,
  accepted_at timestamptz not null,
  match_key text not null,
  external_id text,
  template_id bigint,
  subject text not null,
  send_at timestamptz,
  expires_at timestamptz not null,
  -- why it was never to leave: denylisted, quarantined
  ignored text,
  tags jsonb not null,
  metadata jsonb not null,
  primary key (part_id, seq)
) partition by range (part_id);
create index single_messages_accepted on single_messages (accepted_at, part_id, seq);
create index single_messages_address on single_messages (match_key, accepted_at);

do $$
declare
  block record;
begin
  for block in select from_part, to_part from message_partitions loop
    execute format('create table single_messages_%s partition of single_messages for values from (%s) to (%s)',
      block.from_part, block.from_part, block.to_part);
  end loop;
end $$;

-- The sender's own ids of messages: the same id names the same message, however often it is sent.
create table message_external_ids (
  external_id text collate "C" primary key,
  fingerprint bytea not null,
  part_id bigint not null,
  seq int not null
);
create index message_external_ids_part on message_external_ids (part_id);

-- What a template says to single messages: as it was when it was published.
create table published_templates (
  template_id bigint primary key,
  version int not null,
  defaults jsonb not null,
  published_at timestamptz not null,
  published_by text not null,
  -- its messages go to people on the denylist too: they are part of a service that these use
  ignore_denylist boolean not null
);
