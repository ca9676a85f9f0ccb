import type { JComponent } from '../series/component.ts';

/** What a file says about itself, or what stands elsewhere than in the components that are kept. */
const aside = new Set(['dtstamp', 'created', 'last-modified', 'sequence', 'transp', 'organizer', 'attendee']);

/** Whether two say the same about an appointment, in whatever order. */
export const isSameContent = (one: readonly JComponent[], other: readonly JComponent[]): boolean =>
  signOf(one) === signOf(other);

const signOf = (components: readonly JComponent[]): string =>
  JSON.stringify(components.map(sortedComponent).sort());

function sortedComponent([name, properties, inside]: JComponent): string {
  const said = properties
    .filter((each) => !aside.has(each[0]))
    .map(([key, params, type, ...values]) =>
      JSON.stringify([
        key,
        Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)),
        type,
        values.map(sortedValue),
      ]),
    )
    .sort();
  return JSON.stringify([name, said, inside.map(sortedComponent).sort()]);
}

const sortedValue = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value;
