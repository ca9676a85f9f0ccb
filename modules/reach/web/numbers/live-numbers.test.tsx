import {
  fill,
  LiveText,
  liveText,
  NumberText,
  numberText,
  SessionProvider,
  SlotProvider,
} from '@liaison/core/web';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createInstance } from 'i18next';
import { renderToReadableStream } from 'react-dom/server';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { expect, test } from 'vitest';
import type { NumberHolder } from '../../contract/index.ts';
import strings from '../strings/en.json' with { type: 'json' };
import { LiveNumbers } from './live-numbers.tsx';
import { ShownNumber } from './shown-number.tsx';

const bob = '0198c6f0-0000-7000-8000-000000000001';
const source = { load: async () => null, end: async () => {} };

/** What stands on the page of somebody to whom the server has said this, once all of it has come. */
async function draw(
  text: string,
  {
    holders = {},
    signedIn = true,
    link,
  }: { holders?: Record<string, NumberHolder>; signedIn?: boolean; link?: string } = {},
): Promise<string> {
  const queries = new QueryClient();
  queries.setQueryData(['session'], signedIn ? { personId: 'me' } : null);
  queries.setQueryData(['reach', 'countries', bob], ['FR', 'PT']);
  for (const [number, holder] of Object.entries(holders)) {
    queries.setQueryData(['reach', 'holder', number], holder);
  }
  const i18n = createInstance();
  await i18n.use(initReactI18next).init({ lng: 'en', resources: { en: { reach: strings } } });
  const stream = await renderToReadableStream(
    <QueryClientProvider client={queries}>
      <I18nextProvider i18n={i18n}>
        <SessionProvider source={source} onSignedOut={() => {}}>
          <SlotProvider fills={[fill(liveText, { component: LiveNumbers })]}>
            <LiveText text={text} writtenBy={bob} {...(link === undefined ? {} : { link })} />
          </SlotProvider>
        </SessionProvider>
      </I18nextProvider>
    </QueryClientProvider>,
  );
  await stream.allReady;
  return new Response(stream).text();
}

/** The accessible names of its buttons. */
const chips = (html: string): string[] =>
  [...html.matchAll(/<button[^>]* aria-label="([^"]*)"/g)].map(([, name]) => name!);
const words = (html: string): string =>
  html
    .replace(/<(script|template|svg)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, '')
    .trim();

test('numbers are chips with whose they are, the words around them stay', async () => {
  const html = await draw('Ring 04 91 22 33 44, or +351 210 000 000, or 00221 77 123 45 67, or ext. 12!', {
    holders: {
      '+33491223344': { is: 'card', contactId: bob, name: 'Pilot station' },
      '+351210000000': { is: 'nobody' },
      '+221771234567': { is: 'person', personId: bob, name: 'Bob' },
      '12': { is: 'nobody' },
    },
  });
  expect(chips(html)).toEqual([
    'Pilot station, +33 4 91 22 33 44',
    '+351 21 000 0000',
    'Bob, +221 77 123 45 67',
  ]);
  expect(words(html)).toContain('Ring Pilot station, or +351 21 000 0000, or Bob, or ext. 12!');
});

test('a text stays what it is without numbers, before it is known whose they are, and for who is not signed in', async () => {
  for (const [text, more] of [
    ['the tide of 23/11/2026 at 14:30', {}],
    ['+33 4 91 22 33 44 < > &', {}],
    ['+33 4 91 22 33 44', { signedIn: false, holders: { '+33491223344': { is: 'nobody' as const } } }],
  ] as const) {
    const html = await draw(text, more);
    expect(chips(html)).toEqual([]);
    expect(html).toContain(
      text.replace('<', '&lt;').replace('>', '&gt;').replace(' &', ' &amp;').slice(0, 17),
    );
  }
});

test('a link that dials keeps the words of its writer, unless they are a number themselves', async () => {
  const link = 'tel:+33491223344';
  const number = '+33 4 91 22 33 44';
  for (const [holder, name] of [
    [{ is: 'nobody' }, number],
    [{ is: 'card', contactId: bob, name: 'Pilot station' }, `Pilot station, ${number}`],
    [{ is: 'person', personId: bob, name: 'Bob' }, `Bob, ${number}`],
  ] as const) {
    const said = await draw('the 2 pilots', { link, holders: { '+33491223344': holder } });
    expect([chips(said), words(said)]).toEqual([[`the 2 pilots, ${name}`], 'the 2 pilots']);
    for (const bare of ['04 91 22 33 45', link]) {
      const drawn = await draw(bare, { link, holders: { '+33491223344': holder } });
      expect([chips(drawn), words(drawn)]).toEqual([[name], name.replace(`, ${number}`, '')]);
    }
  }
  for (const [href, more] of [
    ['tel:+12', {}],
    ['tel:+33491223344;x', {}],
    ['tel:+33491223344', { signedIn: false }],
  ] as const) {
    const html = await draw('her', { link: href, holders: { '+33491223344': { is: 'nobody' } }, ...more });
    expect(chips(html)).toEqual([]);
    expect(html).toContain(`<a href="${href}">her</a>`);
  }
});

test('a number alone is written as it is for those abroad, and in one piece where nobody knows', async () => {
  const drawn = async (fills: Parameters<typeof SlotProvider>[0]['fills']): Promise<string> => {
    const stream = await renderToReadableStream(
      <SlotProvider fills={fills}>
        <NumberText number="+447700900102" />
      </SlotProvider>,
    );
    await stream.allReady;
    return words(await new Response(stream).text());
  };
  expect(await drawn([fill(numberText, { component: ShownNumber })])).toBe('+44 7700 900102');
  expect(await drawn([])).toBe('+447700900102');
});
