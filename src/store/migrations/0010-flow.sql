-- breaking: no
-- How fast and whether at all: switches with their author, and the pace of numbers.

alter table kill_switch drop constraint kill_switch_scope_check;
alter table kill_switch add constraint kill_switch_scope_check check (scope in ('all', 'channel', 'provider', 'journey'));
alter table kill_switch add column actor text not null default 'unknown';

-- The queue in front of each number: its carrier takes so many segments a second, and a day.
create table sender_pace (
  number   text   primary key,              -- ours
  free_at  bigint not null,                 -- when the next segment may leave
  day      int    not null,                 -- days since the epoch in the carriers' zone
  segments int    not null                  -- given out on that day
);

alter table send add column paced_at bigint;          -- its place in that queue
alter table send add column segments smallint;        -- what the carrier charges
alter table send add column opt_out_wording boolean;  -- the text says how to opt out
