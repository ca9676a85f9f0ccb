import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Language, PhoneNumber } from '../../contract/index.ts';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { indexPerson, sortNameOf, tellChanged, writeNumbers } from '../person-rows.ts';
import type { PeopleTables } from '../tables.ts';

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly title?: string | null | undefined;
  readonly office?: string | null | undefined;
  readonly timeZone?: string | undefined;
  readonly language?: Language | undefined;
  readonly bio?: string | null | undefined;
  readonly speaks?: string[] | undefined;
  /** In E.164 already. */
  readonly numbers?: readonly PhoneNumber[] | undefined;
}

/** Changes what is given and leaves the rest. */
export async function changeProfile(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  change: ProfileChange,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'write');
  const { name, title, office, timeZone, language, bio, speaks, numbers } = change;
  const columns = {
    ...(name === undefined ? {} : { name, sort_name: sortNameOf(name) }),
    ...(title === undefined ? {} : { title }),
    ...(office === undefined ? {} : { office }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    ...(language === undefined ? {} : { language }),
    ...(bio === undefined ? {} : { bio }),
    ...(speaks === undefined ? {} : { speaks }),
  };
  if (Object.keys(columns).length > 0) {
    await tx
      .as<PeopleTables>()
      .updateTable('people.person')
      .set(columns)
      .where('id', '=', personId)
      .execute();
  }
  if (numbers) await writeNumbers(tx, personId, numbers);
  if (name !== undefined || numbers) await indexPerson(tx, personId);
  await tellChanged(core, tx, personId);
  if (actor.personId !== person.id) {
    await core.audit.record(tx, {
      action: 'people.profile-changed',
      subjectId: personId,
      details: {
        fields: Object.keys(change).filter((key) => change[key as keyof ProfileChange] !== undefined),
      },
    });
  }
}
