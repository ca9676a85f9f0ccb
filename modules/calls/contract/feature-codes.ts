/** What can be done by dialling a code, from any telephone; `docs/operations/feature-codes.md` says it to people. */
export const features = [
  { name: 'echo', code: '*43' },
  { name: 'tone', code: '*44' },
  { name: 'last-caller', code: '*69' },
  { name: 'dnd-toggle', code: '*76' },
  { name: 'dnd-on', code: '*78' },
  { name: 'dnd-off', code: '*79' },
  { name: 'available', code: '*80' },
  { name: 'away', code: '*81' },
] as const;

export type Feature = (typeof features)[number];
export type FeatureName = Feature['name'];

/** Everything that begins so is meant as a code: no extension, number or address does. */
export const isCode = (dialled: string): boolean => /^[*#]/.test(dialled);

/** The feature of a code, with or without the `#` that some telephones send at its end. */
export const featureOfCode = (dialled: string): Feature | undefined =>
  features.find(({ code }) => code === dialled.replace(/#$/, ''));
