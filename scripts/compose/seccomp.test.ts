import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const rule = z.strictObject({
  names: z.array(z.string()).min(1),
  action: z.string(),
  errnoRet: z.number().optional(),
  args: z.array(z.strictObject({ index: z.number(), value: z.number(), op: z.string() })).optional(),
  comment: z.string().optional(),
  includes: z.strictObject({ arches: z.array(z.string()) }).optional(),
  excludes: z.strictObject({ arches: z.array(z.string()) }).optional(),
});
const schema = z.strictObject({
  defaultAction: z.string(),
  defaultErrnoRet: z.number(),
  archMap: z.array(z.strictObject({ architecture: z.string(), subArchitectures: z.array(z.string()) })),
  syscalls: z.array(rule),
});
const read = (name: string) =>
  schema.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../security', name), 'utf8')));
const profile = read('seccomp-node.json');
const alloy = read('seccomp-alloy.json');

const ENOSYS = 38;
const NAMESPACES = 0x7e020000;
const FORBIDDEN = [
  ...[
    'ptrace',
    'process_vm_readv',
    'process_vm_writev',
    'kcmp',
    'pidfd_getfd',
    'pidfd_open',
    'perf_event_open',
  ],
  ...[
    'mount',
    'umount',
    'umount2',
    'move_mount',
    'open_tree',
    'fsopen',
    'fsmount',
    'fsconfig',
    'pivot_root',
    'chroot',
  ],
  ...['bpf', 'keyctl', 'add_key', 'request_key', 'userfaultfd', 'unshare', 'setns', 'mknod', 'mknodat'],
  ...['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'io_setup', 'io_submit'],
  ...['init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load', 'create_module'],
  ...['reboot', 'swapon', 'swapoff', 'syslog', 'acct', 'quotactl', 'nfsservctl', 'lookup_dcookie'],
  ...['settimeofday', 'clock_settime', 'adjtimex', 'stime', 'iopl', 'ioperm', 'modify_ldt', 'personality'],
  ...['open_by_handle_at', 'name_to_handle_at', 'fanotify_init', 'vmsplice', 'memfd_secret'],
  ...['setuid', 'setgid', 'setgroups', 'setresuid', 'setresgid', 'capset', 'chown', 'fchownat'],
  ...[
    'socketcall',
    'ipc',
    'shmget',
    'msgget',
    'semget',
    'mq_open',
    'sethostname',
    'setdomainname',
    'vhangup',
  ],
];

describe('the seccomp profile of the Node containers', () => {
  const rulesOf = (name: string) => profile.syscalls.filter(({ names }) => names.includes(name));

  it('refuses what it does not name', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(profile.syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').length).toBeGreaterThan(5);
    const actions = new Set(profile.syscalls.map(({ action }) => action));
    expect(actions).toEqual(new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO']));
  });

  it('answers clone3 with ENOSYS by one rule of its own, for everybody', () => {
    expect(rulesOf('clone3')).toEqual([
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, comment: expect.any(String) },
    ]);
  });

  it('allows clone without any flag of a namespace', () => {
    const rules = rulesOf('clone');
    expect(rules).toHaveLength(2);
    for (const { args } of rules)
      expect(args).toEqual([{ index: expect.any(Number), value: NAMESPACES, op: 'SCMP_CMP_MASKED_EQ' }]);
    expect(rules.map(({ args }) => args?.[0]?.index)).toEqual([0, 1]);
  });

  it.each(FORBIDDEN)('does not allow %s', (name) => {
    expect(rulesOf(name)).toEqual([]);
  });

  it('allows sockets of Unix, IPv4, IPv6 and netlink alone', () => {
    expect(rulesOf('socket').map(({ args }) => args?.[0]?.value)).toEqual([1, 2, 10, 16]);
    expect(rulesOf('socket').every(({ args }) => args?.[0]?.op === 'SCMP_CMP_EQ')).toBe(true);
  });

  it('knows the architectures of servers', () => {
    const known = profile.archMap.map(({ architecture }) => architecture);
    for (const architecture of ['X86_64', 'AARCH64', 'S390X', 'RISCV64'])
      expect(known).toContain(`SCMP_ARCH_${architecture}`);
  });

  it('names no call twice without a condition', () => {
    const plain = profile.syscalls.filter(
      ({ args, includes }) => args === undefined && includes === undefined,
    );
    const names = plain.flatMap((entry) => entry.names);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe('the seccomp profile of Alloy', () => {
  const rulesOf = (name: string) => alloy.syscalls.filter(({ names }) => names.includes(name));

  it('refuses what it does not name', () => {
    expect(alloy.defaultAction).toBe('SCMP_ACT_ERRNO');
    const refusals = alloy.syscalls.filter(({ action }) => action !== 'SCMP_ACT_ALLOW');
    expect(refusals).toEqual([
      expect.objectContaining({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS }),
    ]);
  });

  it.each([
    ...['open_by_handle_at', 'name_to_handle_at', 'mount', 'umount2', 'setns', 'unshare', 'chroot', 'bpf'],
    ...['ptrace', 'process_vm_readv', 'kcmp', 'pidfd_getfd', 'perf_event_open', 'fanotify_init', 'open_tree'],
    ...['init_module', 'finit_module', 'reboot', 'syslog', 'quotactl', 'clock_settime', 'io_uring_setup'],
  ])('does not allow %s', (name) => {
    expect(rulesOf(name)).toEqual([]);
  });

  it('lets it follow files and speak over the network', () => {
    for (const name of [
      'openat',
      'inotify_add_watch',
      'epoll_pwait',
      'connect',
      'accept4',
      'futex',
      'rename',
    ])
      expect(rulesOf(name).map(({ action }) => action)).toContain('SCMP_ACT_ALLOW');
  });

  it('allows clone without any flag of a namespace', () => {
    for (const { args } of rulesOf('clone'))
      expect(args).toEqual([{ index: expect.any(Number), value: NAMESPACES, op: 'SCMP_CMP_MASKED_EQ' }]);
    expect(rulesOf('clone')).toHaveLength(2);
  });
});
