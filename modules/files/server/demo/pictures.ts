import sharp from 'sharp';

const width = 1200;
const height = 800;
const svg = (inside: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif">${inside}</svg>`;
const each = (count: number, draw: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => draw(at)).join('');

/** Arrows over the mouth of a river; `turn` says where the season carries them. */
const currents = (turn: number, sea: string): string =>
  svg(`<rect width="1200" height="800" fill="${sea}"/>
${each(7, (at) => `<path d="M0 ${760 - at * 70} C 300 ${700 - at * 74}, 620 ${650 - at * 60}, 1200 ${470 - at * 66}" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="2"/>`)}
<path d="M820 0 L1200 0 L1200 360 C1090 400 1010 330 930 350 C860 360 850 260 880 190 Z" fill="#e9e2cf"/>
<path d="M0 0 L470 0 C450 90 360 120 300 190 C220 270 90 250 0 300 Z" fill="#e9e2cf"/>
<rect x="884" y="196" width="150" height="18" fill="#8d8670" transform="rotate(24 884 196)"/>
${each(54, (at) => {
  const x = 90 + (at % 9) * 118;
  const y = 380 + Math.floor(at / 9) * 68;
  const angle = turn + Math.sin(x / 170 + y / 90) * 26;
  const long = 26 + Math.cos(y / 80 + x / 300) * 14;
  return `<g transform="translate(${x} ${y}) rotate(${angle.toFixed(1)})"><path d="M0 0 h${long.toFixed(0)} m-9 -6 l9 6 l-9 6" fill="none" stroke="#0b3f4d" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></g>`;
})}`);

const tides = svg(`<rect width="1200" height="800" fill="#fff"/>
${each(9, (at) => `<path d="M90 ${110 + at * 70} H1140" stroke="#dfe6e8" stroke-width="2"/><text x="34" y="${118 + at * 70}" font-size="22" fill="#5a7379">${((4 - at) * 0.5 + 2).toFixed(1)}</text>`)}
<path d="M90 390 ${each(210, (at) => `L${90 + at * 5} ${(390 - Math.sin(at / 8.3) * (150 + 90 * Math.cos(at / 66))).toFixed(1)} `)}" fill="none" stroke="#0b6379" stroke-width="5"/>
<path d="M90 404 ${each(210, (at) => `L${90 + at * 5} ${(404 - Math.sin(at / 8.3 - 0.18) * (139 + 84 * Math.cos(at / 66))).toFixed(1)} `)}" fill="none" stroke="#c9480c" stroke-width="3" stroke-dasharray="9 9"/>
<text x="90" y="60" font-size="30" fill="#12191a">Leixal, m</text>`);

const harbour =
  svg(`<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8fc1cf"/><stop offset="1" stop-color="#f6dcb8"/></linearGradient>
<linearGradient id="sea" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#4f97a8"/><stop offset="1" stop-color="#0d4655"/></linearGradient></defs>
<rect width="1200" height="330" fill="url(#sky)"/><rect y="320" width="1200" height="480" fill="url(#sea)"/>
<path d="M0 330 L180 262 L330 306 L520 240 L760 318 L960 276 L1200 330 Z" fill="#587a72"/>
${each(26, (at) => `<path d="M${(at * 173) % 1160} ${370 + at * 16} h${40 + ((at * 37) % 80)}" stroke="#fff" stroke-opacity=".22" stroke-width="3" stroke-linecap="round"/>`)}
<path d="M690 420 L1200 372 L1200 520 L760 480 Z" fill="#b9ae96"/><path d="M690 420 L760 480 L760 510 L690 446 Z" fill="#8d8670"/>
${each(4, (at) => `<g transform="translate(${800 + at * 96} ${404 - at * 8})"><rect width="58" height="46" fill="${['#b6532d', '#0b6379', '#d9b44a', '#5a7379'][at]}"/><path d="M0 23 H58" stroke="#0003" stroke-width="3"/></g>`)}
${each(3, (at) => `<g transform="translate(${180 + at * 190} ${520 + at * 56})"><path d="M0 0 h150 l-22 40 h-106 z" fill="${['#f4f1e8', '#c9480c', '#12191a'][at]}"/><rect x="52" y="-34" width="46" height="34" fill="#f4f1e8"/><path d="M75 -34 v-54" stroke="#12191a" stroke-width="5"/></g>`)}`);

const gauge =
  svg(`<rect width="1200" height="800" fill="#9fb9b3"/><rect y="520" width="1200" height="280" fill="#2c6a78"/>
<rect x="0" y="120" width="330" height="680" fill="#8f8878"/><path d="M0 190 H330 M0 310 H330 M0 430 H330 M0 560 H330" stroke="#6f6959" stroke-width="5"/>
<rect x="520" y="60" width="150" height="640" fill="#fdfbf3"/>
${each(32, (at) => `<rect x="520" y="${60 + at * 20}" width="${at % 5 === 0 ? 150 : 64}" height="10" fill="${at % 10 < 5 ? '#c4281c' : '#12191a'}"/>`)}
${each(4, (at) => `<text x="600" y="${108 + at * 200}" font-size="40" fill="#12191a">${4 - at}</text>`)}
<rect x="760" y="150" width="210" height="260" rx="14" fill="#e6e9e4"/><circle cx="865" cy="235" r="52" fill="#0b6379"/><path d="M865 410 V720" stroke="#12191a" stroke-width="9"/>
${each(9, (at) => `<path d="M${at * 140} ${560 + (at % 3) * 60} q35 -18 70 0 t70 0" fill="none" stroke="#fff" stroke-opacity=".4" stroke-width="5"/>`)}`);

const mooring =
  svg(`<rect width="1200" height="800" fill="#f6f8f7"/><rect y="170" width="1200" height="510" fill="#d7e8ec"/><rect y="680" width="1200" height="120" fill="#c9bda2"/>
${each(2, (at) => `<g transform="translate(${360 + at * 430} 0)"><ellipse cx="0" cy="166" rx="62" ry="26" fill="#d9b44a"/><path d="M0 140 v-70 m-26 22 h52" stroke="#12191a" stroke-width="6"/><path d="M0 190 C 40 330 -34 480 10 664" fill="none" stroke="#12191a" stroke-width="5"/><rect x="-28" y="392" width="46" height="74" rx="10" fill="#0b6379"/><rect x="-46" y="656" width="112" height="36" fill="#5a7379"/><text x="44" y="440" font-size="28" fill="#12191a">${at === 0 ? 'C1 · 12 m' : 'C2 · 18 m'}</text></g>`)}
<path d="M360 730 H790" stroke="#12191a" stroke-width="3"/><text x="520" y="770" font-size="28" fill="#12191a">420 m</text>`);

/** The demo's pictures, drawn when it is filled. */
export const pictures = {
  summer: () => drawn(currents(-24, '#5aa7b8')),
  winter: () => drawn(currents(58, '#3d7f96')),
  tides: () => drawn(tides),
  harbour: () => taken(harbour),
  gauge: () => taken(gauge),
  mooring: () => drawn(mooring),
} as const;

const drawn = (picture: string): Promise<Buffer> =>
  sharp(Buffer.from(picture)).png({ palette: true, compressionLevel: 6, effort: 1 }).toBuffer();
const taken = (picture: string): Promise<Buffer> =>
  sharp(Buffer.from(picture)).jpeg({ quality: 82 }).toBuffer();
