import { expect, it } from 'vitest';
import { subjectOf } from './subject.ts';

it.each([
  [{ contact: 'mailto:noc@example.org', publicUrl: 'https://liaison.example.org' }, 'mailto:noc@example.org'],
  [{ publicUrl: 'https://liaison.example.org' }, 'https://liaison.example.org'],
  [{ publicUrl: 'https://localhost:8443' }, null],
  [{ publicUrl: 'http://liaison.example.org' }, null],
  [{}, null],
])('Push services turn, with %j, to %s', (settings, subject) => expect(subjectOf(settings)).toBe(subject));
