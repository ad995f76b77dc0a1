-- breaking: no
-- The foundation: people and their word, events, journeys and runs, sends and decisions.
-- Instants are epoch milliseconds of virtual time unless a column says otherwise. No statement uses now().

-- People -----------------------------------------------------------------------------------------------------------

create table contact (
  id            uuid primary key,
  external_id   text unique,
  anonymous_id  text unique,
  email         text,
  phone         text,
  traits        jsonb  not null default '{}',
  created_at    bigint not null,
  updated_at    bigint not null
);
create index contact_email on contact (email) where email is not null;
create index contact_phone on contact (phone) where phone is not null;

-- What a person said about being contacted: append-only; current state is the last entry per purpose and channel.
create table consent_event (
  id          bigint generated always as identity primary key,
  contact_id  uuid   not null references contact (id),
  channel     text   not null check (channel in ('email', 'sms')),
  purpose     text   not null,              -- a purpose of segue.yaml, or '*' for every purpose
  state       text   not null check (state in ('granted', 'revoked')),
  source      text   not null,              -- api, import, keyword, link
  proof       jsonb  not null default '{}', -- wording, version, page, IP, message id
  at          bigint not null,
  recorded_at bigint not null
);
create index consent_event_contact on consent_event (contact_id, channel, purpose, id);

create table consent (
  contact_id uuid   not null references contact (id),
  channel    text   not null,
  purpose    text   not null,
  state      text   not null check (state in ('granted', 'revoked')),
  at         bigint not null,
  event_id   bigint not null references consent_event (id),
  primary key (contact_id, channel, purpose)
);

-- Address-level blocks. The address is a keyed HMAC; key_version says which key made it.
create table suppression (
  address_hash text     not null,
  key_version  smallint not null,
  channel      text     not null,
  reason       text     not null,           -- stop, unsubscribe, bounce, complaint, invalid, manual
  source       text     not null,
  at           bigint   not null,
  lifted_at    bigint,
  primary key (address_hash, channel, reason)
);

-- Events -----------------------------------------------------------------------------------------------------------

create table event (
  id          bigint generated always as identity primary key,
  message_id  text   not null unique,       -- the client's; a retried batch counts once
  contact_id  uuid   references contact (id),
  kind        text   not null,              -- track, identify
  name        text   not null,
  properties  jsonb  not null default '{}',
  at          bigint not null,              -- corrected for the client's clock
  received_at bigint not null
);
create index event_contact on event (contact_id, name, at);

-- Whatever was not understood or not allowed, with the reason and as it came: events, webhooks, rows.
create table rejection (
  id          bigint generated always as identity primary key,
  source      text   not null,              -- api, twilio, sendgrid
  reason      text   not null,
  detail      text   not null,
  payload     text   not null,
  received_at bigint not null
);

-- Journeys ---------------------------------------------------------------------------------------------------------

-- Immutable: what a version means never changes. Content is compiled templates, named by their SHA-256.
create table content (
  hash text primary key,
  body jsonb not null
);

create table journey_version (
  hash        text primary key,
  journey     text   not null,
  compiled    jsonb  not null,
  commit_hash text   not null,
  author      text   not null,
  created_at  bigint not null
);

-- The pointer that apply moves: which version takes new entrants. Absent: the journey is retired.
create table deployment (
  journey     text primary key,
  version     text   not null references journey_version (hash),
  deployed_at bigint not null
);

-- The workspace as it is live now: policies, purposes, senders, event schemas. Guardrails are read from here at every gate.
create table workspace (
  id          smallint primary key check (id = 1),
  compiled    jsonb  not null,
  hash        text   not null,
  deployed_at bigint not null
);

-- Kill switches: everything, a channel, or a journey. A present row means off.
create table kill_switch (
  scope  text not null check (scope in ('all', 'channel', 'journey')),
  name   text not null,
  reason text not null,
  at     bigint not null,
  primary key (scope, name)
);

-- Runs -------------------------------------------------------------------------------------------------------------

create table enrollment (
  id           uuid primary key,
  journey      text    not null,
  version      text    not null references journey_version (hash),
  contact_id   uuid    not null references contact (id),
  key          text    not null default '',
  trigger      jsonb   not null,
  state        text    not null default 'active' check (state in ('active', 'ended')),
  outcome      text    check (outcome in ('completed', 'goal', 'exited')),
  held_out     boolean not null default false,
  entered_at   bigint  not null,
  ends_at      bigint,                      -- nothing is left to send, but a receipt may still bring the fallback until then
  ended_at     bigint,
  converted_at bigint,
  trigger_message_id text not null
);
-- No two live runs of one journey, contact and key, however many triggers arrive at once.
create unique index enrollment_live on enrollment (journey, contact_id, key) where state = 'active';
create index enrollment_history on enrollment (journey, contact_id, key, entered_at);
create index enrollment_contact on enrollment (contact_id, state);
create index enrollment_closing on enrollment (ends_at) where state = 'active' and ends_at is not null;

