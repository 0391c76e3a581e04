import { readFileSync, type Stats, statSync } from 'node:fs';
import { ConfigError } from '../config/index.ts';
import { safeError } from '../errors/index.ts';

export interface WatchedFileOptions<Content> {
  readonly path: string;
  /** Throws when the text is no content. */
  readonly parse: (text: string, path: string) => Content;
  /** What holds while there is no file, from the start on; without it a missing file stops the start. */
  readonly whenMissing?: Content;
  /** The file may be used by its owner alone. */
  readonly secret?: boolean;
}

const BYTES_MAX = 1024 * 1024;
/** Its group and everybody. */
const OTHERS_MAY_ANYTHING = 0o077;

/**
 * A file that is read anew when it has changed. At the start a broken one is a ConfigError. Later the last good
 * content stays, and `fault` says in words what is wrong until a good one is there.
 */
export class WatchedFile<Content> {
  readonly #options: WatchedFileOptions<Content>;
  #signature = '';
  #content: Content;
  #fault: string | undefined;
  #wasThere: boolean;

  /** @throws ConfigError */
  constructor(options: WatchedFileOptions<Content>) {
    this.#options = options;
    const stats = statOf(options.path);
    this.#wasThere = stats !== undefined;
    if (stats !== undefined) {
      this.#signature = signatureOf(stats);
      this.#content = this.#read(stats);
    } else if (options.whenMissing !== undefined) {
      this.#content = options.whenMissing;
    } else {
      throw faultOf(options.path, 'does not exist', 'create the file, or correct the folder');
    }
  }

  get path(): string {
    return this.#options.path;
  }

  get content(): Content {
    return this.#content;
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  /** False while there has been no file yet. */
  get wasThere(): boolean {
    return this.#wasThere;
  }

  /** Looks whether the file has changed; true when its content or its fault did. Never throws. */
  refresh(): boolean {
    const before = this.#fault;
    try {
      const stats = statOf(this.#options.path);
      if (stats === undefined) return this.#missing(before);
      const signature = signatureOf(stats);
      if (signature === this.#signature) return false;
      // Kept also for a broken file: it is not read again before it has changed.
      this.#signature = signature;
      this.#content = this.#read(stats);
      this.#wasThere = true;
      this.#fault = undefined;
      return true;
    } catch (error) {
      this.#fault = safeError(error).message;
      return this.#fault !== before;
    }
  }

  #missing(before: string | undefined): boolean {
    if (!this.#wasThere) return false;
    this.#signature = '';
    this.#fault = `${this.#options.path} is gone; what it said last still holds`;
    return this.#fault !== before;
  }

  #read(stats: Stats): Content {
    const { path, parse, secret } = this.#options;
    if (!stats.isFile()) throw faultOf(path, 'is not a file', 'name a file, not a folder');
    if (stats.size > BYTES_MAX)
      throw faultOf(path, `has more than ${BYTES_MAX} bytes`, 'write the right file');
    if (secret === true && (stats.mode & OTHERS_MAY_ANYTHING) !== 0)
      throw faultOf(path, 'can be used by others than its owner', `run: chmod 0400 ${path}`);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw faultOf(
        path,
        `cannot be read (${safeError(error).code})`,
        'let the user of this service read it',
      );
    }
    return parse(text, path);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw faultOf(path, `cannot be looked at (${code})`, 'let the user of this service enter the folder');
  }
}

/** A file replaced by rename has another inode; one rewritten or made readable another change time. */
function signatureOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function faultOf(path: string, problem: string, action: string): ConfigError {
  return new ConfigError(path, [{ name: path, problem, action }]);
}
