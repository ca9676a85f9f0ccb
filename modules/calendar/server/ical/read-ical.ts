import type { ImportFault } from '../../contract/index.ts';
import type { JComponent, JProperty } from '../series/component.ts';
import { parseLine, unfoldedLines } from './content-line.ts';
import { propertyFrom } from './values.ts';

/** A component of a calendar, such as a VEVENT, as it stands in a file. */
export interface FoundComponent {
  readonly kind: 'component';
  /** Where it begins. */
  readonly line: number;
  readonly component: JComponent;
  /** Where each of its properties stands. */
  readonly lines: ReadonlyMap<JProperty, number>;
  /** Of the calendar around it; empty for most files (RFC 5546 §1.4). */
  readonly method: string;
}
export type IcalItem =
  | FoundComponent
  | { readonly kind: 'fault'; readonly fault: ImportFault }
  /** What the calendar is called, where it says so. */
  | { readonly kind: 'name'; readonly name: string };

/** VCALENDAR, VEVENT, VALARM, and what programs put into these. */
const maxDepth = 4;
const maxComponentBytes = 256 * 1024;
const maxProperties = 2000;
/** VTIMEZONEs of a hundred years have that many. */
const maxInside = 400;
const shownFaults = 1000;

interface Open {
  readonly name: string;
  readonly component: JComponent;
}

/**
 * Takes a file apart into the components of its calendars, one at a time. Costs are those of its bytes: a component that is too large, too
 * deep or wrong is refused with its line, and the next one is read.
 */
export function* readIcal(bytes: Buffer): Generator<IcalItem> {
  const fault = (line: number, code: ImportFault['code'], detail: string): IcalItem => ({
    kind: 'fault',
    fault: { line, code, detail: detail.slice(0, 200) },
  });
  /** The calendar, then its component and what lies in this. */
  let stack: Open[] = [];
  /** So many are open that are not looked into. */
  let passed = 0;
  let method = '';
  let line = 0;
  let strays = 0;
  let top = newTop(0);

  for (const { line: at, text } of unfoldedLines(bytes)) {
    line = at;
    const parsed = text === null ? null : parseLine(text);
    if (parsed?.name === 'begin') {
      const name = parsed.value.trim().toLowerCase().slice(0, 100);
      if (stack.length === 0) {
        if (name === 'vcalendar' && passed === 0) {
          stack = [{ name, component: ['vcalendar', [], []] }];
          method = '';
        } else {
          if (passed === 0) yield fault(at, 'unreadable', `BEGIN:VCALENDAR is missing before this`);
          passed += 1;
        }
        continue;
      }
      const isInside = stack.length > 1;
      if (passed > 0 || stack.length >= maxDepth || (isInside && top.inside >= maxInside)) {
        passed += 1;
        top.refused ??= {
          code: 'too-large',
          detail: `more than ${maxDepth} components in each other, or too many`,
        };
        continue;
      }
      if (isInside) top.inside += 1;
      else top = newTop(at);
      stack.push({ name, component: [name, [], []] });
      continue;
    }
    if (parsed?.name === 'end') {
      const name = parsed.value.trim().toLowerCase();
      if (passed > 0) {
        passed -= 1;
        continue;
      }
      const from = stack.findLastIndex((each) => each.name === name);
      if (from === -1) {
        yield fault(at, 'unreadable', `END:${name.toUpperCase().slice(0, 50)} without its beginning`);
        continue;
      }
      if (from < stack.length - 1) top.refused ??= { code: 'unreadable', detail: `no END before line ${at}` };
      while (stack.length > from) {
        const open = stack.pop() as Open;
        const around = stack.at(-1);
        if (stack.length > 1) around?.component[2].push(open.component);
        else if (stack.length === 1) {
          yield top.refused
            ? fault(top.line, top.refused.code, top.refused.detail)
            : { kind: 'component', line: top.line, component: open.component, lines: top.lines, method };
        }
      }
      continue;
    }
    const open = stack.at(-1);
    if (passed > 0) continue;
    if (!open) {
      strays += 1;
      if (strays === 1) yield fault(at, 'unreadable', 'this stands in no calendar');
      continue;
    }
    if (stack.length === 1) {
      if (parsed?.name === 'method') method = parsed.value.trim().toUpperCase();
      if (parsed && (parsed.name === 'x-wr-calname' || parsed.name === 'name')) {
        yield { kind: 'name', name: String(propertyFrom({ ...parsed, name: 'name' })[3] ?? '') };
      }
      continue;
    }
    if (top.refused) continue;
    if (text === null) {
      if (top.faults++ < shownFaults) yield fault(at, 'too-large', 'a line of more than 64 kB');
      continue;
    }
    if (!parsed) {
      if (top.faults++ < shownFaults) yield fault(at, 'unreadable', text.slice(0, 60));
      continue;
    }
    top.bytes += text.length;
    top.properties += 1;
    if (top.bytes > maxComponentBytes || top.properties > maxProperties) {
      top.refused = { code: 'too-large', detail: 'more than 256 kB or 2,000 lines' };
      continue;
    }
    if (parsed.params.encoding === 'BASE64' || String(parsed.params.value).toUpperCase() === 'BINARY') {
      yield fault(at, 'attachment', parsed.name.toUpperCase());
      continue;
    }
    const property = propertyFrom(parsed);
    top.lines.set(property, at);
    open.component[1].push(property);
  }
  if (stack.length > 1) yield fault(top.line, 'unreadable', 'it has no end: the file is cut off');
  else if (stack.length === 1)
    yield fault(line, 'unreadable', 'END:VCALENDAR is missing: the file is cut off');
}

interface Top {
  readonly line: number;
  bytes: number;
  properties: number;
  inside: number;
  faults: number;
  refused: { code: ImportFault['code']; detail: string } | null;
  readonly lines: Map<JProperty, number>;
}

const newTop = (line: number): Top => ({
  line,
  bytes: 0,
  properties: 0,
  inside: 0,
  faults: 0,
  refused: null,
  lines: new Map(),
});
