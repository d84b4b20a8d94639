-- Up Migration

-- Named trees of conditions on recipients (docs/segments.md).
create table segments (
  id bigint generated always as identity primary key,
  label text not null,
  tree jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- What texts are compared by: without case and without accents. ASCII, which is nearly all of it, takes the short way.
create function fold_text(value text) returns text language sql immutable parallel safe as $$
  select case when octet_length(value) = length(value) then lower(value collate "C")
              else lower(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g') collate "und-x-icu") collate "C" end
$$;

-- A number as files write it; null for anything else.
create function read_number(value text) returns numeric language sql immutable parallel safe as $$
  select case when value ~ '^[ \t]*[+-]?[0-9]{1,15}(\.[0-9]{1,15})?[ \t]*$' then value::numeric end
$$;

-- A date or date and time by ISO 8601, UTC where no offset is given; null for anything else, also for the 31st of June.
create function read_instant(value text) returns timestamptz language sql stable parallel safe as $$
  select case
    when value is null or value !~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$'
      then null
    when substr(value, 9, 2) collate "C" > '28' and substr(value, 9, 2)::int >
         date_part('day', make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month - 1 day')
      then null
    when length(value) = 10 then (value || ' 00:00Z')::timestamptz
    when right(value, 1) = 'Z' or substr(value, length(value) - 5, 1) in ('+', '-') then value::timestamptz
    else (value || 'Z')::timestamptz
  end
$$;

-- Down Migration
