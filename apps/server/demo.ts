import { fillDemoCalendar } from '@liaison/calendar/demo';
import { fillDemoCalls } from '@liaison/calls/demo';
import { fillDemoChat } from '@liaison/chat/demo';
import { fillDemoContacts } from '@liaison/contacts/demo';
import { StartError } from '@liaison/core/config';
import { Problem } from '@liaison/core/contract';
import { fillDemoFiles } from '@liaison/files/demo';
import { createDemoPeople, type DemoPeople } from '@liaison/people/demo';
import type { Suite } from './compose.ts';

/** The demo as it is printed: how to sign in, and a telephone for each. */
export type Demo = Pick<DemoPeople, 'name' | 'domain' | 'signIns'>;

/**
 * Fills an empty installation with the fictional organisation, each module its own part; on one that has it already, only
 * answers how to sign in. Interrupted, the next start goes on with the part that is missing.
 */
export async function fillDemo(
  { core, people, sentFiles }: Suite,
  say: (line: string) => void,
): Promise<Demo> {
  let demo: DemoPeople;
  try {
    demo = await createDemoPeople(core, people);
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'already-set-up')) throw error;
    throw new StartError({
      what: 'an organisation is there already, and the demo wants an empty place',
      setting: 'LIAISON_DATA',
      mend: 'start without --demo, or name a new folder',
      cause: error,
    });
  }
  if (demo.created) say(`Filling ${demo.name} with people, conversations, files, appointments and calls`);
  const ids: Readonly<Record<string, string>> = demo.personIds;
  const names = await core.db.read(demo.orgId, (tx) => people.findMany(tx, Object.values(ids)));
  const cast = {
    orgId: demo.orgId,
    person(key: string) {
      const person = names.get(ids[key] ?? '');
      if (!person) throw new Error(`nobody of the demo is called ${key}`);
      return { id: person.id, name: person.name };
    },
    async teams() {
      return core.db.read(demo.orgId, async (tx) => {
        const found = new Map<string, string>();
        for (const id of Object.values(demo.teamIds)) {
          const space = await core.spaces.find(tx, id);
          if (space) found.set(space.name, space.id);
        }
        return found;
      });
    },
  };
  const teams = await cast.teams();
  // Files before conversations, in which some are sent: what is there already is not filled again.
  await fillDemoFiles(core, { ...cast, team: (name) => teams.get(name) ?? '' });
  await fillDemoChat(core, { ...cast, team: (name) => teams.get(name) ?? '' }, sentFiles);
  await fillDemoContacts(core, { ...cast, team: (name) => teams.get(name) ?? '' });
  await fillDemoCalendar(core, { ...cast, team: (name) => teams.get(name) ?? '' });
  await fillDemoCalls(core, cast);
  return demo;
}
