import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shot } from './capture.ts';

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Writes `index.html`: every picture, one screen under the other, with what is wrong; and `shots.json` for programs. */
export async function writeContactSheet(folder: string, shots: readonly Shot[]): Promise<string> {
  const byScreen = Map.groupBy(shots, ({ screen }) => screen);
  const rows = [...byScreen].map(([screen, taken]) => {
    const figures = taken.map((shot) => {
      const says = `${shot.content} · ${shot.language} · ${shot.width} · ${shot.scheme}`;
      const list = (lines: readonly string[], kind: string): string =>
        lines.length === 0
          ? ''
          : `<ul class="${kind}">${lines.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`;
      return `<figure data-width="${shot.width}" ${shot.faults.length > 0 ? 'data-faulty' : ''}>
<a href="${shot.file}"><img loading="lazy" src="${shot.file}" alt="${escaped(screen)}, ${says}"></a>
<figcaption>${says}${list(shot.faults, 'faults')}${list(shot.notes, 'notes')}</figcaption></figure>`;
    });
    return `<h2 id="${screen}">${screen}</h2><div class="shots">${figures.join('\n')}</div>`;
  });
  const faulty = shots.filter(({ faults }) => faults.length > 0).length;
  const file = join(folder, 'index.html');
  await writeFile(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Screens</title><style>
body{font:14px/1.4 system-ui;margin:24px;background:#f4f6f6;color:#14282d}
.shots{display:flex;flex-wrap:wrap;gap:16px;align-items:start}
figure{margin:0;width:480px}figure[data-width="390"]{width:220px}
img{width:100%;border:1px solid #c9d3d5;background:#fff}
figure[data-faulty] img{border:2px solid #b01f4c}
ul{margin:4px 0;padding-left:16px}.faults{color:#b01f4c}.notes{color:#5a7379;font-size:12px}
</style><h1>${shots.length} pictures of ${byScreen.size} screens, ${faulty} with a fault</h1>
<p>${[...byScreen.keys()].map((screen) => `<a href="#${screen}">${screen}</a>`).join(' ')}</p>
${rows.join('\n')}</html>\n`,
  );
  await writeFile(join(folder, 'shots.json'), JSON.stringify(shots, null, 1));
  return file;
}
