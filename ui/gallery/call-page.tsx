import {
  IconCalendar,
  IconDots,
  IconFileSpreadsheet,
  IconFileText,
  IconFolder,
  IconLayoutGrid,
  IconMail,
  IconMessageCircle,
  IconNotes,
  IconPencil,
  IconPhone,
  IconPhoto,
  IconUpload,
} from '@tabler/icons-react';
import {
  Button,
  Dossier,
  DossierFile,
  DossierItem,
  DossierNote,
  DossierSection,
  englishLabels,
  IconButton,
  Kbd,
  type Labels,
  LabelsProvider,
  type LineState,
  Link,
  ListPane,
  PageBody,
  PageHeader,
  Panes,
  PersonFace,
  type PersonView,
  Row,
  Rows,
  Table,
  TextInput,
} from '../src/index.ts';
import { Chrome, french } from './chrome.tsx';
import classes from './gallery.module.css';
import { people } from './people.ts';

const nothing = () => {};

const labels: Partial<Labels> = {
  reach: { ...englishLabels.reach, ringing: 'Ça sonne' },
  line: 'Ligne',
  lineVerb: { ...englishLabels.lineVerb, silence: 'Couper la sonnerie' },
  hourThere: (time) => `${time} chez elle`,
  incomingCall: 'Appel entrant',
  incomingFrom: (name) => `${name} vous appelle`,
  answer: 'Répondre',
  answerVideo: 'Répondre en vidéo',
  refuse: 'Refuser',
  refuseWithWord: 'Refuser avec un mot',
  more: 'Plus',
};

const ringing: LineState = {
  kind: 'ringing-in',
  person: people.njeri,
  detail: 'Appel entrant',
  timer: '0:06',
  verbs: [{ id: 'silence', onSelect: nothing }],
};

interface FileRow {
  name: string;
  by: PersonView;
  date: string;
  size: string;
}

const files: FileRow[] = [
  { name: 'Relevés 2019–2026', by: people.tomas, date: '13 mai', size: '—' },
  { name: 'Autorisations', by: people.claire, date: '12 mai', size: '—' },
  { name: 'correntes-leixal-v7.pdf', by: people.beatriz, date: '09:21', size: '4,2 Mo' },
  { name: 'Liste flacons mardi.ods', by: people.amina, date: '13:38', size: '18 ko' },
  { name: 'Compte rendu 13 mai.odt', by: people.ines, date: '11:05', size: '96 ko' },
  { name: 'Séries de niveaux.csv', by: people.njeri, date: '08:58', size: '11,7 Mo' },
  { name: 'Plan de mouillage.png', by: people.mateus, date: '12 mai', size: '6,3 Mo' },
  { name: 'Annexe 3 signée.pdf', by: people.tomas, date: '11 mai', size: '74 ko' },
  { name: 'Assurance bouées.pdf', by: people.claire, date: '11 mai', size: '212 ko' },
  { name: 'Fiche navire.odt', by: people.joaquin, date: '8 mai', size: '1,1 Mo' },
  { name: 'Cahier des charges.pdf', by: people.ingrid, date: '4 mai', size: '880 ko' },
  { name: 'Budget prévisionnel.ods', by: people.kofi, date: '2 mai', size: '41 ko' },
];

