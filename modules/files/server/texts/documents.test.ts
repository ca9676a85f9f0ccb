import { Readable } from 'node:stream';
import { deflateSync } from 'node:zlib';
import { mostText } from '@liaison/core/content';
import type { TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as api from '../../contract/index.ts';
import { pdfOf } from '../demo/pdf.ts';
import { docxOf, openDocumentOf, pptxOf, xlsxOf, zipOf } from '../testing/office-files.ts';
import { openTextsStage, type TextsStage } from '../testing/texts-stage.ts';
import { createDocumentReader, type DocumentReader, type DocumentText } from './document-reader.ts';
import type { DocumentKind } from './written-in.ts';

let stage: TextsStage;
let { write, settle, textOf } = {} as TextsStage;
let reader: DocumentReader;
let [manager, , guest, outsider] = [] as unknown as [TestPerson, TestPerson, TestPerson, TestPerson];
beforeAll(async () => {
  stage = await openTextsStage();
  ({ write, settle, textOf } = stage);
  reader = createDocumentReader();
  [manager, , guest, outsider] = stage.people as [TestPerson, TestPerson, TestPerson, TestPerson];
});
afterAll(async () => {
  reader?.close();
  await stage?.close();
});

const read = (bytes: Uint8Array, kind: DocumentKind): Promise<DocumentText> =>
  reader.read(Readable.from([bytes]), kind, new AbortController().signal);

describe('what is written in a document', () => {
  it('is found by whoever may read it, in its newest version, while it is not in the trash', async () => {
    const pdf = await write('tides.pdf', pdfOf([{ title: 'High water', lines: ['at nine', 'in Leixal'] }]));
    const docx = await write('minutes.docx', await docxOf(['The pier &amp; the crane', 'Marée haute']));
    await settle();
    expect(await textOf(pdf, guest)).toContain('High water\nat nine\nin Leixal');
    expect(await textOf(docx, guest)).toBe('The pier & the crane\nMarée haute');
    for (const id of [pdf, docx]) expect(await textOf(id, outsider)).toBeUndefined();

    const taken = { kind: 'person' as const, id: guest.id };
    for (const nodeId of [pdf, docx]) {
      const body = { principal: taken, right: 'none' as const, until: null };
      expect((await stage.alice.call(api.shareNode, { params: { nodeId }, body })).status).toBeLessThan(300);
      expect(await textOf(nodeId, guest)).toBeUndefined();
      expect(await textOf(nodeId, manager)).not.toBe('');
    }

    await write('minutes.docx', await docxOf(['Low water']));
    await stage.test.core.outbox.drain();
    expect(await textOf(docx, manager)).toBe('');
    await settle();
    expect(await textOf(docx, manager)).toBe('Low water');
    const rename = (name: string) =>
      stage.alice.call(api.renameNode, { params: { nodeId: docx }, body: { name } });
    await rename('minutes.zip');
    await settle();
    expect(await textOf(docx, manager)).toBe('');
    await rename('minutes.docx');
    await settle();
    expect(await textOf(docx, manager)).toBe('Low water');
    await stage.alice.call(api.trashNodes, { body: { nodeIds: [pdf] } });
    expect(await textOf(pdf, manager)).toBeUndefined();
  });

  it('is read in turns, all of them, and of broken ones nothing, once', async () => {
    const docx = await docxOf(['one of many']);
    const names = Array.from({ length: 60 }, (_, at) => `many ${at}.docx`);
    const sent = await Promise.all(
      names.map((name) => stage.upload(stage.alice, stage.team.rootId, name, docx)),
    );
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201]));
    const broken = [
      await write('words.pdf', Buffer.from('no document at all')),
      await write('words.docx', Buffer.from('no package at all')),
    ];
    const many = "select count(*)::int as read from files.text where text = 'one of many'";
    await expect
      .poll(() => settle().then(() => stage.test.testDb.admin(many)), { timeout: 15_000 })
      .toEqual([{ read: 60 }]);
    for (const id of broken) expect(await textOf(id, manager)).toBe('');
    const rows = await stage.test.testDb.admin('select text from files.text where node_id = any($1)', [
      broken,
    ]);
    expect(rows).toEqual([{ text: '' }, { text: '' }]);
    expect(stage.test.logged).toEqual([]);
  });
});

