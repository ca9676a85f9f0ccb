import {
  IconCalendarPlus,
  IconDots,
  IconFileText,
  IconGlobe,
  IconPhone,
  IconPhoneIncoming,
  IconSend,
  IconStar,
  IconUpload,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import {
  Button,
  DayBar,
  Dot,
  Empty,
  ErrorNote,
  englishLabels,
  Face,
  FaceStack,
  IconButton,
  Line,
  Mark,
  Notice,
  PersonChip,
  PersonFace,
  Progress,
  Qr,
  ReachWord,
  Row,
  Rows,
  reaches,
  SectionTitle,
  Tooltip,
} from '../src/index.ts';
import { ConversationPart } from './conversation-part.tsx';
import { Dialogs } from './dialogs-part.tsx';
import { FieldsPart } from './fields-part.tsx';
import classes from './gallery.module.css';
import { lines } from './line-states.tsx';
import { people } from './people.ts';
import { SettingsPart } from './settings-part.tsx';
import { TablePart } from './table-part.tsx';

const nothing = () => {};

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A drawn pattern in place of a real code: the gallery needs the look only. */
const qrModules = Array.from({ length: 25 }, (_, y) =>
  Array.from({ length: 25 }, (_, x) => {
    const corner = (cx: number, cy: number) => {
      const distance = Math.max(Math.abs(x - cx), Math.abs(y - cy));
      return distance <= 3 ? distance !== 2 : distance === 4 ? false : undefined;
    };
    return corner(3, 3) ?? corner(21, 3) ?? corner(3, 21) ?? (x * 7 + y * 13 + x * y) % 3 === 0;
  }),
);

export function Parts() {
  return (
    <div className={classes.root}>
      <main className={classes.sheet}>
        <header className={classes.title}>
          <Mark size={36} />
          <h1>Liaison</h1>
        </header>
        <Part title="Reachability">
          <table className={classes.reaches}>
            <thead>
              <tr>
                <th>Face</th>
                <th>Shape</th>
                <th>Word</th>
                <th>In a sentence</th>
              </tr>
            </thead>
            <tbody>
              {reaches.map((state) => (
                <tr key={state}>
                  <td>
                    <PersonFace person={{ ...people.mateus, reach: { state } }} />
                  </td>
                  <td>
                    <Dot state={state} size={20} />
                  </td>
                  <td>
                    <ReachWord state={state}>{englishLabels.reach[state]}</ReachWord>
                  </td>
                  <td>
                    Ask <PersonChip size="small" person={{ ...people.mateus, reach: { state } }} /> first.
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
        <Part title="Line">
          <div className={classes.lines}>
            {lines.map(([name, state]) => (
              <div key={name} className={classes.lineRow}>
                {name}
                <Line me={people.ines} state={state} />
              </div>
            ))}
          </div>
        </Part>
        <Part title="Person">
          <div className={classes.two}>
            <div>
              <PersonChip person={people.njeri} />
              <PersonChip person={people.joaquin} time="09:50" />
              <PersonChip person={people.claire} second="Claire: versión final en Páginas" />
              <PersonChip person={people.outside} />
            </div>
            <PersonChip person={people.njeri} size="large" />
            <PersonChip person={people.amina} size="large" faceSize={104} />
            <div className={classes.flow}>
              <Face name="Dalva Nogueirão" />
              <Face name="Rosario Etxaniz" />
              <Face name="Lucas Pharand" />
              <Face name="Port study" square icon={<IconUsersGroup size={19} />} />
              <Face name="outside" square tone={4} icon={<IconGlobe size={19} />} />
              <PersonFace person={{ ...people.njeri, reach: undefined }} size={64} ringing />
              <FaceStack people={[people.beatriz, people.amina, people.tomas]} />
            </div>
          </div>
          <DayBar
            title="Her day, in your time"
            description="Free from 07:00, in a meeting from 08:30 to 09:30, not to be disturbed from 10:00 to 11:00, in a meeting from 14:30 to 15:30, until 16:00."
            now={{ at: 13.68, text: '13:41' }}
            spans={[
              { state: 'free', from: 7, to: 8.5 },
              { state: 'meeting', from: 8.5, to: 9.5 },
              { state: 'free', from: 9.5, to: 10 },
              { state: 'dnd', from: 10, to: 11 },
              { state: 'free', from: 11, to: 14.5 },
              { state: 'meeting', from: 14.5, to: 15.5 },
              { state: 'free', from: 15.5, to: 16 },
            ]}
          />
        </Part>
        <Part title="Buttons">
          <div className={classes.flow}>
            <Button leftSection={<IconSend size={17} />}>Send</Button>
            <Button variant="call" leftSection={<IconPhone size={17} />}>
              Call
            </Button>
            <Button variant="end">Hang up</Button>
            <Button variant="default" leftSection={<IconCalendarPlus size={17} />}>
              Find a time
            </Button>
            <Button variant="soft">Filter: free</Button>
            <Button variant="subtle">Later</Button>
            <Button size="md" leftSection={<IconUpload size={17} />}>
              Upload files
            </Button>
            <Button size="lg" href="#upload">
              A link
            </Button>
            <Button loading>Sending</Button>
            <Tooltip label="A favourite rings even when you are busy">
              <IconButton aria-label="Favourite" on>
                <IconStar size={18} />
              </IconButton>
            </Tooltip>
            <IconButton aria-label="More">
              <IconDots size={18} />
            </IconButton>
          </div>
          <Dialogs />
        </Part>
        <Part title="Rows">
          <div className={classes.two}>
            <Rows label="Recent calls">
              <Row
                href="#1"
                selected
                face={<PersonFace person={people.beatriz} />}
                name="Beatriz Monteverde"
                meta="13:28"
                second="In a call with you"
                secondIcon={<IconPhoneIncoming size={15} />}
              />
              <Row
                href="#2"
                missed
                face={<PersonFace person={people.claire} />}
                name="Claire Aubrieux"
                meta="12:51"
                second="Missed, rang 24 s"
                secondIcon={<IconPhoneIncoming size={15} />}
              />
              <Row
                href="#3"
                unread={2}
                face={<PersonFace person={people.tomas} />}
                name="Tomás Quevedo-Reis"
                meta="13:12"
                second="The annex is signed, sending it over"
              />
            </Rows>
            <div>
              <SectionTitle>Spaces</SectionTitle>
              <Rows label="Spaces">
                <Row compact onClick={nothing} face={<IconFileText size={18} />} name="Recent" />
                <Row compact onClick={nothing} face={<IconStar size={18} />} name="Favourites" selected />
                <Row
                  compact
                  onClick={nothing}
                  face={<IconUsersGroup size={18} />}
                  name="Field operations"
                  unread={4}
                />
              </Rows>
            </div>
          </div>
        </Part>
        <Part title="Table">
          <TablePart />
        </Part>
        <Part title="Conversation">
          <ConversationPart />
        </Part>
        <Part title="Fields">
          <FieldsPart />
        </Part>
        <Part title="Settings">
          <SettingsPart />
        </Part>
        <Part title="What is wrong, what is missing">
          <Notice title="We lost the connection at 13:41." action={<button type="button">Try again</button>}>
            What you write is kept here.
          </Notice>
          <div className={classes.two}>
            <ErrorNote
              title="The recording could not be saved."
              reference="0198c1c9-2f4e"
              actions={
                <Button variant="default" size="sm">
                  Try again
                </Button>
              }
            >
              The disk of this installation is full. The call itself went on.
            </ErrorNote>
            <div className={classes.part}>
              <ErrorNote tone="warn" title="Your password ends in 3 days." />
              <Progress label="Uploading 4 files" value={0.4} detail="1.2 of 3 GB" />
              <Progress label="Looking through 18 000 messages" />
            </div>
            <div className={classes.boxed}>
              <Empty
                title="No files here yet."
                actions={
                  <Button size="lg" leftSection={<IconUpload size={18} />}>
                    Upload files
                  </Button>
                }
              >
                What you upload is seen by <PersonChip size="small" person={people.kofi} />,{' '}
                <PersonChip size="small" person={people.amina} /> and you.
              </Empty>
            </div>
            <Qr modules={qrModules} label="Code to sign in on a telephone" />
          </div>
        </Part>
      </main>
    </div>
  );
}
