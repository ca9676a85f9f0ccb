import type { DestinationStream } from 'pino';

const colours: Record<string, number> = { fatal: 35, error: 31, warn: 33, info: 36, debug: 90, trace: 90 };

/** Turns JSON lines into lines for people: time, level, part, message, then the remaining fields. */
export function createReadableStream(
  output: DestinationStream,
  options: { colour: boolean },
): DestinationStream {
  const paint = (code: number, text: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    write(line: string) {
      output.write(readableLine(line, paint));
    },
  };
}

function readableLine(line: string, paint: (code: number, text: string) => string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, part, err, ...rest } = entry;
  const label = String(level);
  const fields = Object.entries(rest).map(([name, value]) => {
    return paint(90, `${name}=`) + (typeof value === 'string' ? value : JSON.stringify(value));
  });
  const head = [
    paint(90, String(time).slice(11, 23)),
    paint(colours[label] ?? 0, label.padEnd(5)),
    ...(part === undefined ? [] : [paint(1, String(part))]),
    printable(String(msg ?? '')),
    ...fields.map(printable),
  ];
  return `${head.join(' ')}\n${errorLines(err)}`;
}

function errorLines(err: unknown): string {
  if (typeof err !== 'object' || err === null)
    return err === undefined ? '' : `      ${printable(String(err))}\n`;
  const { stack, message, cause } = err as Record<string, unknown>;
  const text = typeof stack === 'string' && stack !== '' ? stack : String(message ?? '');
  const lines = text.split('\n').map((part) => `      ${printable(part.trimEnd())}\n`);
  return lines.join('') + (cause === undefined ? '' : `      caused by\n${errorLines(cause)}`);
}

const ownColour = new RegExp(`^${String.fromCharCode(27)}\\[\\d{1,2}m`);

/** Control characters of a logged value must not steer the terminal of whoever reads it. Our own colours pass. */
function printable(text: string): string {
  let shown = '';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const isColour = code === 27 && ownColour.test(text.slice(index, index + 6));
    shown += isControl && !isColour ? '\ufffd' : text[index];
  }
  return shown;
}
