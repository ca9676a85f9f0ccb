import {
  IconAt,
  IconCalendarPlus,
  IconDots,
  IconFileText,
  IconGlobe,
  IconLock,
  IconMessageReply,
  IconMoodSmile,
  IconPaperclip,
  IconPhone,
  IconPhoneIncoming,
  IconPlus,
  IconSend,
  IconStar,
  IconUpload,
  IconUsersGroup,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import {
  Attachment,
  Badge,
  Button,
  CallRecord,
  Checkbox,
  Composer,
  ConfirmDialog,
  DayBar,
  DayDivider,
  Dot,
  Empty,
  ErrorNote,
  englishLabels,
  Face,
  FaceStack,
  IconButton,
  Kbd,
  KeyHelp,
  Line,
  type LineState,
  Mark,
  Mention,
  Menu,
  Message,
  NewDivider,
  Notice,
  PasswordInput,
  PersonChip,
  PersonFace,
  Progress,
  Qr,
  Radio,
  ReachWord,
  Row,
  Rows,
  reaches,
  SectionTitle,
  Segments,
  Select,
  SelectionVerb,
  Switch,
  Table,
  Tag,
  Textarea,
  TextInput,
  Tooltip,
  useToasts,
} from '../src/index.ts';
import { inCall } from './chrome.tsx';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

const lines: [string, LineState][] = [
  ['Idle', { kind: 'idle', next: { time: '14:30', title: 'Port study review', in: 'in 49 min' } }],
  [
    'Idle, soon',
    {
      kind: 'idle',
      next: { time: '14:30', title: 'Port study review', in: 'in 8 min' },
      verbs: [{ id: 'join', onSelect: nothing }],
    },
  ],
  [
    'Ringing in',
    {
      kind: 'ringing-in',
      person: people.njeri,
      detail: 'Calls you',
      timer: '0:06',
      verbs: [
        { id: 'answer', onSelect: nothing },
        { id: 'answer-video', onSelect: nothing },
        { id: 'refuse-with-word', onSelect: nothing },
        { id: 'refuse', onSelect: nothing },
      ],
    },
  ],
  [
    'Ringing out',
    {
      kind: 'ringing-out',
      person: people.amina,
      detail: 'Her mobile rings too',
      timer: '0:11',
      verbs: [{ id: 'end', onSelect: nothing }],
    },
  ],
  ['In a call', inCall],
  [
    'Muted',
    {
      kind: 'call',
      person: people.beatriz,
      detail: 'São Paulo, 09:41 there',
      timer: '1:12:48',
      verbs: [
        { id: 'mute', onSelect: nothing, pressed: true },
        { id: 'hold', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Held',
    {
      kind: 'held',
      person: people.beatriz,
      detail: 'On hold for 1:20',
      verbs: [
        { id: 'resume', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Two calls',
    {
      kind: 'two',
      person: people.tomas,
      detail: 'Talking',
      timer: '0:42',
      second: people.beatriz,
      secondDetail: 'held 1:20',
      verbs: [
        { id: 'swap', onSelect: nothing },
        { id: 'join', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
  [
    'Meeting',
    {
      kind: 'meeting',
      title: 'Port study review',
      detail: 'Douro, 6 people',
      timer: '18:04',
      verbs: [
        { id: 'mute', onSelect: nothing, pressed: false },
        { id: 'camera', onSelect: nothing, pressed: false },
        { id: 'leave', onSelect: nothing },
      ],
    },
  ],
  [
    'Reconnecting',
    {
      kind: 'reconnecting',
      person: people.beatriz,
      detail: 'Line lost for 4 s, trying again',
      timer: '12:48',
      verbs: [
        { id: 'mobile', onSelect: nothing },
        { id: 'end', onSelect: nothing },
      ],
    },
  ],
];

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

function Dialogs() {
  const toasts = useToasts();
  const [asked, setAsked] = useState(false);
  const [keys, setKeys] = useState(false);
  return (
    <div className={classes.flow}>
      <Button variant="default" onClick={() => setAsked(true)}>
        Ask first
      </Button>
      <Button variant="default" onClick={() => setKeys(true)}>
        All keys
      </Button>
      <Button
        variant="default"
        onClick={() =>
          toasts.show({ text: '3 files moved to Contrats', action: { label: 'Undo', onSelect: nothing } })
        }
      >
        Say something
      </Button>
      <Menu>
        <Menu.Target>
          <Button variant="default">A menu</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Sort by</Menu.Label>
          <Menu.Item leftSection={<IconStar size={16} />}>Name</Menu.Item>
          <Menu.Item>Date</Menu.Item>
          <Menu.Divider />
          <Menu.Item>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asked}
        title="Delete 3 files?"
        verb="Delete"
        danger
        onConfirm={() => setAsked(false)}
        onCancel={() => setAsked(false)}
      >
        They stay in the bin for 30 days. Links to them stop working now.
      </ConfirmDialog>
      <KeyHelp
        opened={keys}
        onClose={() => setKeys(false)}
        groups={[
          {
            title: 'Everywhere',
            keys: [
              { keys: ['Ctrl K'], does: 'Find or call' },
              { keys: ['G', 'C'], does: 'Go to chat' },
              { keys: ['?'], does: 'All keys' },
            ],
          },
          {
            title: 'On the line',
            keys: [
              { keys: ['Ctrl Shift A'], does: 'Answer or resume' },
              { keys: ['Ctrl Shift D'], does: 'Refuse or hang up' },
            ],
          },
        ]}
      />
    </div>
  );
}

function TablePart() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(['claire', 'hoa']));
  return (
    <div className={classes.boxed}>
      <Table
        label="People"
        items={[people.amina, people.beatriz, people.claire, people.hoa]}
        idOf={(person) => person.id}
        nameOf={(person) => person.name}
        selected={selected}
        onSelect={setSelected}
        sort={{ column: 'name', descending: false }}
        onSort={nothing}
        selectionVerbs={
          <>
            <SelectionVerb icon={<IconUsersGroup size={17} />} onClick={nothing}>
              Add to a team
            </SelectionVerb>
            <SelectionVerb icon={<IconLock size={17} />} onClick={nothing}>
              Suspend
            </SelectionVerb>
          </>
        }
        columns={[
          {
            id: 'name',
            title: 'Person',
            sortable: true,
            cell: (person) => (
              <span className={classes.cell}>
                <PersonFace person={person} size={32} />
                {person.name}
              </span>
            ),
          },
          { id: 'office', title: 'Office', width: '120px', cell: (person) => person.office },
          {
            id: 'account',
            title: 'Account',
            width: '130px',
            wide: true,
            cell: (person) =>
              person.id === 'hoa' ? (
                <Tag tone="danger" icon={<IconLock size={13} />}>
                  Suspended
                </Tag>
              ) : (
                <Tag>Active</Tag>
              ),
          },
        ]}
      />
    </div>
  );
}

function FieldsPart() {
  const [segment, setSegment] = useState<'all' | 'unread'>('all');
  return (
    <>
      <div className={classes.two}>
        <TextInput
          label="Name"
          placeholder="As others should read it"
          description="Letters of every script are welcome."
        />
        <TextInput
          label="Address"
          defaultValue="njeri.wambuto@estuaria"
          error="An address ends with its domain, like estuaria.example."
        />
        <Select
          label="Office"
          data={['Dakar', 'Lisboa', 'Manila', 'Montréal', 'Montevideo', 'Nairobi', 'São Paulo']}
          defaultValue="Lisboa"
        />
        <PasswordInput label="Password" description="Twelve characters or more." />
        <Textarea label="A word for her" placeholder="What should she know?" autosize={false} rows={3} />
        <div className={classes.part}>
          <Checkbox label="Tell me when she is free" defaultChecked />
          <Checkbox label="Keep a recording" />
          <Radio label="My telephone rings first" defaultChecked name="first" />
          <Switch label="Single keys work outside of text" defaultChecked />
        </div>
      </div>
      <div className={classes.flow}>
        <Segments
          label="Show"
          value={segment}
          onChange={setSegment}
          items={[
            { id: 'all', label: 'All' },
            { id: 'unread', label: 'Unread', count: 3 },
          ]}
        />
        <Tag>Active</Tag>
        <Tag tone="accent">Invited</Tag>
        <Tag tone="danger" icon={<IconLock size={13} />}>
          Suspended
        </Tag>
        <Tag tone="warn">Ends in 3 d</Tag>
        <Tag tone="free">Open</Tag>
        <Badge count={3} /> <Badge count={128} /> <Badge count={12} quiet />
        <Kbd>Ctrl K</Kbd>
      </div>
    </>
  );
}

function ConversationPart() {
  return (
    <div className={classes.boxed}>
      <DayDivider>Thursday 14 May</DayDivider>
      <Message
        by={people.njeri}
        time="09:04"
        showState
        reactions={[{ id: 'yes', label: 'Agreed', count: 4, mine: true }]}
        replies={{ count: 3, people: [people.joaquin, people.tomas], last: 'last at 13:38' }}
        actions={
          <>
            <IconButton aria-label="React">
              <IconMoodSmile size={18} />
            </IconButton>
            <IconButton aria-label="Reply">
              <IconMessageReply size={18} />
            </IconButton>
            <IconButton aria-label="More">
              <IconDots size={18} />
            </IconButton>
          </>
        }
      >
        The gauge moved upstream.{' '}
        <Mention>
          <Dot state="dnd" size={9} />
          Claire Aubrieux
        </Mention>{' '}
        knows more: see <a href="#page">Séries de niveaux</a>.
      </Message>
      <Message by={people.njeri} time="09:05" continued>
        Und ein sehr langes Wort:
        Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft-https://estuaria.example/pages/0198c1c9-2f4e-7b2b-8a4e-6a5f9f7d2c11
      </Message>
      <Message
        by={people.beatriz}
        time="09:21"
        attachments={
          <>
            <Attachment name="correntes-leixal-v7.pdf" detail="4.2 MB · opened by 5 of 9" href="#file" />
            <Attachment name="modelo-completo.nc" progress={0.62} onRemove={nothing} />
          </>
        }
      >
        Perfeito, era isso que faltava.
      </Message>
      <CallRecord
        title="Tomás called Beatriz and you"
        detail="14 min · summary in Pages"
        action="Open"
        href="#call"
      />
      <NewDivider since="13:20" />
      <Message by={people.ines} time="13:41" status="queued">
        Tuesday works for me.
      </Message>
      <Message
        by={people.ines}
        time="13:42"
        status="failed"
        failure="The file is larger than 100 MB. Put it into Files and send its link."
        onRetry={nothing}
        onDiscard={nothing}
      >
        Here is the model.
      </Message>
      <Composer
        label="Message Port study, Leixal"
        onSubmit={nothing}
        tools={[
          { id: 'add', label: 'Add', icon: <IconPlus size={18} />, onSelect: nothing, keep: true },
          { id: 'attach', label: 'Attach', icon: <IconPaperclip size={18} />, onSelect: nothing, keep: true },
          { id: 'mention', label: 'Mention', icon: <IconAt size={18} />, onSelect: nothing },
        ]}
      />
      <Composer
        label="Write to the board"
        onSubmit={nothing}
        blocked="Only the board writes here. Ingrid can let you in."
      />
    </div>
  );
}

/** Every part in every state. */
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
