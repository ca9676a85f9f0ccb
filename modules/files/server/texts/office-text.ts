import type { Readable } from 'node:stream';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { Enough } from './written.ts';

/** Of a document with more parts, those that come after are not read. */
const mostParts = 10_000;
/** What all parts that are read may unfold to. */
const mostUnfoldedBytes = 32 * 1024 ** 2;
const mostDepth = 256;
/** A table's texts, which its cells name by number, are held meanwhile. */
const mostSharedTexts = 200_000;
const mostSharedCharacters = 10_000_000;

/**
 * What is written in texts, tables and slides of Office Open XML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300), in their order.
 * Which of them it is its parts say, whatever it is called. What was crossed out is not read.
 *
 * @throws Error for what is none of them, or unfolds to more than a document does.
 */
export async function readOffice(path: string, written: Enough): Promise<void> {
  const zip = await openPromise(path, { autoClose: false });
  try {
    const parts = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      parts.set(entry.fileName, entry);
      if (parts.size >= mostParts) break;
    }
    const read = createPartReader(zip, written);
    const numbered = (pattern: RegExp): Entry[] =>
      [...parts]
        .filter(([name]) => pattern.test(name))
        .map(([name, entry]) => ({ entry, number: Number(pattern.exec(name)?.[1] ?? 0) }))
        .sort((a, b) => a.number - b.number)
        .map(({ entry }) => entry);
    const each = async (entries: readonly (Entry | undefined)[], markup: () => Markup) => {
      for (const entry of entries) {
        if (entry && !written.isEnough()) await read(entry, markup());
      }
    };

    if (parts.has('word/document.xml')) {
      const others = /^word\/(?:footnotes|endnotes|comments|header\d{0,4}|footer\d{0,4})\.xml$/;
      await each([parts.get('word/document.xml'), ...numbered(others)], () => paragraphs(written));
    } else if (parts.has('ppt/presentation.xml')) {
      const slides = numbered(/^ppt\/slides\/slide(\d{1,6})\.xml$/);
      const notes = numbered(/^ppt\/notesSlides\/notesSlide(\d{1,6})\.xml$/);
      await each([...slides, ...notes], () => paragraphs(written));
    } else if (parts.has('xl/workbook.xml')) {
      const texts: string[] = [];
      const shared = parts.get('xl/sharedStrings.xml');
      if (shared) await read(shared, sharedTexts(texts));
      await each(numbered(/^xl\/worksheets\/sheet(\d{1,6})\.xml$/), () => cells(texts, written));
    } else if (parts.has('content.xml')) {
      await each([parts.get('content.xml')], () => openDocument(written));
    } else throw new Error('neither Office Open XML nor OpenDocument');
  } finally {
    zip.close();
  }
}

/** What a kind of part makes of its markup. Names are without their prefix, which every program chooses as it likes. */
interface Markup {
  opens(name: string, attribute: (name: string) => string | undefined): void;
  closes(name: string): void;
  text(text: string): void;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function createPartReader(zip: ZipFile, written: Enough) {
  let leftBytes = mostUnfoldedBytes;
  return async (entry: Entry, markup: Markup): Promise<void> => {
    if (!entry.canDecodeFileData()) throw new Error('encrypted, or packed in a way that no office packs');
    const stream: Readable = await zip.openReadStreamPromise(entry);
    const parser = new SaxesParser({ xmlns: false });
    let depth = 0;
    parser.on('error', (error) => {
      throw error;
    });
    // Neither format has any: it is what entities are declared in.
    parser.on('doctype', () => {
      throw new Error('a document type is declared');
    });
    parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
      depth += 1;
      if (depth > mostDepth) throw new Error('elements are nested too deeply');
      markup.opens(localName(name), (wanted) => {
        for (const [each, value] of Object.entries(attributes)) {
          if (localName(each) === wanted) return value;
        }
        return undefined;
      });
    });
    parser.on('closetag', ({ name }) => {
      depth -= 1;
      markup.closes(localName(name));
    });
    parser.on('text', (text) => markup.text(text));
    parser.on('cdata', (text) => markup.text(text));
    // A letter may lie on both sides of where two pieces meet.
    const decoder = new TextDecoder('utf-8');
    try {
      for await (const piece of stream as AsyncIterable<Uint8Array>) {
        leftBytes -= piece.length;
        if (leftBytes < 0) throw new Error('unfolds to more than a document does');
        parser.write(decoder.decode(piece, { stream: true }));
        if (written.isEnough()) return;
      }
    } finally {
      stream.destroy();
    }
  };
}

