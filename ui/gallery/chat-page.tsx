import {
  IconAt,
  IconBell,
  IconCheck,
  IconDots,
  IconDownload,
  IconEdit,
  IconEye,
  IconFileSpreadsheet,
  IconFilter,
  IconLifebuoy,
  IconMapPin,
  IconMicrophone,
  IconMoodSmile,
  IconPaperclip,
  IconPhone,
  IconPlus,
  IconSearch,
  IconUsersGroup,
  IconVideo,
} from '@tabler/icons-react';
import { useState } from 'react';
import {
  Attachment,
  Button,
  CallRecord,
  Composer,
  type ComposerTool,
  DayDivider,
  Dot,
  englishLabels,
  Face,
  FaceStack,
  IconButton,
  ListPane,
  Mention,
  Message,
  NewDivider,
  PageHeader,
  Panes,
  PersonFace,
  type PersonView,
  ReachWord,
  Row,
  Rows,
  reachText,
  SectionTitle,
  Segments,
  SidePane,
} from '../src/index.ts';
import { Chrome } from './chrome.tsx';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

const tools: ComposerTool[] = [
  { id: 'add', label: 'Add', icon: <IconPlus size={18} />, onSelect: nothing, keep: true },
  { id: 'attach', label: 'Attach', icon: <IconPaperclip size={18} />, onSelect: nothing, keep: true },
  { id: 'mention', label: 'Mention', icon: <IconAt size={18} />, onSelect: nothing },
  { id: 'reaction', label: 'Reaction', icon: <IconMoodSmile size={18} />, onSelect: nothing },
  { id: 'voice', label: 'Voice message', icon: <IconMicrophone size={18} />, onSelect: nothing },
];

function Team({ name, tone, icon }: { name: string; tone: number; icon?: 'help' }) {
  return (
    <Face
      name={name}
      square
      tone={tone}
      icon={icon ? <IconLifebuoy size={19} /> : <IconUsersGroup size={19} />}
    />
  );
}

function PersonRow({
  person,
  meta,
  second,
  unread,
}: {
  person: PersonView;
  meta: string;
  second?: string;
  unread?: number;
}) {
  return (
    <Row
      href="#chat"
      face={<PersonFace person={person} />}
      name={person.name}
      meta={meta}
      unread={unread}
      second={
        second ??
        (person.reach ? (
          <ReachWord state={person.reach.state}>{reachText(englishLabels, person)}</ReachWord>
        ) : null)
      }
    />
  );
}

function ChatList() {
  const [part, setPart] = useState('all');
  return (
    <ListPane
      title="Chat"
      actions={
        <>
          <IconButton aria-label="Filter">
            <IconFilter size={18} />
          </IconButton>
          <IconButton aria-label="New message">
            <IconEdit size={18} />
          </IconButton>
        </>
      }
      tools={
        <Segments
          label="Show"
          value={part}
          onChange={setPart}
          items={[
            { id: 'all', label: 'All' },
            { id: 'unread', label: 'Unread', count: 3 },
            { id: 'mentions', label: 'Mentions', count: 1 },
          ]}
        />
      }
    >
      <Rows label="Recent">
        <Row
          href="#chat"
          selected
          face={<Team name="Port study, Leixal" tone={1} />}
          name="Port study, Leixal"
          meta="13:38"
          second="Tomás: insurance covers the buoys"
        />
        <PersonRow person={people.beatriz} meta="13:29" />
        <PersonRow
          person={people.tomas}
          meta="13:12"
          second="The annex is signed, sending it over"
          unread={2}
        />
        <PersonRow person={people.njeri} meta="12:55" second="You: happy to walk through it at three" />
      </Rows>
      <SectionTitle>Teams</SectionTitle>
      <Rows label="Teams">
        <Row
          href="#chat"
          unread={1}
          face={<Team name="Field operations" tone={2} />}
          name="Field operations"
          meta="12:40"
          second="Kofi: samples left Dakar at noon"
        />
        <Row
          href="#chat"
          face={<Team name="IT support" tone={3} icon="help" />}
          name="IT support"
          meta="11:02"
          second={<ReachWord state="free">3 of 5 free</ReachWord>}
        />
        <Row
          href="#chat"
          face={<Team name="Dirección y legal" tone={5} />}
          name="Dirección y legal"
          meta="Wed"
          second="Claire: versión final en Páginas"
        />
      </Rows>
      <SectionTitle>People</SectionTitle>
      <Rows label="People">
        <PersonRow person={people.hoa} meta="10:14" second="Tide tables are in the shared folder" />
        <PersonRow person={people.joaquin} meta="09:50" second="Zarpamos el lunes si el viento afloja" />
        <PersonRow person={people.claire} meta="Wed" />
        <PersonRow person={people.ingrid} meta="Wed" second="Can you take the board question?" />
      </Rows>
    </ListPane>
  );
}

