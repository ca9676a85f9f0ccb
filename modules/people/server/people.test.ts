import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import { Problem } from '@liaison/core/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptInvitation,
  assignExtension,
  changeAddress,
  changeOrganisation,
  changeProfile,
  changeRole,
  changeTeam,
  countPeople,
  createDevice,
  createTeam,
  erasePerson,
  getOrganisation,
  getPeopleByIds,
  getPerson,
  getPhoto,
  getTeam,
  invite,
  listAudit,
  listDevices,
  listInvitations,
  listPeople,
  listTeamMembers,
  listTeams,
  removePhoto,
  removeTeamMember,
  renewInvitation,
  restorePerson,
  revokeDevice,
  revokeInvitation,
  searchPeople,
  setPhoto,
  setTeamMember,
  signIn,
  suspendPerson,
} from '../contract/index.ts';
import { transportsOf } from './provisioning.ts';
import { type Bench, createBench, goodPassword } from './testing/bench.ts';

let bench: Bench;
type Organisation = Awaited<ReturnType<Bench['organisation']>>;
let alpha: Organisation;
let beta: Organisation;
beforeAll(async () => {
  bench = await createBench();
  alpha = await bench.organisation('alpha');
  beta = await bench.organisation('beta', ['owner', 'member']);
});
afterAll(() => bench.close());

const [OWNER, MANAGER, MEMBER, GUEST] = [0, 1, 2, 3] as const;
const at = (organisation: Organisation, i: number) => organisation.members[i]!;

