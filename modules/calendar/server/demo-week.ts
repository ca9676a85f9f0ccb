/** An appointment of the demo, by the clock of its own zone. */
export interface DemoAppointment {
  readonly by: string;
  readonly title: string;
  readonly place?: string;
  /** Days from this week's Monday. */
  readonly day: number;
  /** From `09:30` to `10:00`; absent: whole days. */
  readonly hours?: readonly [string, string];
  /** How many whole days; 1 unless told. */
  readonly days?: number;
  readonly zone: string;
  readonly rule?: string;
  /** A team's calendar, by its name; absent: one's own. */
  readonly team?: string;
  readonly colour?: number;
  /** What each who is invited answered; `none` is still open. */
  readonly with?: Readonly<Record<string, 'yes' | 'no' | 'maybe' | 'none'>>;
  readonly room?: string;
}

export const demoRooms = [
  { name: 'Sala Douro', capacity: 8 },
  { name: 'Sala Guadiana', capacity: 20 },
] as const;

const lisbon = 'Europe/Lisbon';

/** A week of people in six zones. */
export const demoWeek: readonly DemoAppointment[] = [
  {
    by: 'ines',
    title: 'Port study: week ahead',
    day: 0,
    hours: ['13:30', '14:15'],
    zone: lisbon,
    rule: 'FREQ=WEEKLY',
    room: 'Sala Douro',
    with: { beatriz: 'yes', tomas: 'yes', njeri: 'yes', joaquin: 'maybe' },
  },
  {
    by: 'amina',
    title: 'Point terrain',
    day: 1,
    hours: ['09:00', '09:30'],
    zone: 'Africa/Dakar',
    rule: 'FREQ=WEEKLY',
    with: { ines: 'yes', njeri: 'yes', kofi: 'yes' },
  },
  {
    by: 'njeri',
    title: 'Gauge readings, first pass',
    day: 1,
    hours: ['15:00', '16:00'],
    zone: 'Africa/Nairobi',
    with: { ines: 'none', hoa: 'yes' },
  },
  {
    by: 'ines',
    title: 'Dredging plan with the harbour master',
    day: 2,
    hours: ['10:00', '11:30'],
    zone: lisbon,
    room: 'Sala Guadiana',
    colour: 3,
    with: { beatriz: 'yes', amina: 'no' },
  },
  {
    by: 'joaquin',
    title: 'Plan de campaña',
    day: 2,
    hours: ['11:00', '12:00'],
    zone: 'America/Montevideo',
    with: { ines: 'none', amina: 'yes' },
  },
  {
    by: 'ingrid',
    title: 'Contrato de concesión',
    day: 3,
    hours: ['11:00', '12:00'],
    zone: lisbon,
    team: 'Dirección y legal',
    with: { ines: 'yes', claire: 'none' },
  },
  { by: 'ines', title: 'Draft of chapter 4', day: 3, hours: ['14:30', '17:00'], zone: lisbon, colour: 5 },
  {
    by: 'beatriz',
    title: 'Tide model review',
    day: 4,
    hours: ['09:30', '10:30'],
    zone: lisbon,
    team: 'Port study Leixal',
  },
  {
    by: 'ines',
    title: 'Visita a Setúbal',
    place: 'Setúbal',
    day: 9,
    days: 2,
    zone: lisbon,
    colour: 2,
  },
  { by: 'amina', title: 'Site visit Leixal', day: 3, days: 2, zone: lisbon, team: 'Port study Leixal' },
];
