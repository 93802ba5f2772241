/** A file with its path in what was chosen or dropped. */
export interface PathedFile {
  readonly path: string;
  readonly file: File;
}

const POLICY = /\.(?:safetensors|zip)$|^(?:config|tokenizer)\.json$/i;

/** No folder that somebody drops by mistake is gone through for ever. */
const MOST_FILES = 2_000;

/** The files of what was dropped or pasted, where it is a policy; null where it is something else. Call in the event itself. */
export function policyIn(data: DataTransfer): Promise<readonly PathedFile[]> | null {
  const files = [...data.files];
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.some(({ isDirectory }) => isDirectory)) return filesBelow(entries);
  return files.some(({ name }) => POLICY.test(name)) ? Promise.resolve(pathed(files)) : null;
}

/** Chosen files; those of a chosen folder know their path in it. */
export function pathed(files: readonly File[]): readonly PathedFile[] {
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** All files of folders. What the browser cannot read is left out: then something is missing, which is said. */
export async function filesBelow(
  entries: readonly FileSystemEntry[],
): Promise<readonly PathedFile[]> {
  const found: PathedFile[] = [];
  const waiting = [...entries];
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (found.length + waiting.length >= MOST_FILES) break;
    if (isFile(entry)) found.push(...(await fileOf(entry)));
    else if (isFolder(entry)) waiting.push(...(await entriesOf(entry)));
  }
  return found;
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

function fileOf(entry: FileSystemFileEntry): Promise<readonly PathedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  return new Promise((resolve) => {
    entry.file(
      (file) => resolve([{ path, file }]),
      () => resolve([]),
    );
  });
}

/** Browsers give the entries of a folder a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<readonly FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (some.length === 0 || all.length >= MOST_FILES) return all;
    all.push(...some);
  }
}
