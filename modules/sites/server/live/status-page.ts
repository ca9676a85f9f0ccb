import { createHash } from 'node:crypto';
import type { Http } from '@liaison/core/http';
import { statusParts } from '../../contract/installation.ts';
import en from '../strings/status.en.json' with { type: 'json' };
import es from '../strings/status.es.json' with { type: 'json' };
import fr from '../strings/status.fr.json' with { type: 'json' };
import pt from '../strings/status.pt.json' with { type: 'json' };
import type { PartDay, Status, StatusNow } from './status.ts';

const texts = { en, fr, es, pt } as const;
type Language = keyof typeof texts;
/** Whose habits dates are written in, as on all pages. */
const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR', es: 'es-ES', pt: 'pt-PT' };
const shownDays = 90;
/** A minute that has just passed is not missing yet. */
const countedWithinMinutes = 5;

// The tokens of the design system that this page needs: it stands for itself when nothing else does.
const style = `:root{color-scheme:light dark;--page:light-dark(#fff,#191f21);--chrome:light-dark(#e6ebeb,#0c1011);
--border:light-dark(#dfe5e5,#2a3436);--text:light-dark(#131a1b,#e9eeee);--text-2:light-dark(#465254,#b7c2c3);
--good:light-dark(#0c8a63,#3ecb9b);--good-text:light-dark(#08684a,#5fdcb0);--bad:light-dark(#b01f4c,#ff7499);
--bad-text:light-dark(#9b1a42,#ff8dac);--none:light-dark(#d3dada,#333e40);--accent-text:light-dark(#0a5a6e,#74cbde)}
*{box-sizing:border-box}
body{margin:0;background:var(--chrome);color:var(--text);font:1rem/1.5 "Hanken Grotesk Variable",system-ui,sans-serif}
header{display:flex;align-items:center;gap:.6rem;max-width:46rem;margin:0 auto;padding:1.25rem 1.5rem;font-weight:650;font-size:1.1rem}
header svg{width:1.75rem;color:var(--accent-text)}
main{max-width:46rem;margin:0 auto 3rem;padding:2.5rem;background:var(--page);border:1px solid var(--border);border-radius:.75rem}
h1{margin:0 0 .5rem;font-size:1.75rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:0;font-size:1.1rem}
p{margin:0 0 1.5rem}
ul{list-style:none;margin:0;padding:0;border-top:1px solid var(--border)}
.part{padding:1rem 0;border-bottom:1px solid var(--border)}
.head{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem}
.state{display:inline-flex;align-items:center;gap:.5rem;font-weight:600}
.state::before{content:"";width:.7rem;height:.7rem;border-radius:50%;background:currentColor}
.good{color:var(--good-text)}.bad{color:var(--bad-text)}
.bad::before{border-radius:.1rem}
.note{color:var(--text-2);font-size:.9rem;margin:.5rem 0 0}
svg.days{display:block;width:100%;height:1.75rem;margin-top:.75rem}
.up{fill:var(--good)}.down{fill:var(--bad)}.none{fill:var(--none)}
a{color:var(--accent-text)}
:focus-visible{outline:2px solid var(--accent-text);outline-offset:2px}
@media (max-width:40rem){main{margin:0;padding:1.5rem;border:0;border-radius:0}}
`;
const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`;

const mark =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2.6"><path d="M11 16h8.5"/><circle cx="25" cy="16" r="4.6"/></g><circle cx="6.5" cy="16" r="5" fill="currentColor"/></svg>';

/** The first language of theirs that we have; English for everybody else. Bounded by what a header may have. */
export function languageOf(accepted: string | undefined): Language {
  const wanted = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((part, at) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((each) => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find(Boolean);
      return {
        language: tag.split('-')[0] ?? '',
        quality: quality === undefined ? 1 : Number(quality) || 0,
        at,
      };
    })
    .filter(({ language, quality }) => Object.hasOwn(texts, language) && quality > 0)
    .sort((a, b) => b.quality - a.quality || a.at - b.at);
  return (wanted[0]?.language as Language | undefined) ?? 'en';
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Exported for its test. */
export function statusHtml(status: StatusNow, language: Language): string {
  const strings = texts[language];
  const t = (key: keyof typeof strings, values: Record<string, string> = {}): string =>
    escaped(strings[key].replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => values[name] ?? ''));
  const date = new Intl.DateTimeFormat(locales[language], {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const dateTime = new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const percent = new Intl.NumberFormat(locales[language], { style: 'percent', maximumFractionDigits: 2 });
  const isWell = status.parts.every(({ up }) => up);

  const dayText = ({ downMinutes }: PartDay, day: Date, unwatched: number): string => {
    const how =
      downMinutes > 0
        ? t('dayDown', { day: date.format(day), minutes: String(downMinutes) })
        : t(unwatched > 0 ? 'dayWatched' : 'dayWell', { day: date.format(day) });
    return unwatched > 0 ? `${how}, ${t('unwatched', { minutes: String(unwatched) })}` : how;
  };
  const bars = (days: readonly PartDay[]): string => {
    const known = new Map(days.map((each) => [each.day, each]));
    const today = Date.parse(status.at.toISOString().slice(0, 10));
    return Array.from({ length: shownDays }, (_, at) => {
      const day = new Date(today - (shownDays - 1 - at) * 86_400_000);
      const seen = known.get(day.toISOString().slice(0, 10));
      const watched = (seen?.upMinutes ?? 0) + (seen?.downMinutes ?? 0);
      const kind = watched === 0 ? 'none' : seen !== undefined && seen.downMinutes > 0 ? 'down' : 'up';
      // Of today as much as is over; the last minutes are still being counted.
      const over = Math.min(1440, Math.floor((status.at.getTime() - day.getTime()) / 60_000));
      const unwatched = over - watched < countedWithinMinutes ? 0 : over - watched;
      const title =
        seen === undefined || watched === 0 ? '' : `<title>${dayText(seen, day, unwatched)}</title>`;
      return `<rect class="${kind}" x="${at * 4}" width="3" height="28">${title}</rect>`;
    }).join('');
  };
  const history = (days: readonly PartDay[]): string => {
    const upMinutes = days.reduce((sum, each) => sum + each.upMinutes, 0);
    const all = days.reduce((sum, each) => sum + each.upMinutes + each.downMinutes, 0);
    if (all === 0) return `<p class="note">${t('unknown')}</p>`;
    // Never rounded up to all of it.
    const share = Math.floor((upMinutes / all) * 10_000) / 10_000;
    return `<svg class="days" viewBox="0 0 360 28" preserveAspectRatio="none" aria-hidden="true">${bars(days)}</svg>
