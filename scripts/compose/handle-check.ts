import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComposeProject } from './compose-project.ts';

/** Has Perl, which can make any call of the kernel. */
const IMAGE = 'node:24.21.0-bookworm-slim';
const SECRET = 'of the host alone';
const CALLS = `
  use strict; use Config; use Fcntl;
  my ($name, $open) = $Config{archname} =~ /^x86_64/ ? (303, 304) : (264, 265);`;
/** Prints the handle of a file: fs/fhandle.c, struct file_handle with its two words in front. */
const HANDLE_OF = `${CALLS}
  my ($handle, $mount, $path) = (pack('Ll', 128, 0) . ("\\0" x 128), pack('l', 0), '/whole/secret');
  syscall($name, -100, $path, $handle, $mount, 0) == 0 or die "name_to_handle_at: $!";
  print unpack('H*', substr($handle, 0, 8 + unpack('L', $handle)));`;
/** Opens it in a container that was given another folder of the same file system. */
const OPEN = `${CALLS}
  my $handle = pack('H*', $ARGV[0]);
  sysopen(my $folder, '/part', O_RDONLY | O_DIRECTORY) or die "part: $!";
  my $fd = syscall($open, fileno($folder), $handle, O_RDONLY);
  if ($fd < 0) { print "refused: $!"; exit }
  open(my $file, '<&=', $fd) or die "file: $!";
  print <$file>;`;

/**
 * Alloy's capability opens any file of the host by its handle, mounted or not: under its options that call is refused.
 * With Docker's own profile in its place the same program reads the file, or there would be nothing to see.
 */
export async function checkHandles(project: ComposeProject): Promise<string> {
  const { stdout } = await project.compose('config', '--format', 'json');
  const { services } = JSON.parse(stdout) as { services: { alloy?: Alloy } };
  if (services.alloy === undefined) throw new Error('there is no service alloy');
  const own = optionsOf(services.alloy);
  const folder = mkdtempSync(join(tmpdir(), 'handles-'));
  try {
    mkdirSync(join(folder, 'part'));
    writeFileSync(join(folder, 'secret'), SECRET, { mode: 0o400 });
    const perl = async (options: readonly string[], ...args: string[]): Promise<string> =>
      (
        await project.docker(
          ...['run', '--rm', '--network', 'none', ...options, '--entrypoint', 'perl', IMAGE, '-e', ...args],
        )
      ).stdout.trim();
    const part = ['--volume', `${join(folder, 'part')}:/part:ro`];
    const withDockers = own.filter((option) => !option.startsWith('--security-opt=seccomp'));
    // Engines differ in whether their own profile lets a file's handle be asked for.
    const asking = ['--security-opt=seccomp=unconfined', '--volume', `${folder}:/whole:ro`];
    const handle = await perl(asking, HANDLE_OF);
    const read = await perl([...part, ...withDockers], OPEN, handle);
    if (read !== SECRET) throw new Error(`under Docker's own profile the file was not read: ${read}`);
    const found = await perl([...part, ...own], OPEN, handle);
    if (found !== 'refused: Operation not permitted') throw new Error(`with alloy's options: ${found}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return "refused with its own profile, read with Docker's";
}

interface Alloy {
  readonly user: string;
  readonly cap_add: readonly string[];
  readonly security_opt: readonly string[];
}

function optionsOf({ user, cap_add: added, security_opt: options }: Alloy): string[] {
  return [
    ...[`--user=${user}`, '--cap-drop=ALL', '--read-only'],
    ...added.map((capability) => `--cap-add=${capability}`),
    ...options.map((option) => `--security-opt=${option}`),
  ];
}
