-- What is claimed about people. A claim of a process holds while core.alive(process_id) does; one without a process
-- holds until it is released or its time has come. No state is stored anywhere.
create table reach.claim (
  org_id uuid not null,
  person_id uuid not null,
  kind text not null check (kind in ('connection', 'telephone', 'ringing', 'call', 'meeting', 'dnd', 'away')),
  ref text not null check (length(ref) <= 200),
  process_id uuid,
  idle boolean not null default false,
  since timestamptz not null default now(),
  until timestamptz,
  primary key (person_id, kind, ref)
);
create index claim_org on reach.claim (org_id);
create index claim_until on reach.claim (until) where until is not null;
create index claim_process on reach.claim (process_id) where process_id is not null;
select core.protect('reach.claim');
