import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import { takePortrait } from '@liaison/core/pictures';
import {
  changeProfile as changeRoute,
  getPhoto,
  maxPhotoBytes,
  removePhoto,
  setPhoto,
} from '../../contract/index.ts';
import { personFor } from '../access.ts';
import { changeProfile } from '../actions/change-profile.ts';
import { keepPhoto } from '../actions/keep-photo.ts';
import type { Parts } from '../parts.ts';
import { parseNumbers } from '../phone-numbers.ts';
import { photoVersion, wholePerson } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

export function registerProfileRoutes(parts: Parts): void {
  const { core } = parts;

  core.http.route(changeRoute, async ({ actor, params, body }) => {
    const { numbers, region, ...change } = body;
    const before = await core.db.read(actor.orgId, (tx) => personFor(tx, actor, params.id, 'write'));
    // Parsed outside the transaction: the tables of numbers take a while to load the first time.
    const parsed =
      numbers && (await parseNumbers(numbers, { region, timeZone: change.timeZone ?? before.timeZone }));
    return core.db.transaction(actor.orgId, async (tx) => {
      await changeProfile(parts, tx, actor, params.id, { ...change, numbers: parsed });
      return wholePerson(tx, params.id);
    });
  });

  core.http.route(setPhoto, async ({ actor, params, request, signal }) => {
    await core.db.read(actor.orgId, (tx) => personFor(tx, actor, params.id, 'write'));
    const picture = await takePortrait(request.raw, { maxBytes: maxPhotoBytes, signal });
    const { sha256 } = await core.blobs.put([picture], { maxBytes: picture.length, signal });
    await writePhoto(actor, params.id, sha256);
    return { photo: photoVersion(sha256)! };
  });

  core.http.route(removePhoto, async ({ actor, params }) => {
    await writePhoto(actor, params.id, null);
    return undefined;
  });

  const writePhoto = (actor: PersonActor, personId: string, sha256: string | null) =>
    core.db.transaction(actor.orgId, (tx) => keepPhoto(parts, tx, actor, personId, sha256));

  core.http.route(getPhoto, async ({ actor, params, query, reply }) => {
    const sha256 = await core.db.read(actor.orgId, async (tx) => {
      await personFor(tx, actor, params.id, 'read');
      const row = await tx
        .as<PeopleTables>()
        .selectFrom('people.person')
        .select('photo')
        .where('id', '=', params.id)
        .executeTakeFirst();
      return row?.photo ?? null;
    });
    if (!sha256) throw notFound('This photo');
    const blob = await core.blobs.open(sha256).catch(() => {
      throw new Problem(404, 'not-found', 'This photo is not here.');
    });
    return (
      reply
        .header('content-type', 'image/webp')
        .header('content-length', blob.bytes)
        // One version never changes; without one the browser asks again. Never kept by a proxy: it is for the signed in.
        .header(
          'cache-control',
          query.v === photoVersion(sha256) ? 'private, max-age=31536000, immutable' : 'private, no-cache',
        )
        .send(blob.stream)
    );
  });
}
