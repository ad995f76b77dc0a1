-- breaking: no
-- Blocks that end by themselves, and who ended a block.

alter table suppression add column expires_at bigint;             -- null: never
alter table suppression add column lifted_by  text;               -- the person, an operator, or `expiry`
create index suppression_expiring on suppression (expires_at) where lifted_at is null and expires_at is not null;
create index suppression_versions on suppression (key_version);
