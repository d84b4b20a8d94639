-- Up Migration

-- What recipients did with their messages: every event, with what it was taken for and why.
create table tracking_events (
  part_id bigint not null,
  seq int not null,
  -- given by the process that took it; makes reading its file again harmless
  event_id text not null,
  delivery_id bigint not null,
  at timestamptz not null,
  kind text not null check (kind in ('open', 'click', 'mirror', 'opt-out')),
  -- of a click, else 0
  link int not null,
  class text not null check (class in ('person', 'privacy-proxy', 'mail-proxy', 'scanner')),
  -- words, one blank between them
  signals text not null,
  -- the cookie of a browser; a new one each time for browsers that keep none
  person text not null,
  ip text not null,
  user_agent text not null,
  primary key (part_id, seq, event_id)
) partition by range (part_id);

-- Which message had which reaction at least once (human: by a person): so that recipients are counted once, without ever
-- counting events. `open` stands for any reaction: who clicks has opened. A click has one row with link 0 and one of its link.
create table message_reactions (
  part_id bigint not null,
  seq int not null,
  kind text not null,
  link int not null,
  human boolean not null,
  primary key (part_id, seq, kind, link, human)
) partition by range (part_id);

-- The same for persons and deliveries.
create table tracking_persons (
  delivery_id bigint not null,
  person text not null,
  human boolean not null,
  primary key (delivery_id, person, human)
);

create table tracking_counters (
  delivery_id bigint not null,
  kind text not null,
  link int not null,
  recipients int not null default 0,
  recipients_human int not null default 0,
  total int not null default 0,
  total_human int not null default 0,
  persons int not null default 0,
  persons_human int not null default 0,
  primary key (delivery_id, kind, link)
);

-- Messages that are there already can be reacted to as well.
do $$
declare
  block record;
begin
  for block in select from_part, to_part from message_partitions loop
    execute format('create table tracking_events_%s partition of tracking_events for values from (%s) to (%s)',
                   block.from_part, block.from_part, block.to_part);
    execute format('create table message_reactions_%s partition of message_reactions for values from (%s) to (%s)',
                   block.from_part, block.from_part, block.to_part);
  end loop;
end
$$;

-- Down Migration
