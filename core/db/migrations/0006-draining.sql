-- Since when a process takes nothing new on: it ends as soon as what it has is over.
alter table core.process add column draining_at timestamptz;
