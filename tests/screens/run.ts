// npm run screenshots -- --out FOLDER [--only phone,chat] [--lang en,fr] [--width 390] [--scheme dark] [--content none] [--axe]
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Language, languages } from '@liaison/people';
import { openChromium } from '../testing/chromium.ts';
import { type Load, openCamera, type Shot, schemes, widths } from './capture.ts';
import { writeContactSheet } from './contact-sheet.ts';
import { type Content, contents, type Organisation, openOrganisation } from './organisations.ts';
import { readWords } from './page-faults.ts';
import { missingFrom } from './routes.ts';
import { type Screen, screens } from './screens.ts';

const usage = `npm run screenshots -- --out FOLDER [--only NAME,…] [--lang en,fr,es,pt] [--width 1440,390] [--scheme light,dark] [--content much,none] [--axe]

  Pictures of every page in an organisation with much and in one with nothing, and what is wrong with them. NAME is a screen
  or how several begin (--only admin); --axe asks about accessibility too. Ends with 1 when a page has a fault.
`;

/** A page at once on each core: more of them only wait for each other. */
const camerasAtOnce = 2;

interface Wanted {
  readonly folder: string;
  readonly screens: readonly Screen[];
  readonly languages: readonly Language[];
  readonly widths: readonly (typeof widths)[number][];
  readonly schemes: readonly (typeof schemes)[number][];
  readonly contents: readonly Content[];
  readonly axe: boolean;
}

function wanted(): Wanted {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      only: { type: 'string' },
      lang: { type: 'string' },
      width: { type: 'string' },
      scheme: { type: 'string' },
      content: { type: 'string' },
      axe: { type: 'boolean', default: false },
    },
  });
  const among = <Each extends string | number>(said: string | undefined, all: readonly Each[]): Each[] => {
    const named = said?.split(',');
    const unknown = named?.find((name) => !all.some((each) => String(each) === name));
    if (unknown !== undefined) throw new Error(`"${unknown}" is none of ${all.join(', ')}`);
    return all.filter((each) => named?.includes(String(each)) ?? true);
  };
  if (values.out === undefined) throw new Error('--out says into which folder');
  const only = values.only?.split(',');
  const shown = screens.filter(({ name }) => only?.some((each) => name.startsWith(each)) ?? true);
  if (shown.length === 0) throw new Error(`no screen is called ${values.only}`);
  return {
    folder: resolve(values.out),
    screens: shown,
    languages: among(values.lang, languages),
    widths: among(values.width, widths),
    schemes: among(values.scheme, schemes),
    contents: among(values.content, contents),
    axe: values.axe,
  };
}

async function photograph(options: Wanted): Promise<Shot[]> {
  const organisations: Organisation[] = [];
  const browser = await openChromium();
  const cameras = Array.from({ length: camerasAtOnce }, () =>
    openCamera(browser, { ...options, words: readWords() }),
  );
  const shots: Shot[] = [];
  const takeAll = async (loads: Load[]): Promise<void> => {
    await Promise.all(
      cameras.map(async (camera) => {
        for (let load = loads.shift(); load; load = loads.shift()) {
          for (const shot of await camera.take(load)) {
            shots.push(shot);
            for (const fault of shot.faults)
              process.stdout.write(
                `  ${shot.screen} · ${shot.content} ${shot.language} ${shot.width} ${shot.scheme} · ${fault}\n`,
              );
          }
        }
      }),
    );
  };
  try {
    for (const content of options.contents) organisations.push(await openOrganisation(content));
    for (const organisation of organisations) {
      const loads = (language: Language, before: boolean): Load[] =>
        options.widths.flatMap((width) =>
          options.screens
            .filter((screen) => (screen.beforeSetUp ?? false) === before)
            .filter(({ only }) => !only || only === (width < 700 ? 'narrow' : 'wide'))
            .filter(({ as }) => as !== 'member' || organisation.content === 'much')
            .map((screen) => ({ screen, organisation, language, width })),
        );
      if (organisation.setupToken !== undefined)
        for (const language of options.languages) await takeAll(loads(language, true));
      await organisation.setUp();
      for (const language of options.languages) {
        await organisation.speak(language);
        await takeAll(loads(language, false));
      }
    }
    return shots;
  } finally {
    for (const camera of cameras) await camera.close();
    await browser.close();
    for (const organisation of organisations) await organisation.stop();
  }
}

async function run(): Promise<number> {
  let options: Wanted;
  try {
    options = wanted();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  const shots = await photograph(options);
  const order = new Map(screens.map(({ name }, at) => [name, at]));
  shots.sort((a, b) => (order.get(a.screen) ?? 0) - (order.get(b.screen) ?? 0));
  const forgotten = missingFrom(shots.flatMap(({ links }) => links));
  for (const path of forgotten) process.stdout.write(`  ${path} · is linked, and no screen shows it\n`);
  const faulty = shots.filter(({ faults }) => faults.length > 0).length;
  const file = await writeContactSheet(options.folder, shots);
  process.stdout.write(`${shots.length} pictures, ${faulty} with a fault: ${file}\n`);
  return faulty === 0 && forgotten.length === 0 ? 0 : 1;
}

process.exitCode = await run();
