import type { Tx } from '@liaison/core/db';
import type { People, PersonSummary } from '@liaison/people';
import { type FeatureName, featureOfCode, features, isCode } from '../../contract/index.ts';
import { whoIsDialled } from '../dial-plan.ts';
import { lastCallerOf } from './features.ts';

export type Dialled =
  | { readonly kind: 'person'; readonly person: PersonSummary }
  | { readonly kind: 'feature'; readonly feature: Exclude<FeatureName, 'last-caller'> }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unknown-code' };

/**
 * What is meant by what somebody dialled: a code, or somebody by id, extension, address or number, or a feature by its name.
 * A code is never anything else; a name is somebody's address first.
 *
 * @param from `realm` completes what a telephone dials without a domain; asked for where nothing else was meant.
 */
export async function whatIsDialled(
  people: People,
  tx: Tx,
  from: { personId: string; dialled: string; realm?: () => Promise<string> },
): Promise<Dialled> {
  const text = from.dialled.trim().replace(/^sips?:/i, '');
  const person = (found: PersonSummary | null | undefined): Dialled =>
    found && found.status !== 'suspended' ? { kind: 'person', person: found } : { kind: 'nobody' };
  if (isCode(text)) {
    const feature = featureOfCode(text)?.name;
    if (!feature) return { kind: 'unknown-code' };
    if (feature !== 'last-caller') return { kind: 'feature', feature };
    const lastId = await lastCallerOf(tx, from.personId);
    return person(lastId === null ? null : await people.find(tx, lastId));
  }
  const somebody =
    (await whoIsDialled(people, tx, text)) ??
    (from.realm === undefined ? null : await whoIsDialled(people, tx, `${text}@${await from.realm()}`));
  if (somebody) return person(somebody);
  const named = features.find(({ name }) => name === text.toLowerCase())?.name;
  return named && named !== 'last-caller' ? { kind: 'feature', feature: named } : { kind: 'nobody' };
}
