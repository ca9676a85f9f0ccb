import { type DemoPage, pdfOf } from './pdf.ts';
import { pictures } from './pictures.ts';
import { bellBuoy } from './sound.ts';

/** A file of the demo: what it was, oldest first, and what it is. */
export interface DemoFile {
  readonly name: string;
  readonly mediaType: string;
  /** Short keys of the demo's people. */
  readonly by: string;
  /** Days before now. */
  readonly ago: number;
  readonly versions: readonly (() => Buffer | Promise<Buffer>)[];
  readonly trashed?: boolean;
  readonly starred?: readonly string[];
}

export interface DemoFolder {
  readonly name: string;
  readonly by: string;
  readonly ago: number;
  readonly folders?: readonly DemoFolder[];
  readonly files?: readonly DemoFile[];
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  md: 'text/markdown',
  csv: 'text/csv',
  txt: 'text/plain',
  sh: 'application/x-sh',
  wav: 'audio/wav',
};

const file = (
  name: string,
  by: string,
  ago: number,
  versions: DemoFile['versions'] | (() => Buffer | Promise<Buffer>),
  more: Pick<DemoFile, 'trashed' | 'starred'> = {},
): DemoFile => ({
  name,
  by,
  ago,
  mediaType: mediaTypes[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
  versions: typeof versions === 'function' ? [versions] : versions,
  ...more,
});
const text = (words: string) => (): Buffer => Buffer.from(words);
const pdf =
  (...pages: DemoPage[]) =>
  (): Buffer =>
    pdfOf(pages);

/** Hourly levels: the same each time, so that the demo's files are the same bytes everywhere. */
const levels = (rows: number): string =>
  `utc;leixal_m;cais_norte_m\n${Array.from({ length: rows }, (_, at) => {
    const high = 2 + 1.3 * Math.sin(at / 1.98) + 0.25 * Math.cos(at / 53);
    return `2026-05-${String(1 + Math.floor(at / 24)).padStart(2, '0')}T${String(at % 24).padStart(2, '0')}:00;${high.toFixed(2)};${(high - 0.07).toFixed(2)}`;
  }).join('\n')}\n`;

const currentsMap = (version: number, note: string): DemoPage[] => [
  {
    title: `Correntes à superfície, Leixal (v${version})`,
    lines: [
      'Modelo de maré com a correção do marégrafo de 2019.',
      '',
      'Verão: deriva para sudoeste, 0,2 a 0,4 m/s na barra.',
      'Inverno: deriva para norte, até 0,9 m/s com cheia do rio.',
      '',
      note,
    ],
  },
  {
    title: 'O que ainda não sabemos',
    lines: ['A corrente de fundo junto ao cais norte.', 'O efeito da dragagem prevista para outubro.'],
  },
];

const port: Omit<DemoFolder, 'name' | 'by' | 'ago'> = {
  folders: [
    {
      name: 'Mapas de correntes',
      by: 'beatriz',
      ago: 40,
      files: [
        file(
          'correntes-leixal.pdf',
          'beatriz',
          1,
          [
            pdf(...currentsMap(5, 'Falta a série corrigida.')),
            pdf(...currentsMap(6, 'Falta o mapa de inverno.')),
            pdf(...currentsMap(7, 'Um mapa por estação, legenda nova.')),
          ],
          { starred: ['ines'] },
        ),
        file('correntes-verão.png', 'beatriz', 2, pictures.summer),
        file('correntes-inverno.png', 'beatriz', 2, pictures.winter),
      ],
    },
    {
      name: 'Niveaux',
      by: 'njeri',
      ago: 33,
      files: [
        file('niveaux-mai-2026.csv', 'njeri', 3, text(levels(480))),
        file('Séries de niveaux.md', 'njeri', 1, [
          text('# Water levels\n\nThe gauge was moved in 2019.\n'),
          text(
            '# Water levels\n\nThe gauge was moved 40 m upstream in March 2019. The two series cannot be joined without a correction.\n\n| period | offset |\n| --- | --- |\n| until 2019-03-14 | +0.07 m |\n| since | 0 |\n\n- [x] compare both gauges over one spring tide\n- [ ] repeat it at neap tide\n',
          ),
        ]),
        file('marée-mai.png', 'amina', 3, pictures.tides),
      ],
    },
    {
      name: 'Tide tables',
      by: 'hoa',
      ago: 12,
      files: [
        file(
          'tides-june-2026.pdf',
          'hoa',
          2,
          pdf({
            title: 'Leixal, tides in June 2026',
            lines: Array.from(
              { length: 30 },
              (_, at) =>
                `${String(at + 1).padStart(2, '0')} June    ${String((3 + Math.floor(at * 0.8)) % 12).padStart(2, '0')}:${String((at * 49) % 60).padStart(2, '0')}   ${(3.1 + Math.sin(at / 4.7) * 0.6).toFixed(1)} m      ${String(12 + ((3 + Math.floor(at * 0.8)) % 12)).padStart(2, '0')}:${String((at * 53) % 60).padStart(2, '0')}   ${(3.0 + Math.sin(at / 4.7) * 0.6).toFixed(1)} m`,
            ),
          }),
        ),
        file('tides-june-2026.csv', 'hoa', 2, text(levels(720).replaceAll('2026-05', '2026-06'))),
      ],
    },
    {
      name: 'Campo',
      by: 'mateus',
      ago: 9,
      files: [
        file('cais-norte.jpg', 'mateus', 2, pictures.harbour),
        file('marégrafo-limpo.jpg', 'mateus', 2, pictures.gauge),
        file('boya-campana.wav', 'joaquin', 4, bellBuoy),
      ],
    },
    {
      name: 'Mouillage de mardi',
      by: 'amina',
      ago: 5,
      files: [
        file('plan-de-mouillage.png', 'amina', 1, pictures.mooring),
        file(
          'liste-de-contrôle.md',
          'amina',
          1,
          text(
            '# Mardi, 6 h\n\n- [x] Bateau confirmé par Joaquín\n- [x] Créneau du port : 6 h à 14 h\n- [ ] Quarante flacons de 500 ml (Kofi)\n- [ ] Deux bouées de rechange\n- [ ] Clé du hangar\n',
          ),
        ),
        file(
          'certificado-seguro-boyas.pdf',
          'tomas',
          6,
          pdf({
            title: 'Certificado de seguro',
            lines: [
              'Objeto: dos boyas de medición y sus fondeos.',
              'Zona: estuario de Leixal.',
              'Vigencia: desde el lunes, doce meses.',
              '',
              'Condiciones en el anexo 3.',
            ],
          }),
        ),
      ],
    },
  ],
  files: [
    file(
      'README.md',
      'ines',
      30,
      text(
        '# Port study Leixal\n\nWhere things are:\n\n- **Mapas de correntes**: one map per season, Beatriz\n- **Niveaux**: levels as measured, Njeri\n- **Tide tables**: Hoa\n- **Campo**: photographs and sounds, Mateus and Joaquín\n- **Mouillage de mardi**: everything for Tuesday, Amina\n',
      ),
    ),
    file('correntes-leixal-v4.pdf', 'beatriz', 14, pdf(...currentsMap(4, 'Substituído.')), { trashed: true }),
  ],
};

/** What lies in each team's files, by the team's name. */
export const demoTrees: Readonly<Record<string, Omit<DemoFolder, 'name' | 'by' | 'ago'>>> = {
  'Port study Leixal': port,
  'Field operations': {
    folders: [
      {
        name: 'Saídas',
        by: 'mateus',
        ago: 20,
        files: [
          file(
            'horários-de-saída.csv',
            'mateus',
            3,
            text('dia;cais;barco\nsegunda;05:30;Garça\nterça;06:00;Garça\nquarta;05:30;Alcatraz\n'),
          ),
        ],
      },
      {
        name: 'Laboratoire',
        by: 'amina',
        ago: 18,
        files: [
          file(
            'flacons.csv',
            'kofi',
            1,
            text('volume_ml;en_stock;commandés\n250;64;0\n500;12;40\n1000;31;0\n'),
          ),
        ],
      },
    ],
    files: [
      file(
        'sécurité-à-bord.pdf',
        'amina',
        60,
        pdf({
          title: 'Sécurité à bord',
          lines: [
            'Gilet fermé dès le quai.',
            'Jamais seul sur le pont arrière pendant un mouillage.',
            'Canal 12 pour le port, canal 16 pour la détresse.',
          ],
        }),
      ),
      file('cais-norte.jpg', 'kofi', 8, pictures.harbour),
    ],
  },
  'IT support': {
    files: [
      file(
        'second-factor.pdf',
        'mateus',
        4,
        pdf({
          title: 'A second factor in two minutes',
          lines: [
            '1. Settings, Security.',
            '2. Add a passkey, or an app with codes.',
            '3. Keep the ten codes on paper.',
          ],
        }),
      ),
      file(
        'telephones.md',
        'mateus',
        5,
        text('# Telephones\n\nMontréal moved to the new network on Monday. Nothing to do on the desk.\n'),
      ),
      file(
        'check-line.sh',
        'mateus',
        5,
        text('#!/bin/sh\n# Is the office on the line?\nset -eu\nping -c 3 gateway.estuaria.example\n'),
      ),
    ],
  },
  'Dirección y legal': {
    folders: [
      {
        name: 'Convenios',
        by: 'tomas',
        ago: 90,
        files: [
          file('convenio-puerto-de-leixal.pdf', 'tomas', 9, [
            pdf({ title: 'Convenio (borrador)', lines: ['Anexo 3 pendiente.'] }),
            pdf({
              title: 'Convenio con el puerto de Leixal',
              lines: ['Acceso a los muelles norte y sur.', 'Datos de nivel en abierto.', 'Anexo 3 firmado.'],
            }),
          ]),
        ],
      },
    ],
    files: [
      file(
        'nota-de-prensa.md',
        'ines',
        2,
        text(
          '# Un estuario que se mide\n\nEstuaria y el puerto de Leixal publican en abierto las corrientes del estuario, estación por estación.\n',
        ),
      ),
    ],
  },
};

/** What somebody has for herself. */
export const demoOwn: Readonly<Record<string, Omit<DemoFolder, 'name' | 'by' | 'ago'>>> = {
  ines: {
    folders: [
      {
        name: 'Apresentações',
        by: 'ines',
        ago: 15,
        files: [
          file(
            'revisão-do-estudo.pdf',
            'ines',
            1,
            pdf(
              {
                title: 'Estudo do porto: revisão',
                lines: ['O que medimos', 'O que o modelo diz', 'O que não sabemos'],
              },
              { title: 'O que medimos', lines: ['Dois marégrafos, sete anos.', 'Duas boias desde maio.'] },
            ),
          ),
        ],
      },
    ],
    files: [
      file('notas.txt', 'ines', 1, text('Perguntar à Claire pelo certificado.\nLevar os mapas impressos.\n')),
    ],
  },
};
