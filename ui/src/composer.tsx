import { IconSend } from '@tabler/icons-react';
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Button } from './button.tsx';
import classes from './composer.module.css';
import { IconButton } from './icon-button.tsx';
import { useLabels } from './labels.tsx';

export interface ComposerTool {
  id: string;
  label: string;
  icon: ReactNode;
  onSelect: () => void;
  on?: boolean;
  /** Stays on telephones. */
  keep?: boolean;
}

export interface ComposerProps {
  /** What it is, and what stands in it while empty: "Message Port study, Leixal". */
  label: string;
  /** Enter, or the button. Not called with nothing but spaces unless there are `attachments`. */
  onSubmit: (text: string) => void;
  /** Held by the app; without it the composer holds its own text and empties it on submit. */
  value?: string;
  onChange?: (text: string) => void;
  tools?: readonly ComposerTool[];
  /** Over the text: files that will go with it, the message that is answered. */
  attachments?: ReactNode;
  /** Why nothing can be sent now. Said under the tools; writing still works. */
  blocked?: string;
  /** Before the composer's own keys; call `preventDefault` to keep one (a list of mentions is open). */
  onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  onPaste?: (files: readonly File[]) => void;
  autoFocus?: boolean;
  sendLabel?: string;
  ref?: Ref<HTMLTextAreaElement>;
}

/** Where one writes. Enter sends, Shift and Enter makes a new line; it grows up to a third of the screen. */
export function Composer(props: ComposerProps) {
  const { label, onSubmit, onChange, tools = [], attachments, blocked, sendLabel } = props;
  const labels = useLabels();
  const [own, setOwn] = useState('');
  const text = props.value ?? own;
  const area = useRef<HTMLTextAreaElement>(null);
  const blockedId = useId();

  const write = (next: string) => {
    if (props.value === undefined) setOwn(next);
    onChange?.(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew whenever the text changes
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const submit = () => {
    if (blocked || (!text.trim() && !attachments)) {
      area.current?.focus();
      return;
    }
    onSubmit(text);
    if (props.value === undefined) write('');
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    props.onKeyDown?.(event);
    // While a syllable is being composed (Chinese, Japanese, accents), Enter belongs to the input method.
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {attachments ? <div className={classes.attachments}>{attachments}</div> : null}
      <textarea
        ref={(element) => {
          area.current = element;
          if (typeof props.ref === 'function') return props.ref(element);
          if (props.ref) props.ref.current = element;
        }}
        className={classes.area}
        rows={1}
        value={text}
        placeholder={label}
        aria-label={label}
        aria-describedby={blocked ? blockedId : undefined}
        // biome-ignore lint/a11y/noAutofocus: opening a conversation is for writing in it
        autoFocus={props.autoFocus}
        enterKeyHint="send"
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (!props.onPaste || files.length === 0) return;
          event.preventDefault();
          props.onPaste(files);
        }}
      />
      <div className={classes.tools}>
        {tools.map((tool) => (
          <IconButton
            key={tool.id}
            aria-label={tool.label}
            on={tool.on}
            data-keep={tool.keep || undefined}
            onClick={tool.onSelect}
          >
            {tool.icon}
          </IconButton>
        ))}
        {blocked ? (
          <span id={blockedId} className={classes.blocked} role="status">
            {blocked}
          </span>
        ) : (
          <span className={classes.space} />
        )}
        <Button
          type="submit"
          aria-label={sendLabel ?? labels.send}
          disabled={!!blocked}
          className={classes.send}
          leftSection={<IconSend size={17} />}
        >
          {sendLabel ?? labels.send}
        </Button>
      </div>
    </form>
  );
}
