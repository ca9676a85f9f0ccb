/** How a drawn portrait looks; colours as `#rrggbb`. */
export interface Portrait {
  readonly skin: string;
  readonly hair: string;
  readonly clothes: string;
  readonly wall: string;
  readonly style: 'long' | 'bun' | 'short' | 'round' | 'scarf' | 'bob' | 'shaven';
  readonly beard?: boolean;
}

/** A colour towards black (below 1) or white (above 1). */
function shade(colour: string, factor: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const shaded = channels.map((value) =>
    Math.round(factor <= 1 ? value * factor : value + (255 - value) * (factor - 1)),
  );
  return `#${shaded.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** What lies behind the head, and what lies over it. */
function hairOf({ style, hair, clothes }: Portrait): { behind: string; above: string } {
  const fringe = `<path d="M40 58C36 22 92 22 88 58 86 46 78 40 72 37 62 44 47 44 40 58Z" fill="${hair}"/>`;
  const cap = `<path d="M40 54C36 24 92 24 88 54 87 46 84 41 80 39 70 43 58 38 48 40 43 43 41 47 40 54Z" fill="${hair}"/>`;
  switch (style) {
    case 'long':
      return { behind: `<path d="M34 62C30 16 98 16 94 62L97 108H31Z" fill="${hair}"/>`, above: fringe };
    case 'bob':
      return {
        behind: `<path d="M35 60C31 18 97 18 93 60L92 84C84 90 44 90 36 84Z" fill="${hair}"/>`,
        above: cap,
      };
    case 'bun':
      return {
        behind: `<circle cx="64" cy="20" r="12" fill="${hair}"/><path d="M38 58C34 22 94 22 90 58Z" fill="${hair}"/>`,
        above: `<path d="M41 54C40 28 88 28 87 54 84 42 76 37 64 37 52 37 44 42 41 54Z" fill="${hair}"/>`,
      };
    case 'round':
      return {
        behind: `<ellipse cx="64" cy="46" rx="36" ry="34" fill="${hair}"/>`,
        above: `<path d="M38 58C37 24 91 24 90 58 85 43 75 39 64 39 53 39 43 43 38 58Z" fill="${hair}"/>`,
      };
    case 'scarf':
      return {
        behind: `<path d="M34 64C30 12 98 12 94 64 96 86 104 98 108 108H20C26 98 32 86 34 64Z" fill="${shade(clothes, 0.85)}"/>`,
        above: `<path d="M38 62C34 20 94 20 90 62 88 46 80 40 64 40 48 40 40 46 38 62Z" fill="${shade(clothes, 1.08)}"/>`,
      };
    case 'shaven':
      return {
        behind: '',
        above: `<path clip-path="url(#head)" d="M38 52V24H90V52C84 40 75 38 64 38 53 38 44 40 38 52Z" fill="${hair}" opacity=".5"/>`,
      };
    case 'short':
      return { behind: `<path d="M39 62C36 20 92 20 89 62Z" fill="${hair}"/>`, above: cap };
  }
}

/** A portrait as SVG of 256 by 256: a head before a window, drawn with soft edges. */
export function drawPortrait(portrait: Portrait): string {
  const { skin, hair, clothes, wall, beard } = portrait;
  const { behind, above } = hairOf(portrait);
  const dark = shade(skin, 0.78);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="9 9 110 110">
<defs>
<linearGradient id="wall" x2="1" y2="1"><stop stop-color="${shade(wall, 1.35)}"/><stop offset="1" stop-color="${shade(wall, 0.86)}"/></linearGradient>
<linearGradient id="skin" x2="1" y2=".4"><stop offset=".3" stop-color="${skin}"/><stop offset="1" stop-color="${dark}"/></linearGradient>
<clipPath id="head"><path d="M41 56C41 28 87 28 87 56 87 76 77 90 64 90 51 90 41 76 41 56Z"/></clipPath>
<filter id="far"><feGaussianBlur stdDeviation="4"/></filter>
<filter id="near"><feGaussianBlur stdDeviation=".45"/></filter>
</defs>
<rect width="130" height="130" fill="url(#wall)"/>
<g filter="url(#far)"><rect x="6" y="4" width="30" height="60" fill="#fff" opacity=".4"/><rect x="102" y="0" width="20" height="96" fill="#000" opacity=".1"/></g>
<g filter="url(#near)">
${behind}
<path d="M8 134C10 108 32 100 52 95H76C96 100 118 108 120 134Z" fill="${clothes}"/>
<path d="M53 80H75V97C70 108 58 108 53 97Z" fill="${dark}"/>
<path d="M41 56C41 28 87 28 87 56 87 76 77 90 64 90 51 90 41 76 41 56Z" fill="url(#skin)"/>
${beard ? `<path d="M42 62C43 80 52 92 64 92 76 92 85 80 86 62 82 74 74 73 64 73 54 73 46 74 42 62Z" fill="${hair}" opacity=".8"/>` : ''}
${above}
<g opacity=".6"><ellipse cx="54.500" cy="60" rx="3" ry="1.800" fill="#1a0f0a"/><ellipse cx="73.500" cy="60" rx="3" ry="1.800" fill="#1a0f0a"/>
<path d="M49 54.500q5-2.600 10-.4M69 54.100q5-2.200 10 .4" stroke="${shade(hair, 0.8)}" stroke-width="1.500" fill="none"/>
<path d="M64 62q-2.800 7 .6 8.200" stroke="${shade(dark, 0.85)}" stroke-width="1.800" fill="none"/>
<path d="M57 78.500q7 4 14 0" stroke="#6b2a20" stroke-width="2" fill="none"/></g>
</g></svg>`;
}
