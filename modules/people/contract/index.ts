export * from './api.ts';
export { browserName } from './browser-name.ts';
export { countryOfZone } from './country-of-zone.ts';
export * from './events.ts';
export { foldText } from './fold-text.ts';
export * from './people.ts';
export * from './person.ts';
export * from './slots.ts';