/** Texts and slides: `t` holds what is written, `p` is a paragraph. */
function paragraphs(written: Enough): Markup {
  let inText = 0;
  /** What a program reads that does not know the newer form beside it: the same once more. */
  let inFallback = 0;
  return {
    opens(name) {
      if (name === 'Fallback') inFallback += 1;
      else if (name === 't') inText += 1;
      else if (name === 'tab') written.add(' ');
      else if (name === 'br' || name === 'cr') written.add('\n');
      else if (name === 'noBreakHyphen') written.add('-');
    },
    closes(name) {
      if (name === 'Fallback') inFallback -= 1;
      else if (name === 't') inText -= 1;
      else if (name === 'p' || name === 'tr') written.add('\n');
      else if (name === 'tc') written.add(' ');
    },
    text(text) {
      if (inText > 0 && inFallback === 0) written.add(text);
    },
  };
}

/** The texts of a workbook, which cells name by their number; how they are to be read aloud is not one of them. */
function sharedTexts(into: string[]): Markup {
  let item = '';
  let held = 0;
  let inText = 0;
  let inPhonetic = 0;
  return {
    opens(name) {
      if (name === 'si') item = '';
      else if (name === 't') inText += 1;
      else if (name === 'rPh') inPhonetic += 1;
    },
    closes(name) {
      if (name === 't') inText -= 1;
      else if (name === 'rPh') inPhonetic -= 1;
      else if (name === 'si' && into.length < mostSharedTexts && held < mostSharedCharacters) {
        held += item.length;
        into.push(item);
      }
    },
    text(text) {
      if (inText > 0 && inPhonetic === 0 && held + item.length < mostSharedCharacters) item += text;
    },
  };
}

/** A line per row, with what its cells show. */
function cells(texts: readonly string[], written: Enough): Markup {
  let type: string | undefined;
  let value = '';
  let inValue = 0;
  return {
    opens(name, attribute) {
      if (name === 'c') {
        type = attribute('t');
        value = '';
      } else if (name === 'v' || name === 't') inValue += 1;
    },
    closes(name) {
      if (name === 'v' || name === 't') inValue -= 1;
      else if (name === 'c') {
        const isWord =
          type === 's' || type === undefined || type === 'n' || type === 'str' || type === 'inlineStr';
        if (isWord && value !== '') written.add(`${type === 's' ? (texts[Number(value)] ?? '') : value} `);
      } else if (name === 'row') written.add('\n');
    },
    text(text) {
      if (inValue > 0) value += text;
    },
  };
}

/** OpenDocument: whatever stands in paragraphs and headings, but what was taken out. */
function openDocument(written: Enough): Markup {
  let inParagraph = 0;
  let left = 0;
  const isLeft = (name: string): boolean => name === 'tracked-changes';
  return {
    opens(name) {
      if (isLeft(name)) left += 1;
      else if (name === 'p' || name === 'h') inParagraph += 1;
      else if (left > 0 || inParagraph === 0) return;
      else if (name === 's' || name === 'tab') written.add(' ');
      else if (name === 'line-break') written.add('\n');
    },
    closes(name) {
      if (isLeft(name)) left -= 1;
      else if (name === 'p' || name === 'h') {
        inParagraph -= 1;
        if (left === 0) written.add('\n');
      }
    },
    text(text) {
      if (inParagraph > 0 && left === 0) written.add(text);
    },
  };
}
