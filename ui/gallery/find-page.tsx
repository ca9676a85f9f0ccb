import {
  IconCalendar,
  IconCalendarPlus,
  IconDoor,
  IconFileDescription,
  IconMail,
  IconUsersGroup,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Face, FaceStack, Kbd, Palette, type PaletteGroup, PersonFace, ReachWord } from '../src/index.ts';
import { ChatPage } from './chat-page.tsx';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};
const call = { id: 'call', label: 'Call', onSelect: nothing };
const chat = { id: 'chat', label: 'Chat', onSelect: nothing };
const open = { id: 'open', label: 'Open', onSelect: nothing };

const groups: PaletteGroup[] = [
  {
    id: 'call',
    title: 'Call',
    rows: [
      {
        id: 'team',
        face: <Face name="Port study" square tone={1} icon={<IconUsersGroup size={19} />} />,
        title: (
          <>
            <mark>Port</mark> study, Leixal
          </>
        ),
        second: 'Team of 9, the call rings the free ones',
        state: <ReachWord state="free">4 free</ReachWord>,
        verbs: [call, chat],
      },
      {
        id: 'joaquin',
        face: <PersonFace person={people.joaquin} />,
        title: 'Joaquín Salvatierra',
        second: (
          <>
            Survey vessel, <mark>Port</mark> study
          </>
        ),
        state: <ReachWord state="away">Away 12 min</ReachWord>,
        verbs: [call, chat],
      },
      {
        id: 'porto',
        face: <Face name="Porto" square tone={5} icon={<IconDoor size={19} />} />,
        title: (
          <>
            <mark>Porto</mark> room
          </>
        ),
        second: 'Lisboa, 8 seats, ext. 4312',
        state: <ReachWord state="free">Empty until 16:00</ReachWord>,
        verbs: [call],
      },
      {
        id: 'capitania',
        face: <Face name="Porto Leixal" square tone={4} />,
        title: (
          <>
            <mark>Porto</mark> de Leixal, capitania
          </>
        ),
        second: 'Outside, +33 1 99 00 41 18',
        state: 'Last call 6 May',
        verbs: [call],
      },
    ],
  },
  {
    id: 'open',
    title: 'Open',
    rows: [
      {
        id: 'review',
        face: <Face name="r" square tone={2} icon={<IconCalendar size={19} />} />,
        title: (
          <>
            <mark>Port</mark> study review
          </>
        ),
        second: 'Today 14:30, Douro room',
        state: 'in 49 min',
        verbs: [open],
      },
      {
        id: 'page',
        face: <Face name="p" square tone={2} icon={<IconFileDescription size={19} />} />,
        title: 'Mouillage de mardi',
        second: (
          <>
            Page in Étude du <mark>port</mark>, 3 people in it now
          </>
        ),
        state: <FaceStack people={[people.amina, people.kofi, people.njeri]} size={24} />,
        verbs: [open],
      },
      {
        id: 'mail',
        face: <Face name="m" square tone={2} icon={<IconMail size={19} />} />,
        title: 'Autorização de fundeio',
        second: (
          <>
            Mail from <mark>Porto</mark> de Leixal, capitania
          </>
        ),
        state: '10:32',
        verbs: [open],
      },
    ],
  },
  {
    id: 'do',
    title: 'Do',
    rows: [
      {
        id: 'plan',
        face: <Face name="d" square tone={1} icon={<IconCalendarPlus size={19} />} />,
        title: (
          <>
            Plan a meeting with <mark>Port</mark> study, Leixal
          </>
        ),
        second: 'First shared hour: tomorrow 13:00',
        state: <Kbd>M</Kbd>,
        verbs: [open],
      },
    ],
  },
];

const members = [
  people.amina,
  people.njeri,
  people.mateus,
  people.kofi,
  people.beatriz,
  people.tomas,
  people.claire,
];

function Preview() {
  return (
    <>
      <Face name="Port study" square tone={1} size={56} icon={<IconUsersGroup size={28} />} />
      <h2 className={classes.previewTitle}>Port study, Leixal</h2>
      <p className={classes.previewMeta}>leixal@estuaria.example, ext. 4190</p>
      <ul className={classes.members}>
        {members.map((person) => (
          <li key={person.id}>
            <PersonFace person={person} size={28} />
            <span>{person.name}</span>
            <ReachWord state={person.reach.state}>
              {'until' in person.reach
                ? `Until ${person.reach.until}`
                : person.reach.state === 'call'
                  ? 'With you'
                  : 'Free'}
            </ReachWord>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The palette over the chat page. */
export function FindPage() {
  const [query, setQuery] = useState('port');
  const [opened, setOpened] = useState(true);
  return (
    <>
      <ChatPage />
      <Palette
        opened={opened}
        onClose={() => setOpened(false)}
        query={query}
        onQuery={setQuery}
        groups={query ? groups : []}
        hint="Everything with a name can be called"
        foot="Type a number to dial it, @ for people, # for places, > for commands"
        empty="Type a name, a number or a word."
        preview={() => <Preview />}
      />
    </>
  );
}
