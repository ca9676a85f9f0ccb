import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { Markdown } from './markdown.tsx';

const draw = (text: string): string =>
  renderToStaticMarkup(
    <Markdown
      text={text}
      labels={{ apart: '(opens apart)', table: 'Table', done: 'Done:', open: 'To do:' }}
      mention={(id, name) => <b data-person={id}>{name}</b>}
    />,
  );

/** Without the classes, whose names the bundler makes. */
const plain = (text: string): string => draw(text).replace(/ class="[^"]*"/g, '');

const njeri = '0198c6f0-0000-7000-8000-000000000001';

const allowedTags =
  /^(?:div|p|span|strong|em|s|a|code|pre|ul|ol|li|blockquote|br|hr|b|table|thead|tbody|tr|th|td)$/;
const allowedAttributes =
  /^(?:class|href|target|rel|start|tabindex|data-person|data-align|data-done|role|aria-label|scope)$/;

/** Reads the drawn markup back and names everything in it that a message must not become. */
function faults(html: string): string[] {
  const found: string[] = [];
  for (const [, tag, rest] of html.matchAll(/<\/?([a-z0-9-]+)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/gi)) {
    if (!allowedTags.test(tag!)) found.push(`<${tag}>`);
    for (const [, name, value] of rest!.matchAll(/\s([^\s=>]+)(?:="([^"]*)")?/g)) {
      if (!allowedAttributes.test(name!)) found.push(`${name}=`);
      if (name === 'href' && !/^(?:https?:|mailto:|tel:|sips?:)/.test(value!)) found.push(`href ${value}`);
      if (name === 'target' && !/rel="noopener noreferrer/.test(rest!)) found.push('target without rel');
    }
  }
  // Outside of tags no angle bracket may be left.
  if (/[<>]/.test(html.replace(/<\/?[a-z0-9-]+(?:\s+[^\s=>]+(?:="[^"]*")?)*\s*\/?>/gi, '')))
    found.push('a stray bracket');
  return found;
}

describe('what people write', () => {
  test('is drawn with its marks', () => {
    expect(plain('**a** *b* `c` ~~d~~')).toBe(
      '<div><p><strong>a</strong> <em>b</em> <code>c</code> <s>d</s></p></div>',
    );
    expect(plain('- one\n- two')).toBe(
      '<div><ul><li><span>one</span></li><li><span>two</span></li></ul></div>',
    );
    expect(draw('```\nlet x = "<b>";\n```')).toContain(
      '<pre tabindex="0"><code>let x = &quot;&lt;b&gt;&quot;;</code></pre>',
    );
    expect(plain('one\ntwo')).toBe('<div><p>one<br/>two</p></div>');
    expect(draw('> said')).toContain('<blockquote><p>said</p></blockquote>');
  });

  test('names people in the middle of a sentence', () => {
    expect(plain(`Ask @[Njeri Wambuto](person:${njeri}) today`)).toBe(
      `<div><p>Ask <span><b data-person="${njeri}">Njeri Wambuto</b></span> today</p></div>`,
    );
    expect(draw(`**@[N](person:${njeri})**`)).toContain(
      `<strong><span><b data-person="${njeri}">N</b></span></strong>`,
    );
  });

  test('has emoji for shortcodes, but not in code, where they are escaped and in addresses', () => {
    expect(plain('so **:tada:** :+1:')).toBe('<div><p>so <strong>🎉</strong> 👍</p></div>');
    expect(plain('`:x:` \\:x: :no_such:')).toBe('<div><p><code>:x:</code> :x: :no_such:</p></div>');
    expect(draw('https://estuaria.example/:x:')).toContain('href="https://estuaria.example/:x:"');
  });

  test('mentions nobody by something else than an id', () => {
    expect(draw('@[Njeri](person:javascript:alert(1))')).not.toContain('data-person');
    expect(draw('`@[N](person:0198c6f0-0000-7000-8000-000000000001)`')).not.toContain('data-person');
  });

  test('is handed on where it is words, and not in code or in a link, but for one that dials', () => {
    const drawn = renderToStaticMarkup(
      <Markdown
        text={'**+1** and `+2`, [+3](https://estuaria.example/) or [her](tel:+4)\n- +5'}
        labels={{ apart: '', table: '', done: '', open: '' }}
        mention={(_id, name) => name}
        words={(text, link) => <i>{link ? `${text} by ${link}` : text}</i>}
      />,
    );
    expect([...drawn.matchAll(/<i>(.*?)<\/i>/g)].map(([, words]) => words)).toEqual([
      '+1',
      ' and ',
      ', ',
      ' or ',
      'her by tel:+4',
      '+5',
    ]);
  });

  test('links open apart and tell nothing', () => {
    expect(draw('see https://estuaria.example/a')).toContain(
      'href="https://estuaria.example/a" target="_blank" rel="noopener noreferrer nofollow ugc"',
    );
    expect(draw('[x](javascript:alert(1))')).not.toContain('<a');
    expect(draw('[x](data:text/html,x)')).not.toContain('<a');
    expect(draw('[x](/api/v1/people)')).not.toContain('<a');
  });

  test('pictures from elsewhere are not loaded', () => {
    expect(draw('![x](https://elsewhere.example/p.png)')).not.toContain('<img');
  });
});

describe('tables', () => {
  test('have columns with headers and their alignment, and marks and links within', () => {
    const html = plain('| Pier | cm |\n|:--|--:|\n| **North** | 40 |\n| <b> | |');
    expect(html).toBe(
      '<div><div role="group" aria-label="Table" tabindex="0"><table><thead><tr><th scope="col">Pier</th>' +
        '<th scope="col" data-align="right">cm</th></tr></thead><tbody><tr><td><strong>North</strong></td>' +
        '<td data-align="right">40</td></tr><tr><td>&lt;b&gt;</td><td data-align="right"></td></tr></tbody></table></div></div>',
    );
  });

  test('that are too wide stay text, and the rows that are too many stand below', () => {
    const wide = `|${'a|'.repeat(21)}\n|${'-|'.repeat(21)}\n|${'b|'.repeat(21)}`;
    expect(draw(wide)).not.toContain('<table>');
    expect(draw(wide)).toContain(`|${'b|'.repeat(21)}`);
    const rows = Array.from({ length: 1_500 }, (_, n) => `r${n}|x`);
    const html = draw(`a|b\n-|-\n${rows.join('\n')}`);
    expect(html.match(/<t[hd][ >]/g)!.length).toBeLessThanOrEqual(2_000);
    for (const n of [0, 900, 1_499]) expect(html).toContain(`r${n}`);
  });

  test('together have no more cells than one', () => {
    const one = `|${'a|'.repeat(20)}\n|${'-|'.repeat(20)}\n${'|\n'.repeat(150)}\n\n`;
    const html = draw(one.repeat(40).slice(0, 20_000));
    expect(html.match(/<t[hd][ >]/g)!.length).toBeLessThanOrEqual(2_000);
  });
});

test('tasks are marked as done or not, and only where they stand in a list', () => {
  expect(plain('- [x] read **it**\n- [ ] write\n- [y] no')).toBe(
    '<div><ul><li><span role="img" aria-label="Done:" data-done="true"></span><span>read <strong>it</strong></span></li>' +
      '<li><span role="img" aria-label="To do:"></span><span>write</span></li><li><span>[y] no</span></li></ul></div>',
  );
  expect(plain('1. [X] one')).toContain('aria-label="Done:"');
  expect(draw('[x] alone')).not.toContain('role="img"');
  expect(draw('- [x](https://estuaria.example/)')).not.toContain('role="img"');
});

test('nothing that anybody writes becomes more than text, marks and safe links', () => {
  const parts = fc.constantFrom(
    '<script>',
    '<img src=x onerror=alert(1)>',
    '](javascript:alert(1))',
    '[x',
    '![',
    '`',
    '```\n',
    '> ',
    '- ',
    '@[',
    `](person:${njeri})`,
    '&#x6a;avascript:',
    '<a href="',
    '"onmouseover="',
    '\u0000',
    '\n\n',
    '**',
    '&lt;',
    'https://',
    '|',
    '\n|-|-|\n',
    '\n- [x] ',
    ':x:',
    'x',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 6 })), { maxLength: 40 }), (words) => {
      expect(faults(draw(words.join('')))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('a hostile message of full length is drawn in time', () => {
  for (const piece of [
    '@[',
    '[',
    '*',
    '> ',
    '`',
    '- ',
    '![',
    '<',
    'http://a.',
    '**a _b ',
    '|',
    '|a|\n|-|\n',
    '- [ ] ',
    'a|b\n-|-\n|\n',
  ]) {
    const begun = performance.now();
    draw(piece.repeat(20_000 / piece.length));
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
});

const corpus = fileURLToPath(new URL('../../../../../shared/corpora/dompurify/expect.json', import.meta.url));

if (existsSync(corpus)) {
  test('the payloads of DOMPurify stay harmless', () => {
    const payloads = JSON.parse(readFileSync(corpus, 'utf8')) as { title?: string; payload: string }[];
    expect(payloads.length).toBeGreaterThan(100);
    const broken = payloads
      .map(({ title, payload }) => ({
        title: title ?? payload.slice(0, 60),
        found: faults(draw(payload.slice(0, 20_000))),
      }))
      .filter(({ found }) => found.length > 0);
    expect(broken).toEqual([]);
  });
} else {
  process.stderr.write(
    'not run: the payloads of DOMPurify stay harmless (shared/corpora/dompurify is not here)\n',
  );
}