function CallDossier() {
  return (
    <Dossier
      caller={{ ...people.njeri, role: 'Responsable de l’hydrologie' }}
      me={people.ines}
      timer="sonne 0:06"
      reason="Appelle votre adresse, poste 4102"
      onAnswer={nothing}
      onAnswerVideo={nothing}
      onRefuse={nothing}
      onRefuseWith={nothing}
      words={[
        { id: 'later', text: 'Je vous rappelle dans 10 min' },
        { id: 'write', text: 'Écrivez-moi, je lis' },
        { id: 'voicemail', text: 'Messagerie vocale' },
      ]}
      title="Ce que vous avez en cours ensemble"
      titleAction={<Link href="#person">Ouvrir sa fiche</Link>}
      note={
        <TextInput
          aria-label="Noter quelque chose avant de répondre"
          placeholder="Noter quelque chose avant de répondre"
          leftSection={<IconPencil size={17} />}
          rightSection={<Kbd>N</Kbd>}
        />
      }
    >
      <DossierSection icon={<IconCalendar size={16} />} title="Prochain rendez-vous">
        <DossierItem
          href="#event"
          title="Revue de l’étude du port"
          second="Avec Beatriz et Tomás · salle Douro"
          time="14:30"
        />
      </DossierSection>
      <DossierSection icon={<IconNotes size={16} />} title="Vos notes sur elle">
        <DossierNote>
          Préfère le téléphone au courrier. A promis la correction du marégraphe pour vendredi.
        </DossierNote>
      </DossierSection>
      <DossierSection
        icon={<IconMail size={16} />}
        title="Derniers courriers"
        action={<Link href="#mail">Tous</Link>}
      >
        <DossierItem
          href="#mail-1"
          title="Re: Décalage du marégraphe 2019"
          second="Capteur déplacé de 40 m vers l’amont"
          time="11:48"
        />
        <DossierItem
          href="#mail-2"
          title="Données brutes, mars à avril"
          second="3 pièces jointes · sans réponse de vous"
          time="mar."
        />
      </DossierSection>
      <DossierSection
        icon={<IconMessageCircle size={16} />}
        title="Derniers messages"
        action={<Link href="#chat">Tous</Link>}
      >
        <DossierItem
          href="#chat-1"
          title="Vous : d’accord, à quinze heures"
          second="Conversation privée"
          time="12:55"
        />
        <DossierItem
          href="#chat-2"
          title="The two series can’t be joined"
          second="Étude du port, Leixal"
          time="09:04"
        />
      </DossierSection>
      <DossierSection icon={<IconFolder size={16} />} title="Fichiers partagés">
        <DossierFile href="#f1" icon={<IconFileSpreadsheet size={17} />} name="Séries de niveaux.csv" />
        <DossierFile href="#f2" icon={<IconFileText size={17} />} name="Note marégraphe.odt" />
        <DossierFile href="#f3" icon={<IconPhoto size={17} />} name="Plan de mouillage.png" />
      </DossierSection>
      <DossierSection icon={<IconPhone size={16} />} title="Derniers appels">
        <DossierItem href="#c1" title="Appel de 22 min" second="Vous l’avez appelée" time="lun." />
        <DossierItem
          href="#c2"
          title="Manqué, rappelée 4 min après"
          second="Elle vous a appelée"
          time="6 mai"
        />
        <DossierItem href="#c3" title="Appel de 6 min" second="Avec Beatriz et Tomás" time="4 mai" />
      </DossierSection>
    </Dossier>
  );
}

/** A call rings over the files page, in French: proves the dossier and that nothing on the page moves. */
export function CallPage() {
  return (
    <LabelsProvider labels={labels}>
      <Chrome
        place="files"
        words={french}
        line={ringing}
        me={{ ...people.ines, reach: { state: 'ringing' } }}
        find="Nom, numéro ou mot"
        chatCount={3}
        dossier={<CallDossier />}
      >
        <Panes
          list={
            <ListPane title="Fichiers">
              <Rows>
                <Row
                  compact
                  href="#f"
                  face={<IconFolder size={18} />}
                  name="Étude du port, Leixal"
                  selected
                />
                <Row compact href="#f" face={<IconFolder size={18} />} name="Laboratoire de Dakar" />
              </Rows>
            </ListPane>
          }
        >
          <PageHeader
            title="Étude du port, Leixal"
            meta="12 éléments"
            actions={
              <>
                <Button variant="default" leftSection={<IconUpload size={17} />}>
                  Téléverser
                </Button>
                <IconButton aria-label="En grille">
                  <IconLayoutGrid size={18} />
                </IconButton>
                <IconButton aria-label="Plus">
                  <IconDots size={18} />
                </IconButton>
              </>
            }
          />
          <PageBody label="Fichiers">
            <Table
              label="Fichiers"
              items={files}
              idOf={(file) => file.name}
              nameOf={(file) => file.name}
              columns={[
                { id: 'name', title: 'Nom', cell: (file) => file.name },
                {
                  id: 'by',
                  title: 'Modifié par',
                  width: '230px',
                  wide: true,
                  cell: (file) => (
                    <span className={classes.cell}>
                      <PersonFace person={file.by} size={24} />
                      {file.by.name}
                    </span>
                  ),
                },
                { id: 'date', title: 'Date', width: '90px', cell: (file) => file.date },
                {
                  id: 'size',
                  title: 'Taille',
                  width: '110px',
                  align: 'end',
                  wide: true,
                  cell: (file) => file.size,
                },
              ]}
            />
          </PageBody>
        </Panes>
      </Chrome>
    </LabelsProvider>
  );
}