/** A PNG of 12,000 by 12,000 pixels in a few kilobytes. */
function pictureBomb(): Buffer {
  const side = 12_000;
  const chunk = (type: string, content: Buffer) => {
    const head = Buffer.from(`0000${type}`);
    head.writeUInt32BE(content.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), content])));
    return Buffer.concat([head, content, sum]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(side * (side / 8 + 1)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('the profile', () => {
  it('is changed by its person and her managers, and parsed', async () => {
    const { id, browser } = at(alpha, MEMBER);
    const change = (body: object, by = browser) => by.call(changeProfile, { params: { id }, body });
    const changed = await change({
      name: 'Hoa Trần-Leclerc',
      title: 'Data and tides',
      office: '  ',
      timeZone: 'Asia/Manila',
      language: 'fr',
      speaks: ['vi', 'fr', 'pt-BR'],
      region: 'FR',
      numbers: [{ number: '06 39 98 41 02', label: 'mobile' }, { number: '+44 7700 900160' }],
    });
    expect(changed.body).toMatchObject({
      name: 'Hoa Trần-Leclerc',
      title: 'Data and tides',
      office: null,
      timeZone: 'Asia/Manila',
      language: 'fr',
      numbers: [
        { e164: '+33639984102', label: 'mobile' },
        { e164: '+447700900160', label: 'work' },
      ],
    });
    for (const body of [
      { timeZone: '+01:00' },
      { timeZone: 'Mars/Olympus' },
      { language: 'de' },
      { numbers: [{ number: 'call me' }] },
      { numbers: [{ number: '123456789', label: 'work' }], region: 'XX' },
      { name: '' },
      { name: 'two\nlines' },
      { name: ['a'] },
    ]) {
      expect([body, (await change(body)).status]).toEqual([body, 400]);
    }
    expect((await change({ title: 'Tides' }, at(alpha, MANAGER).browser)).body.title).toBe('Tides');
    expect((await change({ title: 'x' }, at(alpha, GUEST).browser)).status).toBe(404);
    const manager = at(alpha, MANAGER);
    expect(
      (await browser.call(changeProfile, { params: { id: manager.id }, body: { title: 'x' } })).status,
    ).toBe(403);
  });

  it('keeps any photo as a small WebP, and refuses what is none', async () => {
    const { id, browser } = at(alpha, MEMBER);
    const { default: sharp } = await import('sharp');
    const photo = await sharp({ create: { width: 900, height: 500, channels: 3, background: '#0a6' } })
      .withExif({ IFD0: { Copyright: 'somewhere secret' } })
      .jpeg()
      .toBuffer();
    const put = (raw: Uint8Array, by = browser) => by.call(setPhoto, { params: { id }, raw });
    const answer = await put(photo);
    expect(answer.status).toBe(200);
    const got = await browser.call(getPhoto, { params: { id }, query: { v: answer.body.photo } });
    expect(got.headers.get('content-type')).toBe('image/webp');
    expect(got.headers.get('cache-control')).toContain('immutable');
    const kept = await sharp(got.body as unknown as Buffer).metadata();
    expect(kept).toMatchObject({ format: 'webp', width: 256, height: 256 });
    expect(kept.exif).toBeUndefined();

    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>');
    expect((await put(svg)).body.code).toBe('not-an-image');
    expect((await put(photo.subarray(0, 400))).body.code).toBe('not-an-image');
    expect((await put(Buffer.from('no image'))).body.code).toBe('not-an-image');
    const bomb = pictureBomb();
    expect((await put(bomb)).body.code).toBe('not-an-image');
    expect((await put(new Uint8Array(11 * 1024 * 1024))).status).toBe(413);
    expect((await put(photo, at(alpha, GUEST).browser)).status).toBe(404);
    expect((await at(beta, OWNER).browser.call(getPhoto, { params: { id } })).status).toBe(404);
    expect((await browser.call(removePhoto, { params: { id } })).status).toBe(204);
    expect((await browser.call(getPhoto, { params: { id } })).status).toBe(404);
  });
});

describe('the directory', () => {
  it('finds by the beginning of any word without accents, by extension, number and with typing errors', async () => {
    const { browser } = at(alpha, OWNER);
    await browser.call(invite, {
      body: {
        name: 'Ingrid Solvang-Mørk',
        address: `ingrid.solvangmork@${alpha.domain}`,
        extension: '4100',
        role: 'owner',
      },
    });
    const find = async (text: string) =>
      (await browser.call(searchPeople, { query: { text } })).body.people.map((person) => person.name);
    expect(await find('mork')).toEqual(['Ingrid Solvang-Mørk']);
    expect(await find('SOLV ing')).toEqual(['Ingrid Solvang-Mørk']);
    expect(await find('tran')).toEqual(['Hoa Trần-Leclerc']);
    expect(await find('4100')).toEqual(['Ingrid Solvang-Mørk']);
    expect(await find(`ingrid.solvangmork@${alpha.domain}`)).toEqual(['Ingrid Solvang-Mørk']);
    expect(await find('07700 900 160')).toEqual(['Hoa Trần-Leclerc']);
    expect(await find('+33 6 39 98')).toEqual(['Hoa Trần-Leclerc']);
    expect(await find('ingrid solvagn')).toEqual(['Ingrid Solvang-Mørk']);
    expect(await find('%')).toEqual([]);
    expect(await find("o'; drop table people.person")).toEqual([]);
    expect(await find('zzzz')).toEqual([]);
  });

  it('forgets a rare name with its person', async () => {
    const { browser } = at(alpha, OWNER);
    const address = `bettina@${alpha.domain}`;
    const made = await browser.call(invite, {
      body: { name: 'Bettina Zwirnmeister', address, role: 'member' },
    });
    const { id } = made.body.invitation.person;
    const find = async (text: string) =>
      (await browser.call(searchPeople, { query: { text } })).body.people.map((person) => person.name);
    expect(await find('zwirnmiester')).toEqual(['Bettina Zwirnmeister']);
    const words = () =>
      bench.test.testDb.admin(`select from people.vocabulary where word in ('bettina', 'zwirnmeister')`);
    expect(await words()).toHaveLength(2);
    await browser.call(changeProfile, { params: { id }, body: { name: 'Bettina Aal' } });
    expect(await words()).toHaveLength(1);
    await browser.call(erasePerson, { params: { id }, body: { address } });
    expect(await words()).toHaveLength(0);
    expect(await find('bettina')).toEqual([]);
  });

  it('searches among those whom the filters let through, suspended ones too', async () => {
    const { browser } = at(alpha, OWNER);
    const person = async (name: string, address: string) =>
      (await browser.call(invite, { body: { name, address: `${address}@${alpha.domain}`, role: 'member' } }))
        .body.invitation.person.id;
    const [one, two] = [await person('Quentin One', 'quentin1'), await person('Quentin Two', 'quentin2')];
    const team = await browser.call(createTeam, { body: { name: 'Quay', memberIds: [two] } });
    const names = async (query: Record<string, string>) =>
      (await browser.call(listPeople, { query: { text: 'quen', ...query } })).body.rows.map(
        (row) => row.name,
      );
    expect(await names({})).toEqual(['Quentin One', 'Quentin Two']);
    expect(await names({ teamId: team.body.id })).toEqual(['Quentin Two']);
    expect(await names({ role: 'guest' })).toEqual([]);
    const quay = await bench.organisation('quay', ['owner', 'member']);
    const member = at(quay, 1);
    const boss = at(quay, OWNER).browser;
    await boss.call(suspendPerson, { params: { id: member.id } });
    const found = await boss.call(listPeople, { query: { text: 'memb', status: 'suspended' } });
    expect(found.body.rows.map((row) => row.id)).toEqual([member.id]);
    for (const [i, id] of [one, two].entries()) {
      const address = `quentin${i + 1}@${alpha.domain}`;
      expect((await browser.call(erasePerson, { params: { id }, body: { address } })).status).toBe(204);
    }
  });

  it('is paged, filtered and counted', async () => {
    const { browser } = at(alpha, OWNER);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await browser.call(listPeople, { query: { limit: 2, cursor } });
      names.push(...page.body.rows.map((row) => row.name));
      cursor = page.body.next ?? undefined;
    } while (cursor);
    expect(names).toHaveLength(5);
    expect(new Set(names).size).toBe(5);
    const invited = await browser.call(listPeople, { query: { status: 'invited' } });
    expect(invited.body.rows.map((row) => row.name)).toEqual(['Ingrid Solvang-Mørk']);
    expect((await browser.call(countPeople)).body).toEqual({ active: 4, invited: 1, suspended: 0 });
    expect((await browser.call(listPeople, { query: { cursor: 'bm90IG9uZQ' } })).status).toBe(400);
  });

  it('shows guests only whom they share a space with', async () => {
    const { browser, id } = at(alpha, GUEST);
    expect((await browser.call(listPeople)).body.rows.map((row) => row.id)).toEqual([id]);
    expect((await browser.call(getPerson, { params: { id: at(alpha, OWNER).id } })).status).toBe(404);
    expect((await browser.call(searchPeople, { query: { text: 'owner' } })).body.people).toEqual([]);
    const team = await at(alpha, MEMBER).browser.call(createTeam, {
      body: { name: 'Port study Leixal', memberIds: [id] },
    });
    expect((await browser.call(listPeople)).body.rows).toHaveLength(2);
    expect((await browser.call(getPerson, { params: { id: at(alpha, MEMBER).id } })).status).toBe(200);
    await at(alpha, MEMBER).browser.call(removeTeamMember, { params: { id: team.body.id, personId: id } });
    expect((await browser.call(listPeople)).body.rows).toHaveLength(1);
  });
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

describe('administration', () => {
  it('gives managers members and guests, and owners everybody', async () => {
    const [owner, manager, member] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, MEMBER)];
    const role = (by: typeof owner, id: string, given: string) =>
      by.browser.call(changeRole, { params: { id }, body: { role: given } });
    expect((await role(member, manager.id, 'guest')).status).toBe(403);
    expect((await role(manager, owner.id, 'member')).status).toBe(403);
    expect((await role(manager, member.id, 'manager')).status).toBe(403);
    expect((await role(manager, member.id, 'guest')).body.role).toBe('guest');
    expect((await role(manager, member.id, 'member')).body.role).toBe('member');
    expect((await role(owner, owner.id, 'member')).body.code).toBe('last-owner');
    expect(
      (
        await manager.browser.call(invite, {
          body: { name: 'X', address: `x@${alpha.domain}`, role: 'owner' },
        })
      ).status,
    ).toBe(403);
    expect((await manager.browser.call(changeOrganisation, { body: { name: 'Alpha' } })).body.name).toBe(
      'Alpha',
    );
    expect(
      (await manager.browser.call(changeOrganisation, { body: { domain: 'alpha2.example' } })).status,
    ).toBe(403);
    expect((await owner.browser.call(changeOrganisation, { body: { domain: beta.domain } })).body.code).toBe(
      'name-taken',
    );
  });

  it('keeps an owner when two demote each other at once', async () => {
    const here = await bench.organisation('gamma', ['owner', 'owner']);
    const [one, other] = [at(here, 0), at(here, 1)];
    const demote = (by: typeof one, whom: typeof one) =>
      by.browser.call(changeRole, { params: { id: whom.id }, body: { role: 'member' } });
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([demote(one, other), demote(other, one)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const [left, lost] = answers[0].status === 200 ? [one, other] : [other, one];
      expect(
        (await left.browser.call(changeRole, { params: { id: lost.id }, body: { role: 'owner' } })).status,
      ).toBe(200);
    }
  });

  it('assigns extensions once within an organisation, and equal ones in two', async () => {
    const [owner, member] = [at(alpha, OWNER), at(alpha, MEMBER)];
    const assign = (by: typeof owner, id: string, extension: string | null) =>
      by.browser.call(assignExtension, { params: { id }, body: { extension } });
    expect((await assign(owner, member.id, '4181')).body.extension).toBe('4181');
    expect((await assign(owner, owner.id, '4181')).body.code).toBe('name-taken');
    expect((await assign(member, member.id, '4182')).status).toBe(403);
    expect((await assign(at(beta, OWNER), at(beta, MEMBER - 1).id, '4181')).body.extension).toBe('4181');
    expect((await assign(owner, member.id, '12a')).status).toBe(400);
    const mine = await bench.test.core.db.read(alpha.orgId, (tx) => bench.people.byExtension(tx, '4181'));
    const theirs = await bench.test.core.db.read(beta.orgId, (tx) => bench.people.byExtension(tx, '4181'));
    expect([mine?.id, theirs?.id]).toEqual([member.id, at(beta, 1).id]);
    expect((await assign(owner, member.id, null)).body.extension).toBeNull();
    expect((await assign(owner, owner.id, '4181')).body.extension).toBe('4181');
  });

  it('takes an invitation back with the person who never joined', async () => {
    const { browser } = at(alpha, MANAGER);
    const body = { name: 'Kofi', address: `kofi@${alpha.domain}`, extension: '4148' };
    const made = await browser.call(invite, { body });
    expect((await browser.call(invite, { body })).body.code).toBe('name-taken');
    expect(
      (await browser.call(invite, { body: { ...body, address: `kofi@${beta.domain}` } })).body.code,
    ).toBe('foreign-domain');
    const renewed = await browser.call(renewInvitation, { params: { id: made.body.invitation.person.id } });
    expect(renewed.body.link).not.toBe(made.body.link);
    const params = { id: renewed.body.invitation.id };
    expect((await at(alpha, MEMBER).browser.call(revokeInvitation, { params })).status).toBe(403);
    expect((await browser.call(revokeInvitation, { params: { id: made.body.invitation.id } })).status).toBe(
      404,
    );
    expect((await browser.call(revokeInvitation, { params })).status).toBe(204);
    expect((await browser.call(revokeInvitation, { params })).status).toBe(404);
    const open = await browser.call(listInvitations);
    expect(open.body.rows.map((row) => row.person.name)).not.toContain('Kofi');
    // Address and extension are free again.
    expect((await browser.call(invite, { body })).status).toBe(200);
  });

  it('suspends, restores and erases, and the audit log says so without content', async () => {
    const [owner, manager, member] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, MEMBER)];
    const params = { id: member.id };
    expect((await manager.browser.call(suspendPerson, { params })).body.status).toBe('suspended');
    expect((await manager.browser.call(restorePerson, { params })).body.status).toBe('active');
    const erase = (by: typeof owner, address: string) =>
      by.browser.call(erasePerson, { params, body: { address } });
    expect((await erase(manager, 'someone@else.example')).status).toBe(400);
    expect((await erase(manager, member.address)).status).toBe(204);
    expect((await owner.browser.call(getPerson, { params })).status).toBe(404);
    expect(
      (await owner.browser.call(getPeopleByIds, { body: { ids: [member.id, owner.id] } })).body.people,
    ).toHaveLength(1);
    const again = await bench
      .browser()
      .call(signIn, { body: { address: member.address, password: goodPassword } });
    expect(again.status).toBeOneOf([401, 403]);
    await bench.test.core.outbox.drain();
    await bench.replay();
    await bench.test.core.db.transaction(alpha.orgId, (tx) => bench.people.personalData.erase(tx, member.id));
    expect(await bench.test.testDb.admin('select id from auth."user" where id = $1', [member.id])).toEqual(
      [],
    );
    const [row] = await bench.test.testDb.admin('select * from people.person where id = $1', [member.id]);
    expect(JSON.stringify(row)).not.toMatch(/Hoa|Manila|alpha\.example/);

    const log = await owner.browser.call(listAudit, { query: { limit: 100 } });
    const actions = log.body.rows.map((entry) => entry.action);
    expect(actions).toEqual(
      expect.arrayContaining(['people.person-suspended', 'people.person-restored', 'people.person-erased']),
    );
    expect(JSON.stringify(log.body.rows)).not.toMatch(/Hoa|member2@alpha/);
    expect((await at(alpha, GUEST).browser.call(listAudit)).status).toBe(403);
  });
});