<p class="note">${t('there', { percent: percent.format(share) })}</p>`;
  };
  const parts = statusParts
    .map((part) => status.parts.find((each) => each.part === part))
    .filter((each) => each !== undefined)
    .map(
      ({ part, up, days }) => `<li class="part"><div class="head"><h2>${t(part)}</h2>
<span class="state ${up ? 'good' : 'bad'}">${t(up ? 'works' : 'down')}</span></div>
${history(days)}</li>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${t('title')}</title><style>${style}</style></head>
<body><header>${mark}Liaison</header>
<main><h1>${t('title')}</h1>
<p>${t(isWell ? 'allWell' : 'someDown')}</p>
<ul>
${parts}
</ul>
<p class="note">${t('checked', { when: dateTime.format(status.at) })} <a href="/">${t('home')}</a></p>
</main></body></html>`;
}

/**
 * `/status`: whether signing in, chat, calls and pages work, for everybody, without script and without a word about who is here. What
 * is found out is kept for some seconds and drawn once for each language, so that a crowd costs nothing.
 */
export function serveStatusPage(http: Pick<Http, 'fastify'>, status: Status): void {
  const drawn = new Map<Language, { readonly of: StatusNow; readonly html: string }>();
  http.fastify.get('/status', async (request, reply) => {
    const language = languageOf(request.headers['accept-language']);
    const now = await status.now();
    let page = drawn.get(language);
    if (page?.of !== now) {
      page = { of: now, html: statusHtml(now, language) };
      drawn.set(language, page);
    }
    return reply
      .header(
        'content-security-policy',
        `default-src 'none'; style-src '${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      )
      .header('cache-control', 'public, max-age=5')
      .header('vary', 'accept-language')
      .type('text/html; charset=utf-8')
      .send(page.html);
  });
}
