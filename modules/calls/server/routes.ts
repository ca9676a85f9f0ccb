import { mediaAddress } from '@liaison/core/config';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import {
  changeCallSettings,
  countMissedCalls,
  getCallSettings,
  listCalls,
  listTelephones,
  markCallsSeen,
  sipSettings,
} from '../contract/index.ts';
import { changeSettings } from './actions/change-settings.ts';
import { markSeen } from './actions/write-call.ts';
import type { OutsideNames } from './outside-names.ts';
import { countMissed, listCallsOf, registrationsOf, settingsOf } from './queries.ts';
import type { Telephones } from './telephones.ts';

export function serveRoutes({
  core,
  people,
  telephones,
  outside,
}: {
  core: Core;
  people: People;
  telephones: Telephones;
  outside: OutsideNames;
}): void {
  const { http, db, settings } = core;
  http.route(listCalls, async ({ actor, query }) => {
    const page = await db.read(actor.orgId, (tx) => listCallsOf(tx, people, actor.personId, query));
    return { ...page, rows: await outside.records(actor.orgId, actor.personId, page.rows) };
  });
  http.route(countMissedCalls, async ({ actor }) => ({
    count: await db.read(actor.orgId, (tx) => countMissed(tx, actor.personId)),
  }));
  http.route(markCallsSeen, async ({ actor }) => ({
    count: await db.transaction(actor.orgId, (tx) =>
      markSeen(tx, { people, emit: core.outbox.emit }, actor.personId),
    ),
  }));
  http.route(getCallSettings, ({ actor }) => db.read(actor.orgId, (tx) => settingsOf(tx, actor.personId)));
  http.route(changeCallSettings, async ({ actor, body }) => {
    await db.transaction(actor.orgId, (tx) => changeSettings(tx, actor.personId, body));
    return body;
  });
  http.route(listTelephones, async ({ actor }) => ({
    rows: await db.read(actor.orgId, (tx) => registrationsOf(tx, actor.personId)),
  }));
  http.route(sipSettings, async ({ actor }) => ({
    host: mediaAddress(settings),
    domain: await db.read(actor.orgId, (tx) => people.realmOf(tx)),
    // A process without telephones knows where those are that have the usual settings.
    udpPort: telephones.ports.udpPort ?? (settings.sipPort || null),
    tcpPort: telephones.ports.tcpPort ?? (settings.sipPort || null),
    tlsPort: telephones.ports.tlsPort ?? (settings.sipsPort || null),
  }));
}
