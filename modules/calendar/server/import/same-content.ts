import { type JComponent, type JProperty, propertyOf, tzidOf } from '../series/component.ts';
import { lengthOf, readMoment } from '../series/times.ts';

/** What a file says about itself, or what stands elsewhere than in the components that are kept. */
const aside = new Set(['dtstamp', 'created', 'last-modified', 'sequence', 'transp', 'organizer', 'attendee']);

/** When it takes place, and how often. */
const timed = new Set(['recurrence-id', 'dtstart', 'dtend', 'duration', 'rrule', 'rdate', 'exdate']);

/** Whether two say the same about an appointment, in whatever order. */
export const isSameContent = (one: readonly JComponent[], other: readonly JComponent[]): boolean =>
  signOf(one) === signOf(other);

const signOf = (components: readonly JComponent[]): string =>
  JSON.stringify(
    components
      .filter((each) => !isAsSeries(each, components))
      .map(sortedComponent)
      .sort(),
  );

/** One time of a series that says nothing but who comes then: people's answers stand elsewhere. */
function isAsSeries(component: JComponent, components: readonly JComponent[]): boolean {
  const main = components.find((each) => !propertyOf(each, 'recurrence-id'));
  const [at, start, begin] = [
    propertyOf(component, 'recurrence-id'),
    propertyOf(component, 'dtstart'),
    main && propertyOf(main, 'dtstart'),
  ];
  if (!main || !at || !start || !begin || at[3] !== start[3] || tzidOf(at) !== tzidOf(start)) return false;
  const length = (of: JComponent, from: JProperty) => lengthOf(of, readMoment(from, 'UTC'), 'UTC');
  return (
    length(component, start) === length(main, begin) &&
    sortedComponent(besides(component)) === sortedComponent(besides(main))
  );
}

const besides = ([name, properties, inside]: JComponent): JComponent => [
  name,
  properties.filter((each) => !timed.has(each[0])),
  inside,
];

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
