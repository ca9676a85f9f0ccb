import { conflict } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { foldText } from '../contract/fold-text.ts';
import { teamCreated } from '../contract/index.ts';
import { createDevice } from './actions/create-device.ts';
import { createOrganisation } from './actions/create-organisation.ts';
import { createPerson } from './actions/create-person.ts';
import {
  addressSafe,
  type DemoPersonKey,
  type DemoTeam,
  demoOrganisation,
  demoPeople,
  demoPersonOf,
  demoTeams,
} from './demo/people.ts';
import { drawPortrait } from './demo/portrait.ts';
import type { PeopleModule } from './index.ts';
import type { PeopleTables } from './tables.ts';

export type { DemoPersonKey, DemoTeam } from './demo/people.ts';

export interface DemoPeople {
  readonly orgId: string;
  readonly name: string;
  readonly domain: string;
  readonly personIds: Readonly<Record<DemoPersonKey, string>>;
  readonly teamIds: Readonly<Record<DemoTeam, string>>;
  /** The two whose passwords and telephones are printed. */
  readonly signIns: readonly {
    readonly key: DemoPersonKey;
    readonly personId: string;
    readonly name: string;
    readonly address: string;
    readonly password: string;
    readonly extension: string;
    readonly sip: { readonly username: string; readonly secret: string };
  }[];
  /** False when it was there already. */
  readonly created: boolean;
}

const keys = Object.keys(demoPeople) as DemoPersonKey[];
const addressOf = (key: DemoPersonKey): string => addressSafe(foldText(demoPeople[key].name));

/**
 * Fills an empty installation with Estuaria: twelve people, four teams, two telephones with known secrets. Where it is
 * there already nothing changes. `people.service` must have been started.
 *
 * @throws Problem 409 `already-set-up` where another organisation is there.
 */
export async function createDemoPeople(core: Core, people: PeopleModule): Promise<DemoPeople> {
  const { across, accounts } = people.parts;
  const found = await across.organisationByRealm(demoOrganisation.domain);
  if (found) return describe(core, people, found.orgId, false);
  if ((await across.countOrganisations()) > 0) {
    throw conflict(
      'already-set-up',
      'An organisation is there already: the demonstration wants an empty one.',
    );
  }
  const orgId = core.ids.next();
  const personIds = Object.fromEntries(keys.map((key) => [key, core.ids.next()])) as Record<
    DemoPersonKey,
    string
  >;
  const photos = await keepPortraits(core);
  for (const key of keys) {
    const { name, password } = demoPersonOf(key);
    if (password) await accounts.open({ id: personIds[key], address: addressOf(key), name }, password);
  }
  await core.db.transaction(orgId, async (tx) => {
    await createOrganisation(core, tx, {
      ...demoOrganisation,
      languages: ['pt', 'fr', 'en', 'es'],
    });
    const teamIds = await createTeams(core, tx);
    for (const key of keys)
      await createInvented(core, tx, key, personIds[key], teamIds, photos.get(key) ?? null);
    for (const [team, manager] of Object.entries(managers) as [DemoTeam, DemoPersonKey][]) {
      await core.spaces.setMember(tx, teamIds[team], personIds[manager], 'manager');
    }
  });
  return describe(core, people, orgId, true);
}

const managers: Record<DemoTeam, DemoPersonKey> = {
  port: 'ines',
  field: 'amina',
  support: 'mateus',
  legal: 'ingrid',
};

async function createTeams(core: Core, tx: Tx): Promise<Record<DemoTeam, string>> {
  const teamIds: Partial<Record<DemoTeam, string>> = {};
  for (const team of Object.keys(demoTeams) as DemoTeam[]) {
    const space = await core.spaces.create(tx, { kind: 'team', name: demoTeams[team], members: [] });
    core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
    teamIds[team] = space.id;
  }
  return teamIds as Record<DemoTeam, string>;
}

async function createInvented(
  core: Core,
  tx: Tx,
  key: DemoPersonKey,
  id: string,
  teamIds: Record<DemoTeam, string>,
  photo: string | null,
): Promise<void> {
  const { teams, mobile, bio, speaks, sip, ...person } = demoPersonOf(key);
  await createPerson(core, tx, {
    id,
    name: person.name,
    address: addressOf(key),
    role: person.role,
    status: 'active',
    extension: person.extension,
    title: person.title,
    office: person.office,
    language: person.language,
    timeZone: person.timeZone,
    numbers: mobile ? [{ e164: mobile, label: 'mobile' }] : [],
    teamIds: teams.map((team) => teamIds[team]),
  });
  await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set({ bio: bio ?? null, speaks: [...speaks], photo })
    .where('id', '=', id)
    .execute();
  if (sip) await createDevice({ core }, tx, { personId: id, name: 'Desk telephone' }, sip);
}

async function keepPortraits(core: Core): Promise<Map<DemoPersonKey, string>> {
  const { default: sharp } = await import('sharp');
  const photos = new Map<DemoPersonKey, string>();
  for (const key of keys) {
    const { portrait } = demoPersonOf(key);
    if (!portrait) continue;
    const picture = await sharp(Buffer.from(drawPortrait(portrait)))
      .webp({ quality: 86 })
      .toBuffer();
    photos.set(key, (await core.blobs.put([picture], { maxBytes: picture.length })).sha256);
  }
  return photos;
}

async function describe(
  core: Core,
  people: PeopleModule,
  orgId: string,
  created: boolean,
): Promise<DemoPeople> {
  return core.db.read(orgId, async (tx) => {
    const personIds: Partial<Record<DemoPersonKey, string>> = {};
    for (const key of keys) personIds[key] = (await people.byAddress(tx, addressOf(key)))?.id ?? '';
    const teams = await tx
      .as<PeopleTables>()
      .selectFrom('core.space')
      .select(['id', 'name'])
      .where('kind', '=', 'team')
      .execute();
    const teamIds = Object.fromEntries(
      Object.entries(demoTeams).map(([key, name]) => [
        key,
        teams.find((team) => team.name === name)?.id ?? '',
      ]),
    ) as Record<DemoTeam, string>;
    return {
      orgId,
      name: demoOrganisation.name,
      domain: demoOrganisation.domain,
      personIds: personIds as Record<DemoPersonKey, string>,
      teamIds,
      signIns: keys.flatMap((key) => {
        const { name, password, sip, extension } = demoPersonOf(key);
        if (!password || !sip) return [];
        return [{ key, personId: personIds[key]!, name, address: addressOf(key), password, extension, sip }];
      }),
      created,
    };
  });
}
