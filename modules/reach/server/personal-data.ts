import type { PersonalData } from '@liaison/core/personal-data';
import { personalSpaceOf } from '@liaison/core/spaces';
import type { ReachTables } from './tables.ts';

export const personalData: PersonalData = {
  module: 'reach',
  async *export(tx, personId) {
    const rows = await tx
      .as<ReachTables>()
      .selectFrom('reach.claim')
      .select(['kind', 'since', 'until'])
      .where('person_id', '=', personId)
      .execute();
    yield { path: 'claims.json', content: JSON.stringify(rows, null, 2) };
  },
  async erase(tx, personId) {
    await tx.as<ReachTables>().deleteFrom('reach.claim').where('person_id', '=', personId).execute();
    // What she alone had goes without a word from the modules that kept it.
    const own = await personalSpaceOf(tx, personId);
    await tx.query('delete from reach.number_mention where space_id = $1', [own]);
  },
  retention: [
    {
      what: 'which texts mention a number',
      days: null,
      why: 'Kept as long as the text itself, and without a word of it: what is shown is read from the text.',
    },
    { what: 'reachability', days: null, why: 'Only the present is kept: a claim is deleted when it ends.' },
  ],
};
