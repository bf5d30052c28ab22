import type { ProtocolParser } from '@causeway/core';
import { ApiFailure } from '../api/failure';
import { identityOfAll } from './file-identity';
import type { PrivateAddress, Progress } from './messages';
import { type OpenCapture, openCapture } from './open-capture';
import { checkPrivateFile, type PrivateFile } from './private-file';
import { capturePlace, type PrivatePlace, workspacePlace } from './private-place';

/** As many as a workspace of the server holds. */
const MAX_FILES = 64;

/** Files that were found readable, and where their pages will be. */
export interface PlannedPlace {
  readonly address: PrivateAddress;
  readonly files: readonly PrivateFile[];
}

/** Looks at files before they are read. One that was chosen twice counts once. @throws ApiFailure that names the file */
export async function planPlace(chosen: readonly File[]): Promise<PlannedPlace> {
  if (chosen.length > MAX_FILES)
    throw new ApiFailure(400, 'bad-request', `${MAX_FILES} files can be read together at the most: choose fewer.`);
  const files = new Map<string, PrivateFile>();
  for (const file of chosen) {
    const checked = await checkPrivateFile(file);
    files.set(checked.id, checked);
  }
  const ids = [...files.keys()];
  const address: PrivateAddress =
    ids.length === 1 ? { kind: 'captures', id: ids[0]! } : { kind: 'workspaces', id: identityOfAll(ids) };
  return { address, files: [...files.values()] };
}

/** Reads the files; the places by `kind/id`: one for each, and one for all together when there are several. */
export async function openPlaces(
  { files }: PlannedPlace,
  ownParsers: readonly ProtocolParser[],
  onProgress: (progress: Progress) => void,
): Promise<ReadonlyMap<string, PrivatePlace>> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const captures: OpenCapture[] = [];
  let [before, spans] = [0, 0];
  for (const file of files) {
    const { size } = file.file;
    captures.push(
      await openCapture(file, ownParsers, (progress) =>
        onProgress({
          ...progress,
          share: (before + progress.share * size) / total,
          spans: spans + progress.spans,
        }),
      ),
    );
    before += size;
    spans += captures.at(-1)!.index.size;
  }
  const places = new Map(captures.map((capture) => [`captures/${capture.record.id}`, capturePlace(capture)]));
  if (captures.length > 1) {
    const together = workspacePlace(captures);
    places.set(`workspaces/${together.view.id}`, together);
  }
  return places;
}
