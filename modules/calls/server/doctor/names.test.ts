import { expect, it } from 'vitest';
import { judgeNames, type Resolve } from './names.ts';

const here = ['192.0.2.7', 'fd00::7'];
const dns: Resolve = async (name) => {
  if (name === 'pbx.estuaria.example') return ['198.51.100.1', '192.0.2.7'];
  if (name === 'old.estuaria.example') return ['198.51.100.9'];
  const code = name.startsWith('none.') ? 'ENOTFOUND' : 'EAI_AGAIN';
  throw Object.assign(new Error(`${code} ${name}`), { code });
};

it('asks of names alone, each once, and says where they lead', async () => {
  const names = ['PBX.estuaria.example', 'pbx.estuaria.example', '192.0.2.7', '[fd00::7]', 'localhost'];
  expect(await judgeNames(names, here, dns)).toMatchObject([
    { step: 'names', outcome: 'good', what: 'pbx.estuaria.example leads to this machine' },
  ]);
});

it('names what leads elsewhere, nowhere, or cannot be asked, with its mend', async () => {
  const found = await judgeNames(
    ['old.estuaria.example', 'none.estuaria.example', 'quiet.estuaria.example'],
    here,
    dns,
  );
  expect(found.map(({ outcome }) => outcome)).toEqual(['warning', 'failed', 'warning']);
  expect(found[0]?.what).toContain('198.51.100.9');
  expect(found[0]?.mend).toMatch(/DNS.*LIAISON_ADVERTISE/);
  expect(found[1]?.mend).toMatch(/A or AAAA record/);
  expect(found[2]?.mend).toMatch(/resolv\.conf/);
});
