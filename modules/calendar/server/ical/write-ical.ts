import type { JComponent } from '../series/component.ts';
import { formatLine } from './content-line.ts';
import { lineFrom } from './values.ts';

const productId = '-//Liaison//Calendar//EN';

/** A component of jCal as text (RFC 7265 §4.1). */
export function writeComponent([name, properties, inside]: JComponent): string {
  return [
    `BEGIN:${name.toUpperCase()}\r\n`,
    ...properties.map((each) => formatLine(lineFrom(each))),
    ...inside.map(writeComponent),
    `END:${name.toUpperCase()}\r\n`,
  ].join('');
}

/** How a calendar begins (RFC 5545 §3.6); its name as RFC 7986 §5.1 has it, and as programs before that. */
export function calendarHead(name: string, { refreshHours }: { refreshHours?: number } = {}): string {
  const line = (key: string, value: string) => formatLine(lineFrom([key, {}, 'text', value]));
  return [
    'BEGIN:VCALENDAR\r\n',
    line('version', '2.0'),
    line('prodid', productId),
    line('calscale', 'GREGORIAN'),
    ...(name === ''
      ? []
      : [
          line('name', name),
          formatLine({ name: 'x-wr-calname', params: {}, value: lineFrom(['name', {}, 'text', name]).value }),
        ]),
    ...(refreshHours === undefined
      ? []
      : [
          // RFC 7986 §5.7, and what programs before that ask for.
          `REFRESH-INTERVAL;VALUE=DURATION:PT${refreshHours}H\r\n`,
          `X-PUBLISHED-TTL:PT${refreshHours}H\r\n`,
        ]),
  ].join('');
}

export const calendarTail = 'END:VCALENDAR\r\n';
