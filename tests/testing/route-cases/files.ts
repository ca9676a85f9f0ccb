import { batchLine } from '@liaison/files';
import { onePixel } from '../world.ts';
import { type Maker, type RouteCases, token } from './route-case.ts';

const node = (name: string) => (make: Maker) => ({ params: { nodeId: make.id(name) } });
const fileUpload = (name: string) => (make: Maker) => ({ params: { uploadId: make.id(`file-${name}`) } });
const linked = (make: Maker) => ({ params: { token, nodeId: make.id('folder') } });
const linkedUpload = (make: Maker) => ({ params: { token, uploadId: make.id('file-upload') } });

/** Files, in the team's, of which all four are members. */
export const filesCases: RouteCases = {
  'GET /files/trees': [{ least: 'guest' }],
  'GET /files/nodes/:nodeId': [{ least: 'guest', request: node('folder') }],
  'GET /files/nodes/:nodeId/children': [{ least: 'guest', request: node('folder') }],
  'POST /files/nodes/:nodeId/folders': [
    { least: 'guest', request: (make) => ({ ...node('folder')(make), body: { name: make.unique() } }) },
  ],
  'PATCH /files/nodes/:nodeId': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { name: make.unique() } }) },
  ],
  'POST /files/move': [
    {
      least: 'guest',
      request: (make) => ({ body: { nodeIds: [make.id('file')], folderId: make.id('folder') } }),
    },
  ],
  'POST /files/copy': [
    {
      least: 'guest',
      request: (make) => ({ body: { nodeIds: [make.id('file')], folderId: make.id('folder') } }),
    },
  ],
  'POST /files/trash': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-trash')] } }) },
  ],
  'POST /files/restore': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-restore')] } }) },
  ],
  'POST /files/delete': [
    { least: 'guest', request: (make) => ({ body: { nodeIds: [make.id('folder-to-delete')] } }) },
  ],
  'GET /files/trees/:treeId/trash': [
    { least: 'guest', request: (make) => ({ params: { treeId: make.id('tree') } }) },
  ],
  'PUT /files/nodes/:nodeId/star': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { on: true } }) },
  ],
  'GET /files/starred': [{ least: 'guest' }],
  'GET /files/search': [
    { least: 'guest', request: (make) => ({ query: { q: 'folder', treeId: make.id('tree') } }) },
  ],
  'GET /files/nodes/:nodeId/versions': [{ least: 'guest', request: node('file') }],
  'POST /files/nodes/:nodeId/versions': [
    { least: 'guest', request: (make) => ({ ...node('file')(make), body: { number: 1 } }) },
  ],
  'GET /files/nodes/:nodeId/content': [{ least: 'guest', request: node('file') }],
  // What is in the world's file is no picture and no sound.
  'GET /files/nodes/:nodeId/preview': [{ least: 'guest', request: node('file'), status: 404 }],
  'GET /files/nodes/:nodeId/media': [{ least: 'guest', request: node('file'), status: 404 }],
  'GET /files/nodes/:nodeId/zip': [{ least: 'guest', request: node('folder') }],
  // Without the headers of tus nothing is looked at; what they do is in the module's own tests.
  'POST /files/uploads': [{ least: 'guest', request: () => ({ bytes: onePixel }), status: 412 }],
  'GET /files/uploads/:uploadId': [{ least: 'member', request: fileUpload('upload') }],
  'PATCH /files/uploads/:uploadId': [
    {
      least: 'guest',
      request: (make) => ({ ...fileUpload('upload')(make), bytes: onePixel }),
      status: 412,
    },
  ],
  'DELETE /files/uploads/:uploadId': [{ least: 'member', request: fileUpload('upload-to-end') }],
  'POST /files/batches': [
    {
      least: 'guest',
      request: (make) => ({
        bytes: Buffer.concat([
          Buffer.from(
            batchLine([
              { folderId: make.id('folder'), name: `${make.unique()}.png`, bytes: onePixel.length },
            ]),
          ),
          onePixel,
        ]),
      }),
    },
    { what: 'without a line', least: 'guest', request: () => ({ bytes: onePixel }), status: 400 },
  ],
  // The member made the team, and so manages what is in it.
  'GET /files/nodes/:nodeId/readers': [{ least: 'guest', request: node('folder') }],
  'PUT /files/nodes/:nodeId/grants': [
    {
      least: 'member',
      request: (make) => ({
        ...node('folder')(make),
        body: { principal: { kind: 'person', id: make.id('removable') }, right: 'read', until: null },
      }),
    },
  ],
  'DELETE /files/nodes/:nodeId/grants/:grantId': [
    {
      least: 'member',
      request: (make) => ({ params: { nodeId: make.id('folder'), grantId: make.id('file-grant') } }),
    },
  ],
  'GET /files/shared': [{ least: 'guest' }],
  'GET /files/with/:personId': [
    { least: 'guest', request: (make) => ({ params: { personId: make.id('person-member') } }) },
  ],
  'POST /files/nodes/:nodeId/links': [
    { least: 'member', request: (make) => ({ ...node('folder')(make), body: { mode: 'read' } }) },
  ],
  'GET /files/nodes/:nodeId/links': [{ least: 'member', request: node('folder') }],
  'GET /files/trees/:treeId/links': [
    { least: 'member', request: (make) => ({ params: { treeId: make.id('tree') } }) },
  ],
  'DELETE /files/links/:linkId': [
    { least: 'member', request: (make) => ({ params: { linkId: make.id('file-link-to-end') } }) },
  ],
  // Strangers; what a link that is one gives them is in the module's own tests.
  'POST /l/:token/open': [{ least: 'nobody', request: () => ({ params: { token }, body: {} }), status: 404 }],
  'GET /l/:token': [{ least: 'nobody', request: () => ({ params: { token } }), status: 404 }],
  'GET /l/:token/nodes/:nodeId/children': [{ least: 'nobody', request: linked, status: 404 }],
  'GET /l/:token/nodes/:nodeId/content': [{ least: 'nobody', request: linked, status: 404 }],
  'GET /l/:token/sent': [{ least: 'nobody', request: () => ({ params: { token } }), status: 404 }],
  'POST /l/:token/uploads': [
    { least: 'nobody', request: () => ({ params: { token }, bytes: onePixel }), status: 412 },
  ],
  'GET /l/:token/uploads/:uploadId': [{ least: 'nobody', request: linkedUpload, status: 404 }],
  'PATCH /l/:token/uploads/:uploadId': [
    { least: 'nobody', request: (make) => ({ ...linkedUpload(make), bytes: onePixel }), status: 412 },
  ],
  'DELETE /l/:token/uploads/:uploadId': [{ least: 'nobody', request: linkedUpload, status: 404 }],
};
