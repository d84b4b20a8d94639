-- Up Migration

-- Whom a rejected row names, by match key: rows that name somebody again can be kept (population.duplicates). Null where the row names
-- nobody, and in rows that are older than this column: their lower-cased address stands in, which is the same but for domains that are not ASCII.
alter table import_errors add column match_key text;

-- Who was excluded by the lists from outside, so that additions to a delivery count them once: a hash that is of this delivery only. It cannot
-- be compared with those of other deliveries or with the lists, and there is no address beside it.
create table suppressed_exclusions (
  delivery_id bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  -- of the target: somebody may be there more than once
  count int not null,
  primary key (delivery_id, hash)
);

-- Down Migration
