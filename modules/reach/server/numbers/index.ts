import type { Contacts } from '@liaison/contacts';
import { type ContentIndex, type ContentSource, indexContent } from '@liaison/core/content';
import type { Core } from '@liaison/core/floor';
import { countryOfZone, organisationChanged, type People } from '@liaison/people';
import { countriesOfWriters, holdersOfNumbers, listNumberMentions } from '../../contract/index.ts';
import { createFinding } from './finding.ts';
import { readHolders, seenOf } from './holders.ts';
import { keepMentions } from './keep-mentions.ts';
import { listMentions } from './list-mentions.ts';

/** Raised when numbers are found in another way: all texts are read anew. */
const findingVersion = 2;

export interface NumbersParts {
  readonly core: Core;
  readonly people: Pick<People, 'findMany' | 'organisation' | 'byNumber' | 'byExtension'>;
  readonly contacts: Pick<Contacts, 'names'>;
  /** Everything in which numbers may be written. */
  readonly sources: readonly ContentSource[];
}

/** One index of the numbers in all texts, and whose they are for whoever asks. */
export function createNumbers({ core, people, contacts, sources }: NumbersParts): ContentIndex {
  const { db, http } = core;
  const finding = createFinding(people);
  const index = indexContent(core, {
    follower: 'reach.numbers',
    job: 'reach.read-numbers',
    sources,
    form: findingVersion,
    // In another country numbers without one are others.
    circumstances: {
      reaction: 'reach.read-numbers-anew',
      changedBy: organisationChanged,
      read: async (tx) => countryOfZone((await people.organisation(tx)).timeZone) ?? '',
    },
    keep: keepMentions(finding),
  });

  http.route(holdersOfNumbers, async ({ actor, query }) => ({
    rows: await readHolders({ db, people, contacts }, actor, query.numbers),
  }));
  http.route(countriesOfWriters, ({ actor, query }) =>
    db.read(actor.orgId, async (tx) => {
      const [organisation, writers] = await Promise.all([
        people.organisation(tx),
        people.findMany(tx, query.people ?? []),
      ]);
      const seen = await seenOf(tx, actor, [...writers.keys()]);
      return {
        organisation: countryOfZone(organisation.timeZone),
        rows: seen.map((personId) => ({
          personId,
          country: countryOfZone(writers.get(personId)!.timeZone),
        })),
      };
    }),
  );
  http.route(listNumberMentions, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => listMentions(tx, { sources, finding }, actor, params.e164, query)),
  );
  return index;
}
