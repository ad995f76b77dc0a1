-- breaking: no
-- Service messages: confirmations, HELP answers, requests for a confirmation, mail to operators. They belong to no journey, count
-- towards no cap, and are handed over at most once, as every other message.

create table service_message (
  id              uuid   primary key,       -- the send key towards the provider
  kind            text   not null check (kind in ('opt_in_request', 'opt_in_confirmation', 'opt_out_confirmation', 'help',
                                                  'report', 'reply_forward')),
  dedupe_key      text   not null unique,   -- opaque ids only; the same reason writes the same message once
  contact_id      uuid   references contact (id),
  channel         text   not null check (channel in ('email', 'sms')),
  sender          text   not null,          -- a name in the live workspace's senders
  purpose         text,
  asked           boolean not null default false, -- the person asked for it, from this very address
  -- What is personal: held until the message is handed over or refused, then removed.
  address         text,
  body            text,
  subject         text,
  html            text,
  address_hash    text,                     -- known from the claim on
  state           text   not null default 'reserved'
                  check (state in ('reserved', 'attempting', 'accepted', 'delivered', 'undelivered', 'bounced', 'complained',
                                   'rejected', 'unknown', 'refused')),
  reason          text,
  provider        text,
  provider_id     text,
  said_at         bigint not null,          -- when what it answers was said
  valid_until     bigint not null,          -- refused after this, never late
  attempt_real_at bigint,                   -- real time: when the attempt began
  handed_off_at   bigint,
  updated_at      bigint not null,
  -- The relay's lease, real time.
  attempts        int    not null default 0,
  next_at         bigint not null default 0,
  started_at      bigint
);
create index service_message_start on service_message (said_at, id) where started_at is null;
create index service_message_provider on service_message (provider, provider_id) where provider_id is not null;
create index service_message_contact on service_message (contact_id) where contact_id is not null;

-- A question that was put to a person: do you really want this? Consent holds only after the answer.
create table opt_in_request (
  id           uuid   primary key,
  contact_id   uuid   not null references contact (id),
  channel      text   not null check (channel in ('email', 'sms')),
  purpose      text   not null,
  address_hash text   not null,
  key_version  smallint not null,
  proof        jsonb  not null default '{}', -- of the wish that it asks about; joins the consent's proof
  asked        boolean not null default false, -- the wish came from this very address
  requested_at bigint not null,
  expires_at   bigint not null,
  confirmed_at bigint
);
create index opt_in_request_person on opt_in_request (contact_id, channel, purpose, requested_at);
create index opt_in_request_address on opt_in_request (address_hash, channel, requested_at);

-- A list that is imported again keeps its bad rows once.
create index rejection_payload on rejection (md5(payload)) where source = 'import';
