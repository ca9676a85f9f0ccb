import { escapeText, splitEscaped, unescapeText } from '@liaison/core/content-lines';
import type { JProperty } from '../series/component.ts';
import { ruleFromJCal, ruleToJCal } from '../series/rule.ts';
import type { ContentLine } from './content-line.ts';

/** Types of properties that are no text where nothing else is said (RFC 7265 §5.1 by RFC 5545 §3.8). */
const types: Readonly<Record<string, string>> = {
  dtstart: 'date-time',
  dtend: 'date-time',
  due: 'date-time',
  completed: 'date-time',
  created: 'date-time',
  dtstamp: 'date-time',
  'last-modified': 'date-time',
  'recurrence-id': 'date-time',
  exdate: 'date-time',
  rdate: 'date-time',
  duration: 'duration',
  trigger: 'duration',
  freebusy: 'period',
  rrule: 'recur',
  exrule: 'recur',
  priority: 'integer',
  sequence: 'integer',
  repeat: 'integer',
  'percent-complete': 'integer',
  geo: 'float',
  url: 'uri',
  attach: 'uri',
  image: 'uri',
  conference: 'uri',
  source: 'uri',
  tzurl: 'uri',
  organizer: 'cal-address',
  attendee: 'cal-address',
  tzoffsetfrom: 'utc-offset',
  tzoffsetto: 'utc-offset',
};
const texts = new Set(
  (
    'action calscale categories class color comment contact description location method name prodid related-to ' +
    'request-status resources status summary transp tzid tzname uid version'
  ).split(' '),
);
/** Several values with commas between them. */
const lists = new Set(['categories', 'resources', 'exdate', 'rdate', 'freebusy']);

/** RFC 7265 §5.2: of what is not known, the type is not known either. */
const typeOf = (name: string): string => types[name] ?? (texts.has(name) ? 'text' : 'unknown');

/** Of a list of dates or words so many are looked at; more are refused by the meaning of the property. */
const maxValues = 2000;

const day = (text: string): string => text.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
const moment = (text: string): string =>
  text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/i, '$1-$2-$3T$4:$5:$6$7');
const bare = (text: string): string => text.replace(/[-:]/g, '');

function readValue(type: string, text: string): unknown {
  switch (type) {
    case 'text':
      return unescapeText(text);
    case 'date':
      return day(text);
    case 'date-time':
      return moment(text);
    case 'period': {
      const [start = '', end = ''] = text.split('/');
      return [moment(start), end.startsWith('P') ? end : moment(end)];
    }
    case 'integer':
    case 'float':
      return /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text.toUpperCase() === 'TRUE';
    case 'recur':
      try {
        return ruleToJCal(text);
      } catch {
        // Whoever follows it says what is wrong about it.
        return text;
      }
    default:
      return text;
  }
}

/** A content line as a property of jCal (RFC 7265 §3.4). */
export function propertyFrom({ name, params, value }: ContentLine): JProperty {
  const { value: said, ...rest } = params;
  let type = (typeof said === 'string' ? said : typeOf(name)).toLowerCase();
  // Programs forget to say that a day is no moment.
  if (type === 'date-time' && /^\d{8}(?:,\d{8})*$/.test(value)) type = 'date';
  if (name === 'geo')
    return [name, rest, 'float', value.split(';', 2).map((each) => readValue('float', each))];
  if (name === 'request-status')
    return [name, rest, 'text', splitEscaped(value, ';', maxValues).map(unescapeText)];
  const values = lists.has(name)
    ? type === 'text'
      ? splitEscaped(value, ',', maxValues)
      : value.split(',', maxValues)
    : [value];
  return [name, rest, type, ...values.map((each) => readValue(type, trimmed(type, each)))];
}

const trimmed = (type: string, text: string): string =>
  type === 'text' || type === 'unknown' ? text : text.trim();

function writeValue(type: string, value: unknown): string {
  if (Array.isArray(value)) {
    return type === 'period'
      ? value.map((each) => (String(each).startsWith('P') ? String(each) : bare(String(each)))).join('/')
      : value.map((each) => writeValue(type, each)).join(';');
  }
  switch (type) {
    case 'text':
      return escapeText(String(value));
    case 'date':
    case 'date-time':
      return bare(String(value));
    case 'utc-offset':
      return String(value).replaceAll(':', '');
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE';
    case 'recur':
      return ruleFromJCal(value);
    default:
      return String(value);
  }
}

/** A property of jCal as a content line (RFC 7265 §4.2). */
export function lineFrom([name, params, type, ...values]: JProperty): ContentLine {
  const isSaid = type !== 'unknown' && type !== typeOf(name);
  return {
    name,
    params: isSaid ? { ...params, value: type.toUpperCase() } : params,
    value: values.map((each) => writeValue(type, each)).join(','),
  };
}
