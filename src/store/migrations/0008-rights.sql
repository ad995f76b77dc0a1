-- breaking: no
-- The person's rights: contacts that were merged or erased, and what carriers must still be asked to remove.

-- A merged contact stays as a name that leads to the survivor, and as the owner of its part of the ledger. It never leads to another
-- merged contact. An erased one stays as an id that names nobody, so that a late callback about a send still finds its row.
alter table contact add column merged_into uuid references contact (id);
alter table contact add column merged_at bigint;
alter table contact add column erased_at bigint;
create index contact_merged_into on contact (merged_into) where merged_into is not null;

-- Two runs of one journey and key that a merge brings together become one; the younger ends as `merged`.
alter table enrollment drop constraint if exists enrollment_outcome_check;
alter table enrollment add constraint enrollment_outcome_check check (outcome in ('completed', 'goal', 'exited', 'merged'));

-- What a carrier keeps of an erased person. A row is worked off until the carrier has confirmed, or cannot do it.
create table erasure_task (
  id          bigint generated always as identity primary key,
  dedupe_key  text   not null unique,       -- opaque; erasing again asks for nothing twice
  contact_id  uuid   not null references contact (id),
  provider    text   not null,
  kind        text   not null check (kind in ('message', 'recipient')),
  send_id     uuid   references send (id),  -- a message of a journey: its id at the carrier may be learned later
  provider_id text,                         -- a message: its id at the carrier
  address     text,                         -- a recipient: needed to ask, removed with the answer
  state       text   not null default 'open' check (state in ('open', 'done', 'not_offered', 'given_up')),
  reason      text,
  attempts    int    not null default 0,
  next_at     bigint not null default 0,    -- real time
  created_at  bigint not null,              -- real time
  done_at     bigint                        -- real time
);
create index erasure_task_open on erasure_task (next_at, id) where state = 'open';
create index erasure_task_contact on erasure_task (contact_id);