describe('teams', () => {
  it('are made and managed by their members, and keep a manager', async () => {
    const [owner, manager, guest] = [at(alpha, OWNER), at(alpha, MANAGER), at(alpha, GUEST)];
    expect((await guest.browser.call(createTeam, { body: { name: 'No' } })).status).toBe(403);
    const made = await manager.browser.call(createTeam, {
      body: { name: 'IT support', memberIds: [guest.id] },
    });
    expect(made.body).toMatchObject({ kind: 'team', memberCount: 2, myRole: 'manager' });
    const { id } = made.body;
    expect((await guest.browser.call(getTeam, { params: { id } })).body.myRole).toBe('member');
    expect((await guest.browser.call(changeTeam, { params: { id }, body: { name: 'Mine' } })).status).toBe(
      403,
    );
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
    expect(members.body.members.map((member) => member.teamRole).sort()).toEqual(['manager', 'member']);
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
});

it('gives somebody another address; the one before reaches her and signs her in', async () => {
  const owner = at(alpha, OWNER).browser;
  const old = `bruna.before@${alpha.domain}`;
  const now = `bruna.after@${alpha.domain}`;
  const made = await owner.call(invite, { body: { name: 'Bruna Before', address: old, role: 'member' } });
  const { id } = made.body.invitation.person;
  const token = new URL(made.body.link).hash.slice(1);
  await bench.browser().call(acceptInvitation, { body: { token, name: 'Bruna', password: goodPassword } });
  const change = (browser: typeof owner, address: string) =>
    browser.call(changeAddress, { params: { id }, body: { address } });
  expect((await change(at(beta, 1).browser, now)).status).toBe(404);
  expect((await change(owner, `x@${beta.domain}`)).body.code).toBe('foreign-domain');
  expect((await change(owner, at(alpha, MANAGER).address)).body.code).toBe('name-taken');
  expect((await change(owner, now)).body.address).toBe(now);
  for (const address of [now, old]) {
    const signed = await bench.browser().call(signIn, { body: { address, password: goodPassword } });
    expect(signed.status).toBe(200);
    await bench.test.core.db.read(alpha.orgId, async (tx) => {
      expect((await bench.people.byAddress(tx, address))?.id).toBe(id);
    });
  }
  const taken = await owner.call(invite, { body: { name: 'Other', address: old, role: 'member' } });
  expect(taken.body).toMatchObject({ code: 'name-taken' });
  // Back again, twice over, and both are free once she is erased.
  expect((await change(owner, old)).body.address).toBe(old);
  await bench.replay();
  expect((await owner.call(erasePerson, { params: { id }, body: { address: old } })).status).toBe(204);
  for (const address of [now, old]) {
    const other = await owner.call(invite, { body: { name: 'Other', address, role: 'member' } });
    expect(other.status).toBe(200);
  }
});

describe('devices', () => {
  it('are told the ports that are bound here, or those of the settings', () => {
    expect(transportsOf({ udpPort: 40_001, tcpPort: 40_002, tlsPort: 40_003 }, 0)).toEqual([
      { protocol: 'udp', port: 40_001 },
      { protocol: 'tcp', port: 40_002 },
      { protocol: 'tls', port: 40_003 },
    ]);
    expect(transportsOf({ udpPort: null, tcpPort: 40_002, tlsPort: null }, 5070)).toEqual([
      { protocol: 'tcp', port: 40_002 },
    ]);
    expect(transportsOf(null, 5070).map(({ port }) => port)).toEqual([5070, 5070]);
    expect(transportsOf({ udpPort: null, tcpPort: null, tlsPort: null }, 0).map(({ port }) => port)).toEqual([
      5060, 5060,
    ]);
  });

  it('show their secret once and answer the registrar until they are revoked', async () => {
    const [owner, manager] = [at(alpha, OWNER), at(alpha, MANAGER)];
    const made = await manager.browser.call(createDevice, { body: { name: 'Desk' } });
    const { device, secret, realm, text, qr } = made.body;
    expect(text).toContain(secret);
    expect(qr).toContain(secret);
    expect(realm).toBe(alpha.domain);
    for (const [algorithm, hash] of [
      ['MD5', 'md5'],
      ['SHA-256', 'sha256'],
    ] as const) {
      const ha1 = createHash(hash).update(`${device.username}:${realm}:${secret}`).digest('hex');
      expect(
        await bench.people.sipCredentials({
          realm: realm.toUpperCase(),
          username: device.username,
          algorithm,
        }),
      ).toEqual({ ha1, deviceId: device.id, personId: manager.id, orgId: alpha.orgId });
    }
    const ask = (username = device.username, inRealm: string = realm) =>
      bench.people.sipCredentials({ realm: inRealm, username, algorithm: 'MD5' });
    expect(await ask(device.username, beta.domain)).toBeNull();
    expect(await ask('nobody')).toBeNull();
    const rows = await bench.test.testDb.admin('select * from people.device');
    expect(JSON.stringify(rows)).not.toContain(secret);

    await bench.people.deviceSeen({
      orgId: alpha.orgId,
      deviceId: device.id,
      address: '192.0.2.7:5060',
      userAgent: 'Phone/1',
    });
    const listed = await manager.browser.call(listDevices);
    expect(listed.body.devices).toMatchObject([{ lastAddress: '192.0.2.7:5060', userAgent: 'Phone/1' }]);
    expect(JSON.stringify(listed.body)).not.toContain(secret);

    const params = { id: device.id };
    expect((await at(alpha, GUEST).browser.call(revokeDevice, { params })).status).toBe(404);
    expect((await at(beta, OWNER).browser.call(revokeDevice, { params })).status).toBe(404);
    await owner.browser.call(suspendPerson, { params: { id: manager.id } });
    expect(await ask()).toBeNull();
    await owner.browser.call(restorePerson, { params: { id: manager.id } });
    expect(await ask()).not.toBeNull();
    expect((await owner.browser.call(revokeDevice, { params })).status).toBe(204);
    expect(await ask()).toBeNull();
    expect((await owner.browser.call(revokeDevice, { params })).status).toBe(404);
  });
});

it('answers foreign and missing ids alike on every route with an id', async () => {
  const { browser } = at(alpha, OWNER);
  const victim = at(beta, 1);
  const missing = bench.test.core.ids.next();
  const routes = bench.test.core.http
    .routes()
    .filter((route) => route.access === 'session' && route.path.startsWith('/people/:id'));
  expect(routes.length).toBeGreaterThan(8);
  const bodies: Record<string, unknown> = {
    '/people/:id': { title: 'x' },
    '/people/:id/role': { role: 'member' },
    '/people/:id/address': { address: `x@${alpha.domain}` },
    '/people/:id/extension': { extension: '99' },
    '/people/:id/erase': { address: victim.address },
  };
  for (const route of routes) {
    const call = async (id: string): Promise<Record<string, unknown>> => {
      const sent =
        route.method === 'GET' ? {} : route.raw ? { raw: new Uint8Array(10) } : { body: bodies[route.path] };
      const answer = await browser.call(route, { params: { id }, ...sent });
      return { ...(answer.body as Record<string, unknown>), requestId: undefined };
    };
    const foreign = await call(victim.id);
    expect([route.path, foreign.status]).toEqual([route.path, 404]);
    expect(foreign).toEqual(await call(missing));
  }
  expect((await browser.call(getPeopleByIds, { body: { ids: [victim.id] } })).body.people).toEqual([]);
  expect((await victim.browser.call(getPerson, { params: { id: victim.id } })).status).toBe(200);
});

it('answers other modules', async () => {
  const { people, test } = bench;
  const owner = at(alpha, OWNER);
  await test.core.db.read(alpha.orgId, async (tx) => {
    expect(await people.find(tx, at(beta, 0).id)).toBeNull();
    expect(await people.byAddress(tx, owner.address.toUpperCase())).toMatchObject({ id: owner.id });
    expect(await people.byAddress(tx, at(beta, 0).address)).toBeNull();
    expect((await people.findMany(tx, [owner.id, at(beta, 0).id])).size).toBe(1);
    expect(await people.realmOf(tx)).toBe(alpha.domain);
    expect(await people.personalSpace(tx, owner.id)).toMatch(/^[0-9a-f-]{36}$/);
    expect((await people.search(tx, 'own', 5)).map((person) => person.id)).toEqual([owner.id]);
    await expect(people.search(tx, 'x'.repeat(201), 5)).rejects.toThrow(Problem);
  });
  expect(await people.organisationByRealm(alpha.domain.toUpperCase())).toEqual({
    orgId: alpha.orgId,
    realm: alpha.domain,
  });
  expect(await people.organisationByRealm('nowhere.example')).toBeNull();
});

it('gives a person her data', async () => {
  const owner = at(alpha, OWNER);
  const files = await bench.test.core.db.read(alpha.orgId, async (tx) => {
    const paths: string[] = [];
    for await (const file of bench.people.personalData.export(tx, owner.id)) paths.push(file.path);
    return paths;
  });
  expect(files).toEqual(['profile.json', 'devices.json', 'sessions.json']);
});
