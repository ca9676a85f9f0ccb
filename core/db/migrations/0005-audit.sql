-- Who changed what about people, rights and settings. What serves people may add and read, never change or delete.
create table core.audit (
  id uuid primary key,
  org_id uuid not null,
  at timestamptz not null default now(),
  action text not null check (length(action) <= 100),
  person_id uuid,
  subject_id uuid,
  request_id text check (length(request_id) <= 100),
  ip text check (length(ip) <= 45),
  details jsonb not null default '{}' check (length(details::text) <= 8192)
);
create index audit_newest on core.audit (org_id, at desc, id desc);
create index audit_person on core.audit (org_id, person_id, at desc, id desc) where person_id is not null;
create index audit_subject on core.audit (org_id, subject_id) where subject_id is not null;
select core.protect('core.audit');
revoke update, delete on core.audit from liaison_app;
revoke update on core.audit from liaison_system;

-- Retention: deletes at most `batch` entries of the transaction's organisation, and none younger than a year whatever
-- the caller says, so that nobody who serves people can remove fresh traces.
create function core.purge_audit(older_than timestamptz, batch integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare gone integer;
begin
  delete from core.audit a where a.id in (
    select o.id from core.audit o
    where o.org_id = core.current_org() and o.at < least(older_than, now() - interval '365 days')
    order by o.at limit least(batch, 10000));
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke execute on function core.purge_audit(timestamptz, integer) from public;
grant execute on function core.purge_audit(timestamptz, integer) to liaison_app, liaison_system;
