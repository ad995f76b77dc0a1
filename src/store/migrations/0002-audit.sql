-- breaking: no
-- Who did what to the product itself. One row per administrative act; never changed, never deleted.

create table audit (
  id      bigint generated always as identity primary key,
  actor   text   not null,                  -- an API key's name, an operator at the command line, a schedule
  act     text   not null,                  -- noun.verb: key.create, suppression.lift, contact.erase
  subject text   not null,                  -- opaque ids only
  detail  jsonb  not null default '{}',     -- no addresses, no names
  at      bigint not null
);
create index audit_order on audit (at, id);
create index audit_subject on audit (subject, id);
