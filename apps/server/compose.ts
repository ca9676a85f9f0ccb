import {
  blobsNamed as calendarBlobs,
  personalData as calendarData,
  migrations as calendarMigrations,
  createCalendar,
} from '@liaison/calendar/server';
import { personalData as callsData, migrations as callsMigrations, createCalls } from '@liaison/calls/server';
import {
  blobsNamed as chatBlobs,
  personalData as chatData,
  migrations as chatMigrations,
  createChat,
} from '@liaison/chat/server';
import {
  blobsNamed as contactsBlobs,
  personalData as contactsData,
  migrations as contactsMigrations,
  createContacts,
} from '@liaison/contacts/server';
import { type BlobsNamed, collectBlobs } from '@liaison/core/blobs';
import type { MigrationSource } from '@liaison/core/db';
import { serveDoctor } from '@liaison/core/doctor';
import type { Core } from '@liaison/core/floor';
import type { Outgoing } from '@liaison/core/outgoing';
import { createPersonalData } from '@liaison/core/personal-data';
import { createEndsOfGrants } from '@liaison/core/spaces';
import { serveUpkeep } from '@liaison/core/upkeep';
import {
  createFiles,
  blobsNamed as filesBlobs,
  personalData as filesData,
  migrations as filesMigrations,
} from '@liaison/files/server';
import {
  createNotify,
  personalData as notifyData,
  migrations as notifyMigrations,
} from '@liaison/notify/server';
import { personErased } from '@liaison/people';
import {
  createPeople,
  blobsNamed as peopleBlobs,
  migrations as peopleMigrations,
} from '@liaison/people/server';
import {
  createNumbers,
  createReach,
  personalData as reachData,
  migrations as reachMigrations,
} from '@liaison/reach/server';
import { createSearch, migrations as searchMigrations } from '@liaison/search/server';
import { createSites, personalData as sitesData, migrations as sitesMigrations } from '@liaison/sites/live';
import { contentSources } from './content-sources.ts';
import { newsSources } from './news-sources.ts';

/** Core's own migrations come first; a module's after those it builds on. */
export const migrations: readonly MigrationSource[] = [
  { schema: 'core', folder: new URL('../../core/db/migrations/', import.meta.url) },
  peopleMigrations,
  reachMigrations,
  chatMigrations,
  filesMigrations,
  contactsMigrations,
  calendarMigrations,
  callsMigrations,
  notifyMigrations,
  searchMigrations,
  sitesMigrations,
];

/** Whose rows name blobs: a blob that none of them names is removed. */
export const blobOwners: readonly BlobsNamed[] = [
  peopleBlobs,
  chatBlobs,
  filesBlobs,
  contactsBlobs,
  calendarBlobs,
];

/**
 * The whole suite: every module, lowest first, each given what it asks. What a module may know of another is what it is
 * handed here; a cycle cannot be written.
 *
 * @param options what tests shorten: how long a call rings and a page that vanished is waited for; and where they let the program
 *   go, beside the world.
 */
export function compose(
  core: Core,
  options: { callTimes?: Parameters<typeof createCalls>[0]['times']; outgoing?: Outgoing } = {},
) {
  // Asked when somebody adds a telephone: the ports are known once they are bound.
  const people = createPeople({ core, registrar: () => calls.telephones.ports });
  const reach = createReach({ core });
  const files = createFiles({ core });
  createChat({ core, people, files: files.sent });
  const contacts = createContacts({ core, people });
  createNumbers({ core, people, contacts, sources: contentSources });
  const calendar = createCalendar({ core, people, reach });
  const closedPages = createNotify({
    core,
    people,
    reach,
    sources: newsSources,
    ...(options.outgoing ? { outgoing: options.outgoing } : {}),
  });
  const calls = createCalls({
    core,
    people,
    reach,
    contacts,
    closedPages,
    ...(options.callTimes ? { times: options.callTimes } : {}),
  });
  const search = createSearch({ core, people, sources: contentSources });
  const sites = createSites({ core, load: () => ({ calls: calls.underWay }) });
  const personalData = createPersonalData(
    [
      people.personalData,
      reachData,
      chatData,
      filesData,
      contactsData,
      calendarData,
      callsData,
      notifyData,
      sitesData,
      // Last: it reads again what the others have left.
      search.personalData,
    ],
    core,
  );
  serveUpkeep(core, personalData, personErased);
  serveDoctor(core);
  collectBlobs(blobOwners, core);
  const endsOfGrants = createEndsOfGrants(core);
  return {
    core,
    endsOfGrants,
    people,
    sentFiles: files.sent,
    reach,
    files,
    contacts,
    calendar,
    calls,
    sites,
    personalData,
  };
}

export type Suite = ReturnType<typeof compose>;
