-- breaking: no
-- The consent ledger becomes append-only and hash-chained per contact, channel and purpose. An entry's evidence (proof, address) is
-- personal and may be removed one day; the chain is over a salted commitment to it, so it holds without the evidence.
-- src/consent/chain.ts is the same arithmetic in TypeScript, and what checks this one.

alter table consent_event alter column proof drop default;
-- json keeps the text that was committed to, byte for byte; jsonb would write it anew.
alter table consent_event alter column proof type json using proof::json;
alter table consent_event alter column proof set default '{}';
alter table consent_event alter column proof drop not null;
alter table consent_event drop constraint consent_event_state_check;
alter table consent_event
  add constraint consent_event_state_check check (state in ('granted', 'revoked', 'requested')),
  add column expires_at   bigint check (expires_at is null or state = 'granted'),
  add column address      text,             -- the contact's on the channel when this was recorded
  add column salt         text,             -- without it nobody can guess evidence until the commitment fits
  add column commitment   text,             -- SHA-256 over salt, address and proof
  add column seq          int,              -- 1, 2, 3 ... in its chain
  add column prev_hash    text,             -- of the entry before; zeros for the first
  add column hash         text,             -- SHA-256 over everything above but the evidence
  -- Once the evidence is gone: when, why, and a keyed hash of the address where the law asks for the entry to stay attributable.
  add column removed_at   bigint,
  add column removed_for  text check (removed_for in ('erasure', 'retention')),
  add column address_hash text,
  add column key_version  smallint;

-- The head of each chain: without it nobody would miss the last entry.
create table consent_chain (
  contact_id uuid not null references contact (id),
  channel    text not null,
  purpose    text not null,
  seq        int  not null,
  hash       text not null,
  primary key (contact_id, channel, purpose)
);

alter table consent add column expires_at bigint;
create index consent_expiring on consent (expires_at) where expires_at is not null;

-- The weekly audits: one a week, never changed. digest is over all heads as they were at through_id.
create table consent_audit (
  week_from_at bigint primary key,
  week_to_at   bigint not null,
  through_id   bigint not null,
  chains       bigint not null,
  digest       text   not null,
  report       json   not null,
  at           bigint not null
);

-- When a grant was last relied on by a send; kept up by the weekly audit. Its retention counts from here.
create table consent_reliance (
  event_id bigint primary key references consent_event (id),
  last_at  bigint not null
);

-- The grant that a message relied on when it was claimed. It leads to the right ledger even after its contact was merged.
alter table send add column relied_on bigint;
-- What a week's audit reads of the sends.
create index send_handed_off on send using brin (handed_off_at);

create function consent_sha256(said text) returns text language sql immutable as
  $$ select encode(sha256(convert_to(said, 'UTF8')), 'hex') $$;

-- Completes an entry and moves its chain's head. The contact row is locked by the writer, so nobody else appends meanwhile;
-- whoever forgets that runs into the unique index.
create function consent_link(entry consent_event) returns consent_event language plpgsql as $link$
declare
  head consent_chain;
begin
  entry.salt := coalesce(entry.salt, replace(gen_random_uuid()::text, '-', ''));
  entry.commitment := consent_sha256(
    '[' || to_json(entry.salt)::text || ',' || coalesce(to_json(entry.address)::text, 'null') || ',' || to_json(entry.proof::text)::text
    || ']');
  select * into head from consent_chain c
   where c.contact_id = entry.contact_id and c.channel = entry.channel and c.purpose = entry.purpose;
  entry.seq := coalesce(head.seq, 0) + 1;
  entry.prev_hash := coalesce(head.hash, repeat('0', 64));
  entry.hash := consent_sha256(
    '["segue-consent-1",' || to_json(entry.prev_hash)::text || ',' || entry.seq::text || ','
    || to_json(entry.contact_id)::text || ',' || to_json(entry.channel)::text || ',' || to_json(entry.purpose)::text || ','
    || to_json(entry.state)::text || ',' || to_json(entry.source)::text || ',' || entry.at::text || ','
    || entry.recorded_at::text || ',' || coalesce(entry.expires_at::text, 'null') || ',' || to_json(entry.commitment)::text || ']');
  insert into consent_chain (contact_id, channel, purpose, seq, hash)
  values (entry.contact_id, entry.channel, entry.purpose, entry.seq, entry.hash)
  on conflict (contact_id, channel, purpose) do update set seq = excluded.seq, hash = excluded.hash;
  return entry;
end
$link$;

-- Entries of before. Nobody knows which address they were about.
do $chain$
declare
  entry consent_event;
begin
  for entry in select * from consent_event order by id loop
    entry := consent_link(entry);
    update consent_event
       set salt = entry.salt, commitment = entry.commitment, seq = entry.seq,
           prev_hash = entry.prev_hash, hash = entry.hash
     where id = entry.id;
  end loop;
end
$chain$;

alter table consent_event
  alter column commitment set not null,
  alter column seq set not null,
  alter column prev_hash set not null,
  alter column hash set not null;
drop index consent_event_contact;
create unique index consent_event_chain on consent_event (contact_id, channel, purpose, seq);

create function consent_append() returns trigger language plpgsql as $append$
begin
  if new.address is null then
    select case new.channel when 'email' then c.email else c.phone end into new.address from contact c where c.id = new.contact_id;
  end if;
  return consent_link(new);
end
$append$;
create trigger consent_append before insert on consent_event for each row execute function consent_append();

-- The one change that an entry allows: its evidence goes, as a whole and for good, and later the keyed hash that was left of it.
create function consent_refuse() returns trigger language plpgsql as $refuse$
declare
  evidence text[] := array['proof', 'address', 'salt', 'removed_at', 'removed_for', 'address_hash', 'key_version'];
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - evidence = to_jsonb(old) - evidence
     and new.proof is null and new.address is null and new.salt is null
     and new.removed_at is not null and new.removed_for is not null
     and (old.removed_at is null
          or (new.removed_at = old.removed_at and new.address_hash is null and new.key_version is null))
  then
    return new;
  end if;
  raise exception 'the consent ledger is append-only' using errcode = 'restrict_violation';
end
$refuse$;
create trigger consent_append_only before update or delete on consent_event for each row execute function consent_refuse();

create function consent_audit_refuse() returns trigger language plpgsql as
  $refuse$ begin raise exception 'consent audits are never changed' using errcode = 'restrict_violation'; end $refuse$;
create trigger consent_audit_append_only before update or delete on consent_audit
  for each row execute function consent_audit_refuse();
