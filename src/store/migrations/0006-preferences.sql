-- breaking: no
-- What a person asked for in the preference centre besides yes and no. Read at every gate; absent: nothing was asked for.

create table contact_preference (
  contact_id      uuid   primary key references contact (id),
  paused_until_at bigint,                   -- no marketing before this instant; in the past: no pause
  cap_count       int    check (cap_count > 0),
  cap_window_ms   bigint check (cap_window_ms > 0),
  language        text   check (language ~ '^[a-z]{2}$'),  -- ISO 639-1, of pages and service messages
  updated_at      bigint not null,
  check ((cap_count is null) = (cap_window_ms is null))
);
