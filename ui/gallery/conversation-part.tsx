import {
  IconAt,
  IconDots,
  IconMessageReply,
  IconMoodSmile,
  IconPaperclip,
  IconPlus,
} from '@tabler/icons-react';
import {
  Attachment,
  CallRecord,
  Composer,
  DayDivider,
  Dot,
  IconButton,
  Mention,
  Message,
  NewDivider,
} from '../src/index.ts';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

/** Messages, and where they are written. */
export function ConversationPart() {
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
