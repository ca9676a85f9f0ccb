import { IconDeviceLandlinePhone, IconDeviceLaptop } from '@tabler/icons-react';
import {
  Actions,
  Button,
  Checkbox,
  Choices,
  Pair,
  Section,
  Tag,
  TextInput,
  Thing,
  Things,
} from '../src/index.ts';

/** A page of settings: a matter as a form, and one with things. */
export function SettingsPart() {
  return (
    <div>
      <Section
        title="Working hours"
        why="Whoever looks for a common time is proposed these first."
        onSubmit={() => {}}
      >
        <Choices legend="Working days">
          {['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((day) => (
            <Checkbox key={day} label={day} defaultChecked={!day.startsWith('S')} />
          ))}
        </Choices>
        <Pair>
          <TextInput label="From" defaultValue="09:00" />
          <TextInput label="Until" defaultValue="17:30" error="It ends before it begins." />
        </Pair>
        <Actions>
          <Button type="submit" variant="filled" size="md">
            Save
          </Button>
          <Button variant="subtle">As usual</Button>
        </Actions>
      </Section>
      <Section
        title="Where I am signed in"
        why="If you do not know one of them, end it and change your password."
      >
        <Things label="Sessions">
          <Thing
            icon={<IconDeviceLaptop size={18} />}
            name={
              <>
                Firefox on Debian <Tag tone="accent">This one</Tag>
              </>
            }
            second="Signed in 14 May 2026, 09:12"
          />
          <Thing
            icon={<IconDeviceLandlinePhone size={18} />}
            name="The telephone in the laboratory of the northern quay, beside the tide gauge"
            second="Used a moment ago"
            wraps
            action={
              <Actions>
                <Button variant="default">Try it</Button>
                <Button variant="subtle">Take away</Button>
              </Actions>
            }
          />
        </Things>
      </Section>
    </div>
  );
}