function Thread() {
  return (
    <SidePane
      title="Thread"
      meta="4 people follow it"
      actions={
        <IconButton aria-label="Follow">
          <IconBell size={18} />
        </IconButton>
      }
      foot={<Composer label="Reply" onSubmit={nothing} tools={tools} />}
    >
      <div className={classes.thread}>
        <Message by={people.amina} time="13:34">
          La houle passe sous 0,8 m dès mardi. On peut mouiller les deux capteurs si Joaquín confirme le
          bateau.
        </Message>
        <DayDivider>3 replies</DayDivider>
        <Message by={people.joaquin} time="13:35">
          Lo confirmo en una hora, falta el parte de la capitanía.
        </Message>
        <Message by={people.tomas} time="13:37">
          Annex 3 is signed on our side. Nothing blocks Tuesday.
        </Message>
        <Message
          by={people.amina}
          time="13:38"
          attachments={
            <Attachment
              name="Liste flacons mardi.ods"
              detail="18 kB"
              icon={<IconFileSpreadsheet size={19} />}
              href="#file"
            />
          }
        >
          Parfait. Je préviens Kofi pour les flacons.
        </Message>
      </div>
    </SidePane>
  );
}

/** The chat page, full screen: proves the shell, the panes and everything of a conversation. */
export function ChatPage({ view }: { view?: 'list' | 'page' | 'side' }) {
  const [shown, setShown] = useState(view ?? 'page');
  return (
    <Chrome place="chat">
      <Panes
        view={shown}
        list={<ChatList />}
        side={<Thread />}
        onShowList={() => setShown('list')}
        onCloseSide={() => setShown('page')}
      >
        <PageHeader
          face={<Team name="Port study, Leixal" tone={1} />}
          title="Port study, Leixal"
          meta={
            <>
              9 people · <ReachWord state="free">4 free</ReachWord>
              <span className={classes.wide}> · leixal@estuaria.example</span>
            </>
          }
          actions={
            <>
              <FaceStack people={[people.beatriz, people.amina, people.tomas, people.njeri]} size={28} />
              <span className={classes.wide}>
                <Button variant="default" leftSection={<IconPhone size={17} />}>
                  Call the 4 free
                </Button>
              </span>
              <span className={classes.narrow} data-keep="">
                <IconButton aria-label="Call the 4 free">
                  <IconPhone size={20} />
                </IconButton>
              </span>
              <IconButton aria-label="Video">
                <IconVideo size={18} />
              </IconButton>
              <IconButton aria-label="Search here">
                <IconSearch size={18} />
              </IconButton>
              <IconButton aria-label="More">
                <IconDots size={18} />
              </IconButton>
            </>
          }
        />
        <div className={classes.log}>
          <div className={classes.logInner}>
            <Message by={people.hoa} time="17:52">
              Tide tables for June are in the shared folder, both formats. I am on land until the 20th.
            </Message>
            <DayDivider>Thursday 14 May</DayDivider>
            <Message by={people.njeri} time="09:04">
              Good morning. The 2019 gauge was moved 40 m upstream, so the two series can’t be joined without
              a correction. I wrote it up in <a href="#page">Séries de niveaux</a>.
            </Message>
            <Message
              by={people.beatriz}
              time="09:21"
              attachments={
                <Attachment
                  name="correntes-leixal-v7.pdf"
                  detail="4.2 MB · opened by 5 of 9"
                  icon={<IconMapPin size={19} />}
                  href="#file"
                  action={
                    <IconButton aria-label="Download correntes-leixal-v7.pdf">
                      <IconDownload size={18} />
                    </IconButton>
                  }
                />
              }
            >
              Perfeito, era isso que faltava. Refaço o modelo hoje com a correção da Njeri e mando o mapa de
              correntes antes das 15h.
            </Message>
            <CallRecord
              href="#call"
              title="Tomás called Beatriz and you"
              detail="14 min · summary in Pages"
              action="Open"
            />
            <NewDivider since="13:20" />
            <Message
              by={people.amina}
              time="13:34"
              reactions={[
                { id: 'agreed', label: 'Agreed', icon: <IconCheck size={14} />, count: 4, mine: true },
                { id: 'looking', label: 'Looking', icon: <IconEye size={14} />, count: 1 },
              ]}
              replies={{ count: 3, people: [people.joaquin, people.tomas], last: 'last at 13:38' }}
              onOpenReplies={() => setShown('side')}
            >
              <Mention you>
                <Dot state="call" size={9} />
                Inês Carvalhal
              </Mention>{' '}
              la houle passe sous 0,8 m dès mardi. On peut mouiller les deux capteurs si Joaquín confirme le
              bateau.
            </Message>
            <Message by={people.joaquin} time="13:36">
              Barco confirmado para el martes a las 06:00. Llevo el perfilador y dos boyas de repuesto.
            </Message>
            <Message by={people.tomas} time="13:38" showState>
              Insurance covers the buoys since Monday.{' '}
              <Mention>
                <Dot state="dnd" size={9} />
                Claire Aubrieux
              </Mention>{' '}
              has the certificate; I can’t call her before three.
            </Message>
          </div>
        </div>
        <Composer label="Message Port study, Leixal" onSubmit={nothing} tools={tools} />
      </Panes>
    </Chrome>
  );
}
