/** A property of jCal (RFC 7265 §3.4): name, parameters, type, one or more values. */
export type JProperty = [
  name: string,
  params: Record<string, string | string[]>,
  type: string,
  ...values: unknown[],
];
/** A component of jCal (RFC 7265 §3.3). */
export type JComponent = [name: string, properties: JProperty[], components: JComponent[]];

export const propertyOf = (component: JComponent, name: string): JProperty | undefined =>
  component[1].find((each) => each[0] === name);

export const propertiesOf = (component: JComponent, name: string): JProperty[] =>
  component[1].filter((each) => each[0] === name);

export function textOf(component: JComponent, name: string): string {
  const value = propertyOf(component, name)?.[3];
  return typeof value === 'string' ? value : '';
}

/** In the place of all that have this name; null takes them away. */
export function setProperty(component: JComponent, name: string, property: JProperty | null): void {
  const at = component[1].findIndex((each) => each[0] === name);
  const rest = component[1].filter((each) => each[0] !== name);
  if (property) rest.splice(at < 0 ? rest.length : at, 0, property);
  component[1] = rest;
}

export const tzidOf = (property: JProperty | undefined): string | null => {
  const tzid = property?.[1].tzid;
  return typeof tzid === 'string' ? tzid : null;
};

export const copyOf = <Value>(value: Value): Value => structuredClone(value);
