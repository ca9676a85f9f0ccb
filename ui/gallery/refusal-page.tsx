import { IconChevronRight, IconPhone, IconPlus } from '@tabler/icons-react';
import {
  Button,
  IconButton,
  Link,
  ListPane,
  Notice,
  Panes,
  PersonChip,
  Refusal,
  Row,
  Rows,
} from '../src/index.ts';
import { Chrome } from './chrome.tsx';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

/** The connection is lost, the page is somebody else's: proves the refusal, the band and the reconnecting line. */
export function RefusalPage() {
  return (
    <Chrome
      place="pages"
      line={{
        kind: 'reconnecting',
        person: people.beatriz,
        timer: '12:48',
        detail: 'Line lost for 4 s. She hears a waiting tone.',
        verbs: [
          { id: 'mobile', onSelect: nothing },
          { id: 'end', onSelect: nothing },
        ],
      }}
      notice={
        <Notice title="We lost the connection at 13:41." action={<button type="button">Try again</button>}>
          What you write is kept here.
        </Notice>
      }
    >
      <Panes
        list={
          <ListPane
            title="Pages"
            actions={
              <IconButton aria-label="New page">
                <IconPlus size={18} />
              </IconButton>
            }
          >
            <Rows>
              {['Étude du port, Leixal', 'Opérations de terrain', 'Contrats', 'Conseil d’administration'].map(
                (name) => (
                  <Row
                    key={name}
                    compact
                    href="#page"
                    face={<IconChevronRight size={16} />}
                    name={name}
                    selected={name.startsWith('Conseil')}
                  />
                ),
              )}
            </Rows>
          </ListPane>
        }
      >
        <Refusal
          isPage
          title="This page is for the board."
          actions={
            <>
              <span className={classes.grow}>
                <PersonChip person={people.outside} />
              </span>
              <Button variant="default" leftSection={<IconPhone size={17} />}>
                Call
              </Button>
              <Button>Ask to be let in</Button>
            </>
          }
          foot={
            <>
              Did you expect something else? <Link href="#page">Back to Mouillage de mardi</Link>
            </>
          }
        >
          Ingrid Solvang-Mørk shared it with 6 people. Your request reaches her with your name and your words,
          nothing else.
        </Refusal>
      </Panes>
    </Chrome>
  );
}
