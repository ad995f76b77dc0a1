-- breaking: no
-- The way from a send to its links and clicks: the sunset rule asks for a person's last one at every gate of a policy that has it.

create index if not exists link_send on link (send_id);
