-- Who makes teams: every member unless the organisation wants it otherwise. Groups are made by managers always.
alter table people.organisation
  add column team_makers text not null default 'members' check (team_makers in ('members', 'managers'));
