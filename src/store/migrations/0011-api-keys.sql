-- breaking: no
-- Keys of the API that are made, rotated and revoked while it runs. Rows are never deleted: the audit trail names them.

create table api_key (
  id           text   primary key check (id ~ '^[0-9a-f]{16}$'),
  scope        text   not null check (scope in ('write', 'read', 'server', 'admin')),
  name         text   not null,
  secret_hash  text   not null,             -- SHA-256 of the secret part, hex; the secret itself is shown once and kept nowhere
  created_at   bigint not null,
  created_by   text   not null,
  last_used_at bigint,                      -- a minute exact
  expires_at   bigint,                      -- null: until it is revoked
  revoked_at   bigint,
  replaced_by  text   references api_key (id)
);
