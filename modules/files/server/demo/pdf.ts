/** A page of a document: a heading, and lines of text. */
export interface DemoPage {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What stands in a string of a document: Latin letters in Windows' encoding, which its fonts know. */
const literal = (text: string): string =>
  text.replace(/[\\()]/g, (sign) => `\\${sign}`).replace(/’/g, '\x92');

/** A document of A4 pages in Helvetica with a line in our colour over each; readers bring that font themselves. */
export function pdfOf(pages: readonly DemoPage[]): Buffer {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const first = 5;
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, at) => `${first + at * 2} 0 R`).join(' ')}] >>`,
  );
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>');
  for (const [at, { title, lines }] of pages.entries()) {
    const drawn = [
      '0.043 0.388 0.475 rg 56 776 483 4 re f',
      'BT /F2 20 Tf 0.07 0.12 0.13 rg 56 736 Td',
      `(${literal(title)}) Tj ET`,
      'BT /F1 11.5 Tf 17 TL 56 700 Td',
      ...lines.map((line) => `(${literal(line)}) Tj T*`),
      'ET',
      `BT /F1 9 Tf 0.4 0.45 0.47 rg 56 44 Td (Estuaria \xb7 ${at + 1} / ${pages.length}) Tj ET`,
    ].join('\n');
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${first + at * 2 + 1} 0 R >>`,
    );
    add(`<< /Length ${Buffer.byteLength(drawn, 'latin1')} >>\nstream\n${drawn}\nendstream`);
  }
  let body = '%PDF-1.4\n%\xe2\xe3\xcf\xd3\n';
  const places = objects.map((object, at) => {
    const place = body.length;
    body += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  const end = `xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + end, 'latin1');
}
