-- breaking: no
-- Service messages that nobody has settled: looked for at every reconcile, and few among all that there ever were.

create index service_message_open on service_message (said_at) where state in ('reserved', 'attempting');
