import type { PersonView } from '../src/index.ts';
import amina from './people/amina.svg';
import beatriz from './people/beatriz.svg';
import claire from './people/claire.svg';
import hoa from './people/hoa.svg';
import ines from './people/ines.svg';
import ingrid from './people/ingrid.svg';
import kofi from './people/kofi.svg';
import mateus from './people/mateus.svg';
import njeri from './people/njeri.svg';
import tomas from './people/tomas.svg';

/** The people of Estuaria, an invented company, as Inês Carvalhal sees them at 13:41 in Lisboa. */
export const people = {
  ines: {
    id: 'ines',
    name: 'Inês Carvalhal',
    photo: ines,
    role: 'Project lead',
    office: 'Lisboa',
    reach: { state: 'call' },
  },
  beatriz: {
    id: 'beatriz',
    name: 'Beatriz Monteverde',
    photo: beatriz,
    role: 'Coastal modelling',
    office: 'São Paulo',
    localTime: '09:41',
    reach: { state: 'call', says: 'In a call with you' },
  },
  njeri: {
    id: 'njeri',
    name: 'Njeri Wambuto',
    photo: njeri,
    role: 'Head of hydrology',
    office: 'Nairobi',
    localTime: '15:41',
    reach: { state: 'free', until: '14:30' },
  },
  tomas: {
    id: 'tomas',
    name: 'Tomás Quevedo-Reis',
    photo: tomas,
    role: 'Contracts',
    office: 'Lisboa',
    reach: { state: 'meeting', until: '14:00' },
  },
  amina: {
    id: 'amina',
    name: 'Amina Diarra-Kessel',
    photo: amina,
    role: 'Field operations',
    office: 'Dakar',
    localTime: '12:41',
    reach: { state: 'free' },
  },
  claire: {
    id: 'claire',
    name: 'Claire Aubrieux',
    photo: claire,
    role: 'Legal counsel',
    office: 'Montréal',
    localTime: '08:41',
    reach: { state: 'dnd', until: '15:00' },
  },
  joaquin: {
    id: 'joaquin',
    name: 'Joaquín Salvatierra',
    role: 'Survey vessel',
    office: 'Montevideo',
    localTime: '09:41',
    reach: { state: 'away', says: 'Away 12 min' },
  },
  hoa: {
    id: 'hoa',
    name: 'Hoa Trần-Leclerc',
    photo: hoa,
    role: 'Data and tides',
    office: 'Manila',
    localTime: '20:41',
    reach: { state: 'offline' },
  },
  ingrid: {
    id: 'ingrid',
    name: 'Ingrid Solvang-Mørk',
    photo: ingrid,
    role: 'Director',
    office: 'Lisboa',
    reach: { state: 'ringing', says: 'Being called now' },
  },
  kofi: {
    id: 'kofi',
    name: 'Kofi Asare-Menka',
    photo: kofi,
    role: 'Laboratory',
    office: 'Dakar',
    reach: { state: 'free' },
  },
  mateus: {
    id: 'mateus',
    name: 'Mateus Alvorada',
    photo: mateus,
    role: 'Field engineer',
    office: 'Lisboa',
    reach: { state: 'free' },
  },
  outside: {
    id: 'ingrid-before',
    name: 'Ingrid Solvang-Mørk',
    photo: ingrid,
    lastKnown: { state: 'free', at: '13:40' },
  },
} satisfies Record<string, PersonView>;
