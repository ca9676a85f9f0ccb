import { expect, it } from 'vitest';
import { originElsewhere } from './origin-elsewhere.ts';

it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
  'says of %s where other machines come in',
  (origin) => {
    expect(originElsewhere(origin, { host: '192.0.2.2', port: 8443 })).toBe('https://192.0.2.2:8443');
    expect(originElsewhere(origin, { host: 'fd00::1', port: 8443 })).toBe('https://[fd00::1]:8443');
  },
);

it.each(['https://pbx.estuaria.example', 'http://192.0.2.2:8080', 'http://127.example.org'])(
  'leaves %s alone, which is good everywhere',
  (origin) => expect(originElsewhere(origin, { host: '192.0.2.2', port: 8443 })).toBeNull(),
);

it('says nothing where nobody else can come in', () => {
  expect(originElsewhere('http://localhost:8080', { host: '192.0.2.2', port: null })).toBeNull();
  expect(originElsewhere('http://localhost:8080', { host: undefined, port: 8443 })).toBeNull();
});
