import type { CalendarImport, CalendarView, Occurrence } from '@liaison/calendar';
import { type Browser, chromium, type Page } from 'playwright-core';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { atMost, type Benchmark, type Row } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';

const appointments = 10_000;
/** As many as a file may have. */
const ofFile = 5000;
/** They lie in so many days around today. */
const spread = 360;
const dayMs = 86_400_000;
const goalMs = 100;
/** The list is scrolled for so long, by so much a frame. */
const scrollMs = 4000;
const scrollPx = 40;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const part = (values: readonly number[], at: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))] ??
  Number.NaN;

/**
 * One calendar with 10,000 appointments, taken in from files, and a series of each day that began five years ago and goes on for
 * five more: what a week, a month and the list cost over HTTP and in Chromium.
 */
export const calendar: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('calendar');
  try {
    const { people } = await seedInstallation(folder, { people: 2 });
    const cookie = people[1]!.cookie;
    const server = await startServer({ dataFolder: folder, pin: false });
    try {
      const ask = async <Body>(method: string, path: string, body?: string | object): Promise<Body> => {
        const isText = typeof body === 'string';
        const answer = await fetch(`${server.url}/api/v1${path}`, {
          method,
          headers: {
            cookie,
            'sec-fetch-site': 'same-origin',
            ...(body === undefined
              ? {}
              : { 'content-type': isText ? 'application/octet-stream' : 'application/json' }),
          },
          ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
        });
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as Body;
      };
      const { rows: calendars } = await ask<{ rows: CalendarView[] }>('GET', '/calendar/calendars');
      const own = calendars.find(({ kind, isFirst }) => kind === 'personal' && isFirst)!;
      const importMs = await fill(ask, own.id, say);
      const today = Date.now();
      const start = dayOf(today - 5 * 365 * dayMs);
      await ask('POST', `/calendar/calendars/${own.id}/events`, {
        fields: {
          title: 'Gauge reading',
          place: '',
          note: '',
          rule: `FREQ=DAILY;UNTIL=${dayOf(today + 5 * 365 * dayMs).replaceAll('-', '')}`,
          times: {
            isAllDay: false,
            start: `${start}T07:00`,
            end: `${start}T07:15`,
            timeZone: 'Europe/Lisbon',
          },
        },
        mine: { isBusy: true, reminders: [], colour: null },
        invitees: [],
      });

      const rows: Row[] = [atMost(`${appointments} appointments taken in from files`, 's', importMs / 1000)];
      const windows: readonly (readonly [string, number, number])[] = [
        ['a week', 0, 7],
        ['a month (six weeks)', 0, 42],
        ['the list (thirty days)', 0, 30],
        ['a month four years ahead', 4 * 365, 42],
        ['a month four years ago', -4 * 365, 42],
      ];
      for (const [name, ahead, days] of windows) {
        const took: number[] = [];
        let found = 0;
        for (let at = -5; at < 20 * rounds; at += 1) {
          // Another window each time, so that none is answered from the one before.
          const from = today + (ahead + (at % 20) - 10) * dayMs;
          const query = `from=${new Date(from).toISOString()}&to=${new Date(from + days * dayMs).toISOString()}`;
          const began = performance.now();
          const body = await ask<{ rows: Occurrence[] }>('GET', `/calendar/occurrences?${query}`);
          // The first open connections and plans.
          if (at < 0) continue;
          took.push(performance.now() - began);
          found = body.rows.length;
        }
        say(
          `${name}: ${found} times, p50 ${part(took, 0.5).toFixed(1)}, p99 ${part(took, 0.99).toFixed(1)} ms`,
        );
        rows.push(atMost(`${name}, ${found} times: p50`, 'ms', part(took, 0.5)));
        rows.push(atMost(`${name}: p99`, 'ms', part(took, 0.99), goalMs));
      }
      rows.push(...(await inChromium(server.url, cookie, rounds, say)));
      return {
        rows,
        notes: [
          `${appointments} appointments in ${spread} days of one calendar and a series of each day over ten years; one request after the other over HTTP`,
          'In Chromium without a graphics card, signed in, 1440 x 900, files of the page in its cache: from the address to the first appointment drawn, and what two frames are apart while the list is scrolled by 40 px a frame.',
        ],
      };
    } finally {
      await server.stop();
    }
  } finally {
    await remove();
  }
};

