import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';

/**
 * Draws the mark as the icons that installed apps and browsers' tabs show, into `public/icons`. Run it by hand when the
 * mark changes: `node apps/web/icons/render.ts`. The results are committed.
 */

const petrol = '#0b6379';
const folder = new URL('../public/icons/', import.meta.url);

/** The mark, white, in its 32 by 32 box: as `Mark` of the design system draws it. */
const mark = `<circle cx="6.5" cy="16" r="5" fill="#fff"/><path d="M11 16h8.5" stroke="#fff" stroke-width="2.6"/><circle cx="25" cy="16" r="4.6" fill="none" stroke="#fff" stroke-width="2.6"/>`;

/** `share` of the icon's width is the mark; `radius` rounds the field behind it, in hundredths of the width. */
const icon = (share: number, radius: number, more = ''): string => {
  const inset = (100 - 100 * share) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><title>Liaison</title><rect width="100" height="100" rx="${radius}" fill="${petrol}"/><g transform="translate(${inset} ${inset}) scale(${share * 3.125})">${mark}</g>${more}</svg>\n`;
};

/** Something is unread. */
const dot = '<circle cx="80" cy="20" r="20" fill="#fff"/><circle cx="80" cy="20" r="15" fill="#c9480c"/>';

const write = (name: string, content: string | Uint8Array): Promise<void> =>
  writeFile(new URL(name, folder), content);
const png = (svg: string, size: number): Promise<Buffer> =>
  sharp(Buffer.from(svg), { density: 600 }).resize(size, size).png({ compressionLevel: 9 }).toBuffer();

await write('mark.svg', icon(0.78, 22));
await write('mark-new.svg', icon(0.78, 22, dot));
await write('192.png', await png(icon(0.7, 22), 192));
await write('512.png', await png(icon(0.7, 22), 512));
// Launchers cut these to their own shape; everything within the middle 80 % stays (W3C App Manifest, "maskable").
await write('maskable-512.png', await png(icon(0.56, 0), 512));
await write('apple-180.png', await png(icon(0.66, 0), 180));
// What stands for the app in a telephone's bar: only its shape counts.
await write(
  'badge-96.png',
  await png(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Liaison</title>${mark}</svg>\n`,
    96,
  ),
);