describe('a document is read', () => {
  it('as a text, with its paragraphs, without what was crossed out or stands there twice', async () => {
    const twice =
      'kept</w:t></w:r><mc:AlternateContent><mc:Fallback><w:t>again</w:t></mc:Fallback></mc:AlternateContent><w:del><w:delText>crossed out</w:delText></w:del><w:r><w:tab/><w:t>&#233;t&#xe9; 😀';
    const bytes = await docxOf([twice, 'second'], {
      'word/footnotes.xml': '<w:footnotes><w:p><w:t>a note</w:t></w:p></w:footnotes>',
      'word/styles.xml': '<w:styles><w:t>no text</w:t></w:styles>',
    });
    expect(await read(bytes, 'office')).toEqual({ text: 'kept été 😀\nsecond\na note' });
  });

  it('as a table with a line per row, as slides, and as OpenDocument', async () => {
    const table = await xlsxOf(
      ['<t>Tide</t>', '<r><t>High </t></r><r><t>water</t></r><rPh><t>read aloud</t></rPh>'],
      ['<c t="s"><v>1</v></c><c><f>SUM(A1)</f><v>12.5</v></c><c t="b"><v>1</v></c>', '<c t="s"><v>0</v></c>'],
    );
    expect((await read(table, 'office')).text).toBe('High water 12.5\nTide\nlast sheet');
    const slides = await pptxOf(Array.from({ length: 11 }, (_, at) => `slide ${at + 1}`));
    expect((await read(slides, 'office')).text.split('\n').slice(-3)).toEqual([
      'slide 9',
      'slide 10',
      'slide 11',
    ]);
    const odt = await openDocumentOf(
      '<text:tracked-changes><text:p>crossed out</text:p></text:tracked-changes><text:h>Heading</text:h><text:p>maré<text:s text:c="3"/>alta<text:line-break/><text:span>agora</text:span></text:p><dc:creator>nobody</dc:creator>',
    );
    expect((await read(odt, 'office')).text).toBe('Heading\nmaré alta\nagora');
  });

  it('to where so much of it was read as is kept', async () => {
    const long = await docxOf(Array.from({ length: 3000 }, () => 'x'.repeat(100)));
    expect((await read(long, 'office')).text.length).toBe(mostText);
    const pages = Array.from({ length: 30 }, () => ({ title: 'T', lines: Array(40).fill('x'.repeat(100)) }));
    expect((await read(pdfOf(pages), 'pdf')).text.length).toBe(mostText);
  });

  it('to where it is broken, and of what is none nothing', async () => {
    const cut = await zipOf({ 'word/document.xml': '<w:document><w:p><w:t>so far</w:t></w:p><w:p></w:t>' });
    expect(await read(cut, 'office')).toMatchObject({ text: 'so far', why: expect.any(String) });
    const whole = await docxOf(['whole']);
    const wrong: [Uint8Array, DocumentKind][] = [
      [whole.subarray(0, whole.length - 30), 'office'],
      [await zipOf({ 'notes.txt': 'no document' }), 'office'],
      [Buffer.from('%PDF-1.7\n'), 'pdf'],
      [Buffer.alloc(0), 'office'],
    ];
    for (const [bytes, kind] of wrong) {
      expect(await read(bytes, kind)).toMatchObject({ text: '', why: expect.any(String) });
    }
  });
});

/** A document of one page, on which so much is drawn as `drawn` unfolds to. */
function pdfWith(drawn: Buffer): Buffer {
  const packed = deflateSync(drawn);
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [4 0 R] >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>',
    `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed.toString('latin1')}\nendstream`,
  ];
  const body = objects.map((object, at) => `${at + 1} 0 obj\n${object}\nendobj\n`).join('');
  return Buffer.from(`%PDF-1.4\n${body}trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n`, 'latin1');
}

describe('a bomb', () => {
  const megabytes = (count: number, of: string) => Buffer.alloc(count * 1024 ** 2, of);

  it('of a package is left where it unfolds to more than a document does', async () => {
    const bomb = await docxOf([], {
      'word/document.xml': Buffer.concat([Buffer.from('<w:p>'), megabytes(40, 'x')]),
    });
    expect(bomb.length).toBeLessThan(1024 ** 2);
    expect(await read(bomb, 'office')).toMatchObject({
      text: '',
      why: expect.stringMatching(/unfolds|takes too long/),
    });
    const deep = await docxOf([], { 'word/document.xml': '<w:p>'.repeat(100_000) });
    expect(await read(deep, 'office')).toMatchObject({ why: expect.stringContaining('nested') });
    const laughs =
      '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w:document><w:p><w:t>&b;</w:t></w:p></w:document>';
    const entities = await docxOf([], { 'word/document.xml': laughs });
    expect(await read(entities, 'office')).toMatchObject({ text: '', why: expect.stringContaining('type') });
    const many = Object.fromEntries(Array.from({ length: 12_000 }, (_, at) => [`part ${at}`, '']));
    expect(
      await read(await zipOf({ ...many, 'word/document.xml': '<w:t>late</w:t>' }), 'office'),
    ).toMatchObject({ text: '' });
  });

  it('of a document ends its process, and the next document gets another one', async () => {
    const bomb = pdfWith(Buffer.concat([Buffer.from('BT /F1 1 Tf '), megabytes(400, '0 0 Td ')]));
    expect(bomb.length).toBeLessThan(2 * 1024 ** 2);

    expect((await read(bomb, 'pdf')).text).toBe('');
    expect((await read(pdfWith(Buffer.from('BT /F1 9 Tf (after it) Tj ET')), 'pdf')).text).toBe('after it');
  });

  it('that takes too long is killed', async () => {
    const impatient = createDocumentReader({ maxMs: 1 });
    try {
      const signal = new AbortController().signal;
      const bytes = await docxOf(['never read']);
      expect(await impatient.read(Readable.from([bytes]), 'office', signal)).toEqual({
        text: '',
        why: 'its process took too long or too much memory',
      });
    } finally {
      impatient.close();
    }
  });
});
