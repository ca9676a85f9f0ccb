import sharp from 'sharp';

/** What somebody of the demo sends along. */
export interface DemoSentFile {
  readonly name: string;
  readonly mediaType: string;
  make(): Promise<Buffer>;
}

const hours = Array.from({ length: 25 }, (_, at) => at * 3);
const swellAt = (hour: number): number => 1.5 - hour / 75 + 0.22 * Math.sin(hour / 5);
const x = (hour: number): number => 90 + hour * 14;
const y = (metres: number): number => 560 - metres * 260;
const line = hours.map((hour) => `${x(hour)} ${y(swellAt(hour)).toFixed(0)}`).join(' L');

const swell = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1160 640" width="1160" height="640" font-family="sans-serif">
<rect width="1160" height="640" fill="#fff"/>
<rect x="${x(42)}" y="60" width="${x(72) - x(42)}" height="500" fill="#dcefe6"/>
${[0, 0.4, 0.8, 1.2, 1.6].map((metres) => `<path d="M90 ${y(metres)} H1110" stroke="#dfe6e8" stroke-width="2"/><text x="34" y="${y(metres) + 8}" font-size="22" fill="#5a7379">${metres.toFixed(1)}</text>`).join('')}
<path d="M90 ${y(0.8)} H1110" stroke="#c9480c" stroke-width="3" stroke-dasharray="9 9"/>
<path d="M${line} L${x(72)} 560 L${x(0)} 560 Z" fill="#0b6379" fill-opacity=".14"/>
<path d="M${line}" fill="none" stroke="#0b6379" stroke-width="5" stroke-linejoin="round"/>
${['dim.', 'lun.', 'mar.', 'mer.'].map((day, at) => `<text x="${x(at * 24) - 4}" y="602" font-size="24" fill="#12191a">${day}</text>`).join('')}
<text x="90" y="38" font-size="26" fill="#12191a">Leixal, houle (m)</text></svg>`;

export const swellForecast: DemoSentFile = {
  name: 'houle-leixal.png',
  mediaType: 'image/png',
  make: () => sharp(Buffer.from(swell)).png().toBuffer(),
};

/** High and low water of some days, by a moon that is near enough. */
export const tideTable: DemoSentFile = {
  name: 'tides-leixal.csv',
  mediaType: 'text/csv',
  make: async () => {
    const rows = Array.from({ length: 56 }, (_, at) => {
      const minutes = at * 373;
      const time = `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
      const metres = 2 + (at % 2 === 0 ? 1 : -1) * (1.2 + 0.5 * Math.cos(at / 9));
      return `${1 + Math.floor(minutes / 1440)},${time},${at % 2 === 0 ? 'high' : 'low'},${metres.toFixed(2)}`;
    });
    return Buffer.from(`day,time,water,metres\n${rows.join('\n')}\n`);
  },
};
