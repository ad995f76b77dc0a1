-- breaking: no
-- What people write back: by text and by email, what was read in it, who has to look at it, and where it was passed on.

alter table inbound_message
  add column channel      text not null default 'sms' check (channel in ('email', 'sms')),
  add column rule         text,               -- of the classifier, or the carrier's own; null before this migration
  add column scope        text check (scope in ('purpose', 'marketing', 'everything')), -- what a refusal ended
  add column hints        text[] not null default '{}',
  -- The writer's address as a keyed hash: a hold concerns whoever has it, also before anybody is known by it.
  add column address_hash text,
  add column key_version  smallint,
  add column free_text    boolean not null default false, -- a sentence, not a keyword: somebody is talking to us
  -- The operators' queue. Null: nobody needs to look.
  add column state        text check (state in ('open', 'closed')),
  add column closed_at    bigint,
  add column closed_by    text;
-- meaning: stop, start, help, reply, and from here on ambiguous, opt_in (an answer to a double opt-in), auto_reply.

create index inbound_message_open on inbound_message (id) where state = 'open';
create index inbound_message_contact on inbound_message (contact_id, received_at);
create index inbound_message_address on inbound_message (address_hash, received_at) where address_hash is not null;

-- One row per reply and endpoint: handed over by Standard Webhooks, at least once, until it is taken or given up.
create table reply_webhook (
  id           uuid   primary key,            -- the webhook's id: the same in every attempt
  inbound_id   bigint not null references inbound_message (id),
  url          text   not null,
  state        text   not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts     int    not null default 0,
  reason       text,                          -- of the latest attempt that failed
  created_at   bigint not null,
  next_at      bigint not null default 0,     -- real time: the lease, or when it is tried again
  settled_at   bigint,                        -- real time
  unique (inbound_id, url)
);
create index reply_webhook_due on reply_webhook (next_at, created_at) where state = 'pending';

-- Why a run was ended without an event of its journey: opt_out.
alter table enrollment add column end_reason text;
