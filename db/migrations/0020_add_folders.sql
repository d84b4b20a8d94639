-- Up Migration

-- Two trees of folders: one for templates, one for deliveries. A folder never changes its tree, nor do those in it.
create table folders (
  id bigint generated always as identity primary key,
  tree text not null check (tree in ('templates', 'deliveries')),
  parent_id bigint,
  label text not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (id, tree),
  foreign key (parent_id, tree) references folders (id, tree)
);
create unique index folders_label on folders (tree, coalesce(parent_id, 0), lower(label));

-- Empty text: nothing was said.
alter table deliveries
  add column folder_id bigint references folders,
  add column code text not null default '',
  add column category text not null default '',
  add column description text not null default '',
  -- what the template said when the delivery was made of it: {general, content, sender, settings}, only what it set.
  -- Null: made of no template, or before this was kept
  add column inherited jsonb;

alter table templates
  add column folder_id bigint references folders,
  -- where the deliveries go that are made from it
  add column execution_folder_id bigint references folders,
  add column code text not null default '',
  add column category text not null default '',
  add column description text not null default '';

create index deliveries_folder on deliveries (folder_id, id) where folder_id is not null;
create index deliveries_code on deliveries (lower(code), id) where code <> '';
create index deliveries_category on deliveries (category, id) where category <> '';
