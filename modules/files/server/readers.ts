import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { readersOf, seenAmong } from '@liaison/core/spaces';
import type { z } from 'zod';
import type { GivenRight, listReaders } from '../contract/index.ts';
import { type NodeAccess, placeOf } from './access.ts';
import { knownAround } from './narrowed.ts';

type Readers = z.input<NonNullable<(typeof listReaders)['response']>>;

/** Who may read a node and why, as somebody who reads it may know it: a guest hears of those alone that she is with. */
export async function readReaders(tx: Tx, actor: PersonActor, node: NodeAccess): Promise<Readers> {
  const { people, grants } = await readersOf(tx, placeOf(node));
  const personIds = [
    ...people.map(({ personId }) => personId),
    ...grants.flatMap(({ principal }) => (principal.kind === 'person' ? (principal.id ?? []) : [])),
  ];
  const seen =
    actor.role === 'guest'
      ? ((await seenAmong(tx, [actor.personId], personIds)).get(actor.personId) ?? new Set<string>())
      : new Set(personIds);
  const known = new Map(
    [...(await knownAround(tx, actor.personId, node)), node].map((each) => [each.id, each.name]),
  );
  const links = await tx.query<{
    mode: 'read' | 'upload';
    until: Date | null;
    has_password: boolean;
    node_id: string;
  }>(
    `select mode, until, password_hash is not null as has_password, node_id from files.link
     where grant_id = any($1::uuid[]) and (most_downloads is null or downloads < most_downloads) order by id`,
    [grants.filter(({ principal }) => principal.kind === 'link').map(({ id }) => id)],
  );
  const [space] = await tx.query<{ name: string; kind: string }>(
    'select name, kind from core.space where id = $1',
    [node.spaceId],
  );
  return {
    people: people
      .filter(({ personId }) => seen.has(personId))
      .map(({ personId, right, by }) => ({ personId, right: right as 'read', by })),
    grants: grants
      .filter(({ principal }) => principal.kind !== 'link')
      .filter(({ principal }) => principal.kind !== 'person' || seen.has(principal.id ?? ''))
      .map(({ id, principal, name, right, until, itemId }) => ({
        id,
        principal,
        name,
        right: right as GivenRight,
        until: until?.toISOString() ?? null,
        nodeId: itemId,
        nodeName: itemId === null ? null : (known.get(itemId) ?? null),
      })),
    links: links.map((link) => ({
      mode: link.mode,
      until: link.until?.toISOString() ?? null,
      hasPassword: link.has_password,
      isHere: link.node_id === node.id,
    })),
    spaceName: space?.kind === 'personal' ? '' : (space?.name ?? ''),
    spaceKind: space?.kind ?? '',
  };
}
