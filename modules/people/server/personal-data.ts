import type { PersonalData } from '@liaison/core/personal-data';
import { removePerson } from './actions/erase-person.ts';
import type { Parts } from './parts.ts';
import { findWhole } from './queries.ts';
import type { PeopleTables } from './tables.ts';

export function createPersonalData({ core, accounts }: Parts): PersonalData {
  return {
    module: 'people',
    async *export(tx, personId) {
      const person = await findWhole(tx, personId);
      if (!person) return;
      const earlierAddresses = await tx
        .as<PeopleTables>()
        .selectFrom('people.alias')
        .select(['address', 'created_at as until'])
        .where('person_id', '=', personId)
        .execute();
      yield { path: 'profile.json', content: JSON.stringify({ ...person, earlierAddresses }, null, 2) };
      const devices = await tx
        .as<PeopleTables>()
        .selectFrom('people.device')
        .select([
          'id',
          'kind',
          'name',
          'username',
          'created_at',
          'last_seen_at',
          'last_address',
          'user_agent',
        ])
        .where('person_id', '=', personId)
        .where('revoked_at', 'is', null)
        .execute();
      yield { path: 'devices.json', content: JSON.stringify(devices, null, 2) };
      yield { path: 'sessions.json', content: JSON.stringify(await accounts.sessions(personId), null, 2) };
      const row = await tx
        .as<PeopleTables>()
        .selectFrom('people.person')
        .select('photo')
        .where('id', '=', personId)
        .executeTakeFirst();
      if (row?.photo) yield { path: 'photo.webp', content: (await core.blobs.open(row.photo)).stream };
    },
    // The account itself (password, passkeys, sessions) goes by the reaction to `person-erased`.
    erase: (tx, personId) => removePerson(core, tx, personId),
    retention: [
      {
        what: 'invitations that were accepted, revoked or have expired',
        days: 90,
        why: 'to answer who was invited by whom',
        async purge(tx, olderThan) {
          const rows = await tx.query(
            `delete from people.invitation where id in (
               select id from people.invitation
               where coalesce(accepted_at, revoked_at, expires_at) < $1 order by id limit 1000) returning id`,
            [olderThan],
          );
          return rows.length;
        },
      },
      {
        what: 'lists of people that were imported, with their refused lines',
        days: 30,
        why: 'to correct a list and to hand out its links',
        async purge(tx, olderThan) {
          const gone = await tx.query<{ id: string }>(
            'select id from people.import where created_at < $1 order by id limit 1',
            [olderThan],
          );
          for (const { id } of gone) {
            await tx.query('delete from people.import_line where import_id = $1', [id]);
            await tx.query('delete from people.import where id = $1', [id]);
          }
          return gone.length;
        },
      },
      {
        what: 'revoked devices without their secrets',
        days: 90,
        why: 'to say which telephone a call came from',
        async purge(tx, olderThan) {
          const rows = await tx.query(
            `delete from people.device where id in (
               select id from people.device where revoked_at < $1 order by id limit 1000) returning id`,
            [olderThan],
          );
          return rows.length;
        },
      },
      {
        what: 'the id of an erased person, without anything that names her',
        days: null,
        why: 'what she wrote stays somebody’s',
      },
    ],
  };
}
