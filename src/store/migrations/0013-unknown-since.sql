-- breaking: no
-- That an outcome was unknown once stays known: such a message brings no fallback, whatever its carrier says later.

alter table send add column unknown_at bigint;   -- when it first was

create function note_unknown() returns trigger language plpgsql as $$
begin
  new.unknown_at := coalesce(old.unknown_at, new.updated_at);
  return new;
end $$;

create trigger send_unknown before update on send
  for each row when (new.state = 'unknown' and old.state <> 'unknown') execute function note_unknown();
