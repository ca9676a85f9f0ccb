import { IconLock, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { PersonFace, SelectionVerb, Table, Tag } from '../src/index.ts';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

/** A table that sorts and selects. */
export function TablePart() {
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