async function fill(
  ask: <Body>(method: string, path: string, body?: string | object) => Promise<Body>,
  calendarId: string,
  say: (line: string) => void,
): Promise<number> {
  const zones = ['Europe/Lisbon', 'Africa/Dakar', 'Africa/Nairobi', 'America/Montevideo'];
  const first = Date.now() - (spread / 2) * dayMs;
  const began = performance.now();
  for (let from = 0; from < appointments; from += ofFile) {
    const events = Array.from({ length: ofFile }, (_, index) => {
      const at = from + index;
      const day = dayOf(first + (at % spread) * dayMs).replaceAll('-', '');
      const hour = String(8 + ((at * 7) % 10)).padStart(2, '0');
      return [
        'BEGIN:VEVENT',
        `UID:bench-${at}`,
        `DTSTART;TZID=${zones[at % zones.length]}:${day}T${hour}${at % 2 === 0 ? '00' : '30'}00`,
        `DURATION:PT${30 + (at % 3) * 15}M`,
        `SUMMARY:Appointment ${at}`,
        `LOCATION:Quay ${at % 12}`,
        'END:VEVENT',
      ].join('\r\n');
    });
    const file = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR', ''].join('\r\n');
    const { id } = await ask<CalendarImport>(
      'POST',
      `/calendar/calendars/${calendarId}/imports?fileName=bench.ics`,
      file,
    );
    await ask('POST', `/calendar/imports/${id}/start`);
    const until = performance.now() + 300_000;
    for (;;) {
      const stand = await ask<CalendarImport>('GET', `/calendar/imports/${id}`);
      if (stand.state === 'done' && stand.added === ofFile) break;
      if (stand.state !== 'running' || performance.now() > until) {
        throw new Error(`the import stands still: ${JSON.stringify(stand).slice(0, 500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    say(`${from + ofFile} appointments are in`);
  }
  return performance.now() - began;
}

async function inChromium(
  url: string,
  cookie: string,
  rounds: number,
  say: (line: string) => void,
): Promise<Row[]> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // Chromium's own sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    const page = await signedIn(browser, url, cookie);
    const rows: Row[] = [];
    for (const view of ['week', 'month', 'agenda']) {
      const shown: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const began = performance.now();
        await page.goto(`${url}/calendar?view=${view}`);
        await page
          .getByRole('button', { name: /^Appointment \d/ })
          .first()
          .waitFor();
        // The first one brings the files.
        if (round > 0) shown.push(performance.now() - began);
      }
      say(`${view}: shown after ${part(shown, 0.5).toFixed(0)} ms`);
      rows.push(atMost(`${view} in Chromium, from the address to its appointments`, 'ms', part(shown, 0.5)));
    }
    const frames = await scrolled(page);
    const slow = frames.filter((ms) => ms > 50).length;
    say(`list: ${frames.length} frames, p99 ${part(frames, 0.99).toFixed(0)} ms, ${slow} over 50 ms`);
    rows.push(atMost('frame of the list while it is scrolled: p50', 'ms', part(frames, 0.5), 17.5));
    rows.push(atMost('frame of the list: p99', 'ms', part(frames, 0.99), 50));
    return rows;
  } finally {
    await browser.close();
  }
}

async function signedIn(browser: Browser, url: string, cookie: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'block',
    locale: 'en-GB',
    timezoneId: 'Europe/Lisbon',
  });
  const at = cookie.indexOf('=');
  await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url }]);
  return context.newPage();
}

/** How long each frame took while the longest list of the page was scrolled down, and up where it ends. */
const scrolled = (page: Page): Promise<number[]> =>
  page.evaluate(
    ([lastsMs, byPx]) =>
      new Promise<number[]>((resolve) => {
        const boxes = [...document.querySelectorAll<HTMLElement>('*')].filter((each) =>
          /auto|scroll/.test(getComputedStyle(each).overflowY),
        );
        boxes.sort((a, b) => b.scrollHeight - a.scrollHeight);
        const list = boxes[0];
        if (!list) throw new Error('nothing can be scrolled');
        const frames: number[] = [];
        const began = performance.now();
        let last = began;
        let by: number = byPx;
        const step = (now: number) => {
          frames.push(now - last);
          last = now;
          const before = list.scrollTop;
          list.scrollTop += by;
          if (list.scrollTop === before) by = -by;
          if (now - began < lastsMs) requestAnimationFrame(step);
          else resolve(frames.slice(1));
        };
        requestAnimationFrame(step);
      }),
    [scrollMs, scrollPx] as const,
  );