-- The first assignment is stored and sticky. salt: an experiment's name, or `holdout:<journey>`.
create table assignment (
  contact_id uuid not null references contact (id),
  salt       text not null,
  arm        text not null,
  at         bigint not null,
  primary key (contact_id, salt)
);

-- What Temporal must be told, written with the fact it tells; a relay delivers it at least once and in order per enrollment.
create table outbox (
  id            bigint generated always as identity primary key,
  enrollment_id uuid   not null references enrollment (id),
  kind          text   not null,            -- start, signal
  payload       jsonb  not null,
  created_at    bigint not null,
  attempts      int    not null default 0,
  next_at       bigint not null default 0,
  done_at       bigint
);
create index outbox_pending on outbox (enrollment_id, id) where done_at is null;
create index outbox_order on outbox (created_at, id) where done_at is null;

-- Messages ---------------------------------------------------------------------------------------------------------

-- One row per step, enrollment and branch: the key of "at most one hand-off per step".
create table send (
  id             uuid primary key,
  enrollment_id  uuid   not null references enrollment (id),
  step           text   not null,
  branch         text   not null check (branch in ('action', 'fallback')),
  journey        text   not null,
  version        text   not null,
  contact_id     uuid   not null references contact (id),
  channel        text   not null,
  purpose        text   not null,
  class          text   not null check (class in ('marketing', 'transactional')),
  address_hash   text,
  arm            text,
  state          text   not null check (state in ('reserved', 'attempting', 'accepted', 'delivered', 'undelivered', 'bounced',
                                                  'complained', 'rejected', 'unknown', 'refused', 'held_out', 'shadow')),
  reason         text,                      -- of rejected, refused, undelivered, bounced, unknown
  provider       text,
  provider_id    text,
  code           text,                      -- the offer code it carries
  body_hash      text,                      -- of what was handed over, for reconciling
  reserved_at    bigint not null,
  attempt_real_at bigint,                   -- real time: when the attempt began
  handed_off_at  bigint,                    -- when the provider was called, or would have been (held_out)
  updated_at     bigint not null,
  unique (enrollment_id, step, branch)
);
create index send_contact on send (contact_id, handed_off_at);
create index send_address on send (address_hash, handed_off_at) where address_hash is not null;
create index send_provider on send (provider, provider_id) where provider_id is not null;
create index send_open on send (state) where state in ('attempting', 'unknown');

-- Why: one row per decision of the gate, holds included. Facts are what was read, without addresses or names.
create table decision (
  id            bigint generated always as identity primary key,
  enrollment_id uuid   not null references enrollment (id),
  step          text   not null,
  branch        text   not null,
  verdict       text   not null check (verdict in ('send', 'hold', 'refuse', 'ghost')),
  reason        text   not null,
  until_at      bigint,
  facts         jsonb  not null,
  version       text   not null,
  at            bigint not null
);
create index decision_enrollment on decision (enrollment_id, id);

create table feedback (
  id          bigint generated always as identity primary key,
  send_id     uuid   references send (id),
  provider    text   not null,
  event       text   not null,
  code        text,
  machine     boolean not null default false,
  at          bigint not null,
  received_at bigint not null
);
create index feedback_send on feedback (send_id, event);

-- Any key seen before marks the same feedback again.
create table feedback_key (
  provider text not null,
  key      text not null,
  primary key (provider, key)
);

create table inbound_message (
  id          bigint generated always as identity primary key,
  provider    text   not null,
  provider_id text   not null,
  contact_id  uuid   references contact (id),
  meaning     text   not null,              -- stop, start, help, reply
  body        text   not null,
  received_at bigint not null,
  unique (provider, provider_id)
);

-- Short links: a redirect goes only to a target that was stored at send time.
create table link (
  token   text primary key,
  send_id uuid not null references send (id),
  url     text not null
);

create table click (
  id      bigint generated always as identity primary key,
  token   text   not null references link (token),
  machine boolean not null default false,
  at      bigint not null
);
create index click_token on click (token);

-- One code per contact and run. A code is free while enrollment_id is null; it never returns to the pool.
create table offer_code (
  pool          text not null,
  code          text not null,
  enrollment_id uuid references enrollment (id),
  offer         text,
  issued_at     bigint,
  valid_until   bigint,
  primary key (pool, code)
);
create unique index offer_code_run on offer_code (enrollment_id, offer) where enrollment_id is not null;
create index offer_code_free on offer_code (pool) where enrollment_id is null;
