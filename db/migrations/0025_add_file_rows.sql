-- Up Migration

-- The rows of a file that is a delivery's own target: nobody in it becomes a recipient (docs/audience.md). The import says
-- how the file was read, and which rows were refused.
create table file_rows (
  import_id bigint not null,
  line int not null,
  address text not null,
  match_key text not null,
  domain text not null,
  attributes jsonb not null,
  -- An earlier line has the same address.
  is_repeated boolean not null,
  primary key (import_id, line)
);
create index file_rows_person on file_rows (match_key);

-- Since when the rows of such a file are gone.
alter table imports add column rows_removed_at timestamptz;

-- Of somebody in such a file, who has no id.
alter table proof_people alter column recipient_id drop not null;
alter table proof_people add column match_key text;
create index proof_people_file on proof_people (match_key) where match_key is not null;

-- Down Migration
