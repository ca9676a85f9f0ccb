import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  changeOrganisation,
  changeTeam,
  createTeam,
  getOrganisation,
  getTeam,
  listPeople,
  listTeamMembers,
  listTeams,
  removeTeamMember,
  setTeamMember,
} from '../contract/index.ts';
import {
  at,
  GUEST,
  MANAGER,
  MEMBER,
  OWNER,
  openTwoOrganisations,
  type TwoOrganisations,
} from './testing/bench.ts';

let { bench, alpha, beta } = {} as TwoOrganisations;
beforeAll(async () => {
  ({ bench, alpha, beta } = await openTwoOrganisations());
});
afterAll(() => bench.close());

it('are made and managed by their members, and keep a manager', async () => {
  const [owner, manager, guest] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, GUEST)];
  expect((await guest.browser.call(createTeam, { body: { name: 'No' } })).status).toBe(403);
  const made = await manager.browser.call(createTeam, {
    body: { name: 'IT support', memberIds: [guest.id] },
  });
  expect(made.body).toMatchObject({ kind: 'team', memberCount: 2, myRole: 'manager' });
  const { id } = made.body;
  // A guest of the organisation is a guest of the team.
  expect((await guest.browser.call(getTeam, { params: { id } })).body.myRole).toBe('guest');
  expect((await guest.browser.call(changeTeam, { params: { id }, body: { name: 'Mine' } })).status).toBe(403);
  // An owner administers, but does not let herself in.
  const set = (by: typeof owner, personId: string, role: string) =>
    by.browser.call(setTeamMember, { params: { id, personId }, body: { role } });
  expect((await set(owner, owner.id, 'member')).status).toBe(403);
  expect((await set(manager, owner.id, 'member')).status).toBe(204);
  const leave = await manager.browser.call(removeTeamMember, { params: { id, personId: manager.id } });
  expect(leave.body.code).toBe('last-manager');
  expect((await set(manager, owner.id, 'manager')).status).toBe(204);
  expect(
    (await manager.browser.call(removeTeamMember, { params: { id, personId: manager.id } })).status,
  ).toBe(204);
  const members = await owner.browser.call(listTeamMembers, { params: { id } });
  expect(members.body.members.map((member) => member.teamRole).sort()).toEqual(['guest', 'manager']);
  expect(
    (await owner.browser.call(changeTeam, { params: { id }, body: { archived: true } })).body.archived,
  ).toBe(true);
  expect((await owner.browser.call(listTeams)).body.teams.map((team) => team.id)).not.toContain(id);
  expect((await owner.browser.call(listTeams, { query: { archived: 'true' } })).body.teams).toHaveLength(1);
  expect((await owner.browser.call(listPeople, { query: { teamId: id } })).body.rows).toHaveLength(2);
});

it('do not take people or spaces of others', async () => {
  const { browser, id } = at(alpha, MANAGER);
  const foreign = at(beta, OWNER).id;
  expect((await browser.call(createTeam, { body: { name: 'X', memberIds: [foreign] } })).status).toBe(404);
  const made = await browser.call(createTeam, { body: { name: 'X' } });
  const params = { id: made.body.id, personId: foreign };
  expect((await browser.call(setTeamMember, { params, body: { role: 'member' } })).status).toBe(404);
  // The organisation and personal spaces are spaces, and no teams.
  expect((await browser.call(getTeam, { params: { id: alpha.orgId } })).status).toBe(404);
  expect(
    (
      await browser.call(setTeamMember, {
        params: { id: alpha.orgId, personId: id },
        body: { role: 'manager' },
      })
    ).status,
  ).toBe(404);
  expect((await at(beta, OWNER).browser.call(getTeam, { params: { id: made.body.id } })).status).toBe(404);
});

it('lets members make teams, or managers alone, as the organisation wants it; guests never', async () => {
  const [owner, member, guest] = [
    at(alpha, OWNER).browser,
    at(alpha, MEMBER).browser,
    at(alpha, GUEST).browser,
  ];
  const make = async (browser: typeof owner, kind: string) =>
    (await browser.call(createTeam, { body: { name: 'Soundings', kind } })).status;
  expect((await owner.call(getOrganisation)).body.teamMakers).toBe('members');
  expect([await make(member, 'team'), await make(guest, 'team'), await make(member, 'group')]).toEqual([
    200, 403, 403,
  ]);
  expect((await member.call(changeOrganisation, { body: { teamMakers: 'managers' } })).status).toBe(403);
  const changed = await owner.call(changeOrganisation, { body: { teamMakers: 'managers' } });
  expect(changed.body.teamMakers).toBe('managers');
  expect([await make(member, 'team'), await make(owner, 'team')]).toEqual([403, 200]);
  await owner.call(changeOrganisation, { body: { teamMakers: 'members' } });
});
