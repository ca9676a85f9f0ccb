import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { createGuessing } from '@liaison/core/guessing';
import type { People } from '@liaison/people';
import * as api from '../../contract/index.ts';
import { calendarFor } from '../access.ts';
import { findFeed } from '../across-organisations.ts';
import type { Needs } from '../actions/needs.ts';
import en from '../strings/feed.en.json' with { type: 'json' };
import es from '../strings/feed.es.json' with { type: 'json' };
import fr from '../strings/feed.fr.json' with { type: 'json' };
import pt from '../strings/feed.pt.json' with { type: 'json' };
import { feedContent, feedTag } from './feed-content.ts';
import { createFeed, readFeeds, revokeFeed } from './feeds.ts';
import { createPace } from './pace.ts';

const texts = { en, es, fr, pt };

/** RFC 9110 §13.1.2: compared weakly, for a proxy may have marked it as weak. */
export const isKnownTag = (header: string | undefined, tag: string): boolean =>
  (header ?? '')
    .slice(0, 2000)
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === tag || each === '*');

/** Secret links by which programs follow calendars. */
export function serveFeeds(core: Core, needs: Needs, people: Pick<People, 'find'>): void {
  const { http, db, spaces, secrets, bus } = core;
  const guessing = createGuessing({ name: 'calendar-feeds', bus });
  // A household's programs behind one link; each asks once in minutes or hours.
  const pace = createPace({ atOnce: 30, everySeconds: 10 });

  http.route(api.listFeeds, ({ actor }) =>
    db.read(actor.orgId, async (tx) => ({ rows: await readFeeds(tx, secrets, actor) })),
  );
  http.route(api.createFeed, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const id = await createFeed(tx, needs, secrets, actor, params.calendarId, body);
      const made = (await readFeeds(tx, secrets, actor)).find((each) => each.id === id);
      if (!made) throw new Error('a feed was made and is not there');
      return made;
    }),
  );
  http.route(api.revokeFeed, async ({ actor, params }) => {
    await db.transaction(actor.orgId, (tx) => revokeFeed(tx, needs, actor, params.feedId));
    return undefined;
  });

  http.route(api.readFeed, async ({ params, request, reply, ip }) => {
    reply.headers({
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-cache',
    });
    const attempt = guessing.begin({ target: 'calendar-feed', ip });
    const feed = await findFeed(db, params.token).catch((error: unknown) => {
      // Nobody was told whether it was right: programs that go on asking meanwhile do not guess.
      attempt.succeeded();
      throw error;
    });
    if (!feed) throw notFound('This link');
    attempt.succeeded();
    const wait = pace.take(feed.id);
    if (wait !== null) {
      throw new Problem(429, 'too-many-tries', 'This link is asked too often.', { retryAfterSeconds: wait });
    }
    // What its owner may see now, whoever has the link: rights that were taken back end it.
    const owner: PersonActor = {
      kind: 'person',
      orgId: feed.orgId,
      personId: feed.personId,
      role: 'guest',
      sessionId: feed.id,
    };
    const found = await db.read(feed.orgId, async (tx) => {
      const person = await people.find(tx, feed.personId);
      if (person?.status !== 'active') throw notFound('This link');
      const calendar = await calendarFor(
        tx,
        spaces,
        owner,
        feed.calendarId,
        feed.detail === 'all' ? 'read' : 'free-busy',
      ).catch((error: unknown) => {
        // Programs forget what is not found, so that says only what may not be seen any more: what went wrong goes on.
        const isGone = error instanceof Problem && (error.status === 404 || error.status === 403);
        throw isGone ? notFound('This link') : error;
      });
      const look = { feed, name: calendar.name, taken: texts[person.language].taken };
      const tag = await feedTag(tx, look);
      return {
        tag,
        text: isKnownTag(request.headers['if-none-match'], tag) ? null : await feedContent(tx, look),
      };
    });
    await db.transaction(feed.orgId, (tx) =>
      tx.query(
        `update calendar.feed set read_at = now() where id = $1 and (read_at is null or read_at < now() - interval '10 minutes')`,
        [feed.id],
      ),
    );
    reply.header('etag', found.tag);
    if (found.text === null) return reply.status(304).send();
    return reply
      .headers({
        'content-type': 'text/calendar; charset=utf-8',
        'content-disposition': 'attachment; filename="calendar.ics"',
        'content-security-policy': "sandbox; default-src 'none'",
      })
      .send(found.text);
  });
}
