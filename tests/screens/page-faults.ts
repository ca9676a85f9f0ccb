import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Language } from '@liaison/people';
import type { Page } from 'playwright-core';
import { repository } from '../load/measure/server.ts';

/** All words of the pages, by language and then by `namespace:key`. */
export type WordsByLanguage = Readonly<Record<string, ReadonlyMap<string, string>>>;

type Strings = { readonly [key: string]: string | Strings };

function flattened(strings: Strings, before: string, into: Map<string, string>): void {
  for (const [key, value] of Object.entries(strings)) {
    const path = before + key;
    if (typeof value === 'string') into.set(path, value);
    else flattened(value, `${path}.`, into);
  }
}

/** Reads them from beside the pages, as the app does. */
export function readWords(): WordsByLanguage {
  const words: Record<string, Map<string, string>> = {};
  const files = ['modules/*/web/strings/*.json', 'apps/web/src/strings/*.json', 'core/web/strings/*.json'];
  for (const file of globSync(files, { cwd: repository })) {
    const [, part = '', language = ''] = /^(?:(.+)\.)?(\w\w)\.json$/.exec(basename(file)) ?? [];
    const [first = '', second = ''] = dirname(file).split('/');
    const namespace = part || (first === 'modules' ? second : first === 'apps' ? 'shell' : 'core');
    words[language] ??= new Map();
    flattened(JSON.parse(readFileSync(join(repository, file), 'utf8')), `${namespace}:`, words[language]);
  }
  return words;
}

/** What stands where words of this language should: keys, gaps that nothing filled, and sentences that stayed English. */
export function faultsOfTexts(
  texts: readonly string[],
  words: WordsByLanguage,
  language: Language,
): string[] {
  const english = words.en ?? new Map<string, string>();
  const own = words[language] ?? new Map<string, string>();
  const keys = new Set([...english.keys()].flatMap((key) => [key, key.slice(key.indexOf(':') + 1)]));
  const ours = new Set(own.values());
  const stayedEnglish = new Set(
    [...english]
      .filter(([key, text]) => text.split(' ').length > 2 && own.get(key) !== text && !ours.has(text))
      .map(([, text]) => text),
  );
  return texts.flatMap((text) => {
    if (text.includes('.') && keys.has(text)) return [`a key instead of words: ${text}`];
    if (/\{\{|\}\}|\[object |Invalid Date|\bNaN\b|\bundefined\b/.test(text))
      return [`a gap that nothing filled: ${text.slice(0, 80)}`];
    if (language !== 'en' && stayedEnglish.has(text)) return [`English on a page in ${language}: ${text}`];
    return [];
  });
}

interface Seen {
  readonly texts: string[];
  /** What the page and its parts have that is wider than they are. */
  readonly wide: string[];
  readonly cut: string[];
  readonly small: string[];
  readonly headings: number;
  readonly mains: number;
}

/** What is seen of a page without knowing it: its texts, and what does not fit. */
export function lookOver(page: Page): Promise<Seen> {
  return page.evaluate(() => {
    const seen = (element: Element): boolean => {
      const { width, height } = element.getBoundingClientRect();
      return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true });
    };
    const nameOf = (element: Element): string => {
      const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 60);
      const classes = [...element.classList].map((name) => name.replace(/^_|_\w+_\d+$/g, '')).join('.');
      return `${element.tagName.toLowerCase()}${classes ? `.${classes}` : ''} "${text}"`;
    };
    const texts = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = (node.textContent ?? '').trim();
      if (text && !['SCRIPT', 'STYLE'].includes(node.parentElement?.tagName ?? '')) texts.add(text);
    }
    const wide: string[] = [];
    const cut: string[] = [];
    const small: string[] = [];
    const across = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > across + 1)
      wide.push(`the page: ${document.documentElement.scrollWidth} px of ${across}`);
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
        const text = element.getAttribute(name);
        if (text) texts.add(text);
      }
      if (!seen(element)) continue;
      const style = getComputedStyle(element);
      const isWider = element.scrollWidth > element.clientWidth + 1;
      // A strip that is meant to be pushed sideways shows no bar; a part that is reachable with the keyboard may have one.
      const meantToScroll = element.tabIndex >= 0 || style.scrollbarWidth === 'none';
      if (isWider && /auto|scroll/.test(style.overflowX) && !meantToScroll)
        wide.push(`${nameOf(element)}: ${element.scrollWidth} px of ${element.clientWidth}`);
      if (isWider && style.textOverflow === 'ellipsis' && !element.closest('[title]'))
        cut.push(nameOf(element));
      if (across < 700 && element.matches('a[href], button, input, select, [role=button]')) {
        const { width, height } = element.getBoundingClientRect();
        const isInText = style.display === 'inline';
        if (!isInText && (height < 24 || width < 24) && !element.closest('label'))
          small.push(nameOf(element));
      }
    }
    return {
      texts: [...texts],
      wide,
      cut,
      small,
      headings: [...document.querySelectorAll('h1')].filter((each) => each.checkVisibility()).length,
      mains: [...document.querySelectorAll('main, [role=main]')].filter((each) => each.checkVisibility())
        .length,
    };
  });
}

declare global {
  interface Window {
    /** How often the page lost heading and main after it had been drawn. */
    wentBlank?: number;
  }
}

/** Begins before the page's own scripts, and sees every frame. */
export function watchForBlank(): void {
  let wasDrawn = false;
  let isBlank = false;
  window.wentBlank = 0;
  const look = (): void => {
    const isDrawn = [...document.querySelectorAll('main, [role=main], h1')].some((each) =>
      each.checkVisibility(),
    );
    if (wasDrawn && !isDrawn && !isBlank) window.wentBlank = (window.wentBlank ?? 0) + 1;
    isBlank = wasDrawn && !isDrawn;
    wasDrawn ||= isDrawn;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
