-- Up Migration

alter table deliveries
  -- 'proof': what proof readers get of another delivery; in no list and no figure of deliveries
  add column kind text not null default 'campaign' check (kind in ('campaign', 'proof')),
  add column proof_of bigint,
  add column proof_number int,
  -- a confirmed delivery that has not begun: when it begins by itself, in which zone that was said (IANA name; null:
  -- nobody said a date, it can only be called back), after when it does not begin by itself any more, and who said so
  add column start_at timestamptz,
  add column start_zone text,
  add column start_not_after timestamptz,
  add column start_by text,
  add constraint deliveries_proof_check check ((kind = 'proof') = (proof_of is not null and proof_number is not null)),
  drop constraint deliveries_state_check,
  add constraint deliveries_state_check check (state in ('editing', 'analysing', 'ready', 'scheduled', 'start-pending',
    'in-progress', 'pausing', 'paused', 'stopping', 'stopped', 'finished')),
  add constraint deliveries_start_check check ((state in ('scheduled', 'start-pending')) =
    (start_at is not null and start_not_after is not null and start_by is not null));

create index deliveries_start on deliveries (start_at) where start_at is not null;
create unique index deliveries_proofs on deliveries (proof_of, proof_number) where proof_of is not null;

-- Whose data a proof shows. Its messages name no recipient: nothing that happens to a proof happened to that person.
create table proof_people (
  part_id bigint not null,
  seq int not null,
  recipient_id bigint not null,
  primary key (part_id, seq)
);
create index proof_people_recipient on proof_people (recipient_id);

-- Who asked for no more mail between the analysis and the start.
create index recipients_denylisted on recipients (denylisted_at) where denylisted_at is not null;
