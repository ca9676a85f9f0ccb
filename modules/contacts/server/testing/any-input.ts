import fc from 'fast-check';
import { type ContactInput, contactInputSchema } from '../../contract/index.ts';
import { nameOf } from '../derive.ts';

const text = (max: number) =>
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) =>
    value
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, max)
      .toWellFormed()
      .trim(),
  );
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 3 });
const place = fc.constantFrom('work' as const, 'home' as const, 'other' as const);
/** Any card that the suite takes, in the form to which it comes back. */
export const anyInput: fc.Arbitrary<ContactInput> = fc
  .record({
    kind: fc.constantFrom('person' as const, 'company' as const),
    name: text(200),
    given: text(120),
    family: text(120),
    prefix: text(60),
    additional: text(120),
    suffix: text(60),
    nickname: text(120),
    organisation: text(200),
    title: text(200),
    numbers: some(
      fc.record({
        label: fc.constantFrom(
          'work' as const,
          'mobile' as const,
          'home' as const,
          'fax' as const,
          'other' as const,
        ),
        number: fc.stringMatching(/^\+?[0-9 ()]{2,12}[0-9]( ext\. [0-9]{2})?$/).map((each) => each.trim()),
      }),
    ),
    emails: some(
      fc.record({ label: place, address: fc.stringMatching(/^[a-z0-9.;,+=-]{1,9}@[a-z]{1,9}\.example$/) }),
    ),
    sip: some(
      fc.record({ label: place, address: fc.stringMatching(/^sips?:[a-z0-9.]{1,9}@[a-z]{1,9}\.example$/) }),
    ),
    addresses: some(
      fc.record({
        label: place,
        street: fc.tuple(text(80), text(80)).map((lines) => lines.join('\n').trim()),
        city: text(120),
        region: text(120),
        postalCode: text(30),
        country: text(120),
      }),
    ),
    birthday: fc.option(
      fc.record({
        year: fc.option(fc.integer({ min: 1605, max: 2026 })),
        month: fc.integer({ min: 1, max: 12 }),
        day: fc.integer({ min: 1, max: 28 }),
      }),
    ),
    webPages: some(fc.stringMatching(/^https:\/\/[a-z]{1,9}\.example\/[a-z?&=;,%]{0,9}$/)),
    languages: some(fc.constantFrom('fr', 'pt-BR', 'ga')),
    labels: some(text(40).filter((label) => label !== '')).map((labels) => [...new Set(labels)]),
    notes: fc.tuple(text(80), text(80)).map((lines) => lines.join('\n').trim()),
  })
  .map((draft) => contactInputSchema.parse(draft))
  .map((input) => {
    const name = nameOf(input);
    if (input.kind === 'company') {
      return { ...input, name, organisation: input.organisation === name ? '' : input.organisation };
    }
    return { ...input, name: name === nameOf({ ...input, name: '' }) ? '' : input.name };
  })
  .filter(
    (input) =>
      nameOf(input) !== '' && (input.kind === 'person' || input.name !== nameOf({ ...input, name: '' })),
  );
