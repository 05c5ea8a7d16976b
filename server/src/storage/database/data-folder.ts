/** The data folder. Only the server's user may access it and its files, regardless of the umask and of earlier releases. */
import { chmodSync, closeSync, type Dirent, lstatSync, mkdirSync, openSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode } from "../../core/error-code.ts";

const folderMode = 0o700;
const fileMode = 0o600;
/** The files that a server writes: the database with its log and index, the lock, the keys, the snapshot and server.json. */
const ownFile = /^(soketify\.(db|lock|pid)|master\.key|apps\.snapshot\.json|server\.json)([.-].+)?$/;

/**
 * Creates the folder if it is missing. A folder that contains other folders is shared with other programs, so its mode stays.
 * @returns a sentence for the log for each file or folder that could not be made private
 * @throws if the folder can be neither read nor created
 */
export function protectDataFolder(dataDir: string): string[] {
  const folder = resolve(dataDir);
  mkdirSync(folder, { recursive: true, mode: folderMode });
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && ownFile.test(entry.name));
  return [
    ...(isShared(folder, entries)
      ? [`The data folder ${folder} contains other folders, so its mode stays: give Soketify its own folder`]
      : restrict(folder, folderMode)),
    ...files.flatMap(({ name }) => restrictIfThere(join(folder, name), fileMode)),
  ];
}

/** Creates the file if it is missing; an existing file keeps its content. */
export function makePrivateFile(path: string): void {
  closeSync(openSync(path, "a", fileMode));
  // A umask can remove permissions even from the owner.
  restrict(path, fileMode);
}

function isShared(folder: string, entries: readonly Dirent[]): boolean {
  const isSticky = (lstatSync(folder).mode & 0o1000) !== 0;
  // A volume has lost+found at its root.
  return isSticky || entries.some((entry) => entry.isDirectory() && entry.name !== "lost+found");
}

/** SQLite in another process may remove a journal after the folder was read. */
function restrictIfThere(path: string, mode: number): string[] {
  try {
    return restrict(path, mode);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

function restrict(path: string, mode: number): string[] {
  if (process.platform === "win32" || (lstatSync(path).mode & 0o777) === mode) return [];
  try {
    chmodSync(path, mode);
    return [];
  } catch (error) {
    // The file belongs to another user, as on a volume that is shared through a group.
    if (errorCode(error) !== "EPERM") throw error;
    return [`${path} belongs to another user, so its mode stays: others may be able to read it`];
  }
}
