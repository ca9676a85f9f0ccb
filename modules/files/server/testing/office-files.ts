import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A package of parts, as office programs write them. */
export async function zipOf(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, part] of Object.entries(parts)) {
    // One after the other is packed: of many that is what takes long.
    zip.addBuffer(Buffer.from(part), name, { compress: part.length > 100 });
  }
  zip.end();
  return buffer(zip.outputStream);
}

const declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const paragraph = (text: string): string =>
  `<w:p><w:pPr><w:pStyle w:val="a > b"/></w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

/** Paragraphs of a text, each already as XML. */
export const docxOf = (
  paragraphs: readonly string[],
  parts: Readonly<Record<string, string | Buffer>> = {},
) =>
  zipOf({
    '[Content_Types].xml': `${declared}<Types/>`,
    'word/document.xml': `${declared}<w:document ${w}><w:body>${paragraphs.map(paragraph).join('')}</w:body></w:document>`,
    ...parts,
  });

export const xlsxOf = (shared: readonly string[], rows: readonly string[]) =>
  zipOf({
    'xl/workbook.xml': `${declared}<workbook/>`,
    'xl/sharedStrings.xml': `${declared}<sst>${shared.map((text) => `<si>${text}</si>`).join('')}</sst>`,
    'xl/worksheets/sheet10.xml': `${declared}<worksheet><sheetData><row><c t="inlineStr"><is><t>last sheet</t></is></c></row></sheetData></worksheet>`,
    'xl/worksheets/sheet2.xml': `${declared}<worksheet><sheetData>${rows.map((row) => `<row>${row}</row>`).join('')}</sheetData></worksheet>`,
  });

export const pptxOf = (slides: readonly string[]) =>
  zipOf({
    'ppt/presentation.xml': `${declared}<p:presentation/>`,
    ...Object.fromEntries(
      slides.map((slide, at) => [
        `ppt/slides/slide${at + 1}.xml`,
        `${declared}<p:sld><p:txBody><a:p><a:r><a:t>${slide}</a:t></a:r></a:p></p:txBody></p:sld>`,
      ]),
    ),
  });

/** What stands between `office:body`'s tags. */
export const openDocumentOf = (body: string) =>
  zipOf({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml': `${declared}<office:document-content><office:body>${body}</office:body></office:document-content>`,
  });
