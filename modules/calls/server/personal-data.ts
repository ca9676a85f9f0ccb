import type { PersonalData } from '@liaison/core/personal-data';
import { settingsOf } from './queries.ts';
import type { CallsTables } from './tables.ts';
import { eraseTraces, exportTraces, watchRetention } from './watch/watch-retention.ts';

export const personalData: PersonalData = {
  module: 'calls',
  async *export(tx, personId) {
    const rows = await tx
      .as<CallsTables>()
      .selectFrom('calls.call')
      .select([
        'id',
        'caller_person_id',
        'callee_person_id',
        'dialled',
        'started_at',
        'answered_at',
        'ended_at',
        'reason',
        'quality',
        'transferred_by_person_id',
        'transferred_to_person_id',
        'returned_from_person_id',
      ])
      .where((where) =>
        where.or([where('caller_person_id', '=', personId), where('callee_person_id', '=', personId)]),
      )
      .orderBy('started_at')
      .execute();
    yield { path: 'calls.json', content: JSON.stringify(rows, null, 2) };
    yield { path: 'call-signalling.json', content: await exportTraces(tx, personId) };
    const settings = await settingsOf(tx, personId);
    yield { path: 'call-settings.json', content: JSON.stringify(settings, null, 2) };
  },
  async erase(tx, personId) {
    await eraseTraces(tx, personId);
    await tx.as<CallsTables>().deleteFrom('calls.registration').where('person_id', '=', personId).execute();
    await tx.as<CallsTables>().deleteFrom('calls.setting').where('person_id', '=', personId).execute();
    // The other one keeps that there was a call, without with whom.
    await tx
      .as<CallsTables>()
      .updateTable('calls.call')
      .set({ caller_person_id: null, caller_text: null })
      .where('caller_person_id', '=', personId)
      .execute();
    await tx
      .as<CallsTables>()
      .updateTable('calls.call')
      .set({ callee_person_id: null, dialled: '' })
      .where('callee_person_id', '=', personId)
      .execute();
    for (const column of [
      'transferred_by_person_id',
      'transferred_to_person_id',
      'returned_from_person_id',
    ] as const) {
      await tx
        .as<CallsTables>()
        .updateTable('calls.call')
        .set({ [column]: null })
        .where(column, '=', personId)
        .execute();
    }
    await tx
      .as<CallsTables>()
      .deleteFrom('calls.call')
      .where('caller_person_id', 'is', null)
      .where('callee_person_id', 'is', null)
      .execute();
  },
  retention: [
    {
      what: 'call history',
      days: 365,
      why: 'People look up whom they spoke with; nothing of what was said is kept.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from calls.call where id in (
             select id from calls.call where started_at < $1 and ended_at is not null limit 5000) returning id`,
          [olderThan],
        );
        return rows.length;
      },
    },
    ...watchRetention,
    { what: 'choices about calls', days: null, why: 'They hold until the person changes them.' },
    { what: 'registrations of telephones', days: null, why: 'Deleted when they expire.' },
  ],
};
