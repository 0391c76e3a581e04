import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_CALLS, profileFaults, TAKEN_AWAY, type Wanted } from './seccomp-calls.ts';

type Profile = Parameters<typeof profileFaults>[0];
const read = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../security', name), 'utf8')) as Profile;

const NODE: Wanted = {
  calls: NODE_CALLS,
  rules: [
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":10,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":16,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW swapcontext sync_file_range2 {"includes":{"arches":["ppc64le"]}}',
    'SCMP_ACT_ALLOW arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2 {"includes":{"arches":["arm","arm64"]}}',
    'SCMP_ACT_ALLOW arch_prctl {"includes":{"arches":["amd64","x32"]}}',
    'SCMP_ACT_ALLOW riscv_flush_icache {"includes":{"arches":["riscv64"]}}',
    'SCMP_ACT_ALLOW clone {"args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}],"excludes":{"arches":["s390","s390x"]}}',
    'SCMP_ACT_ALLOW clone {"args":[{"index":1,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}],"includes":{"arches":["s390","s390x"]}}',
    'SCMP_ACT_ERRNO clone3 {"errnoRet":38}',
  ],
};
/** Docker's default but for files by their handles. */
const ALLOY: Wanted = {
  calls: [...NODE_CALLS, ...TAKEN_AWAY].filter((call) => call !== 'name_to_handle_at'),
  rules: [
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":38,"op":"SCMP_CMP_LT"}]}',
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":39,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":40,"op":"SCMP_CMP_GT"}]}',
    'SCMP_ACT_ALLOW personality {"args":[{"index":0,"value":0,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW personality {"args":[{"index":0,"value":8,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW personality {"args":[{"index":0,"value":131072,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW personality {"args":[{"index":0,"value":131080,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW personality {"args":[{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}]}',
    'SCMP_ACT_ALLOW swapcontext sync_file_range2 {"includes":{"arches":["ppc64le"]}}',
    'SCMP_ACT_ALLOW arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2 {"includes":{"arches":["arm","arm64"]}}',
    'SCMP_ACT_ALLOW arch_prctl {"includes":{"arches":["amd64","x32"]}}',
    'SCMP_ACT_ALLOW modify_ldt {"includes":{"arches":["amd64","x32","x86"]}}',
    'SCMP_ACT_ALLOW s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr {"includes":{"arches":["s390","s390x"]}}',
    'SCMP_ACT_ALLOW riscv_flush_icache {"includes":{"arches":["riscv64"]}}',
    'SCMP_ACT_ALLOW clone {"args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}],"excludes":{"arches":["s390","s390x"]}}',
    'SCMP_ACT_ALLOW clone {"args":[{"index":1,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}],"includes":{"arches":["s390","s390x"]}}',
    'SCMP_ACT_ERRNO clone3 {"errnoRet":38}',
  ],
};
const node = read('seccomp-node.json');
type Change = (profile: Profile) => object;
const allow =
  (...names: string[]): Change =>
  ({ syscalls }) => ({
    syscalls: [...syscalls, { names, action: 'SCMP_ACT_ALLOW' }],
  });

const MUTATIONS: readonly (readonly [fault: string, change: Change])[] = [
  ...[
    'mount_setattr',
    'fspick',
    'open_tree',
    'pidfd_getfd',
    'process_madvise',
    'io_uring_setup',
    'quotactl_fd',
  ].map((call) => [`call too much: ${call}`, allow(call)] as const),
  ...TAKEN_AWAY.map((call) => [`call too much: ${call}`, allow(call)] as const),
  // Twice is once too often: the second could be given a condition, and look as if it were one.
  ['call too much: read', allow('read')],
  [
    'call missing: futex',
    ({ syscalls: [calls, ...rest] }) => ({
      syscalls: [{ ...calls, names: calls?.names.filter((name) => name !== 'futex') }, ...rest],
    }),
  ],
  [
    'architecture missing: SCMP_ARCH_S390X SCMP_ARCH_S390',
    ({ archMap }) => ({ archMap: archMap.slice(0, 4) }),
  ],
  [
    'architecture missing: SCMP_ARCH_AARCH64 SCMP_ARCH_ARM',
    ({ archMap }) => ({ archMap: archMap.slice(0, 1) }),
  ],
  [
    'architecture missing: SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32',
    ({ archMap: [first, ...rest] }) => ({ archMap: [{ ...first, subArchitectures: [] }, ...rest] }),
  ],
  ['what is not named gets SCMP_ACT_LOG', () => ({ defaultAction: 'SCMP_ACT_LOG' })],
  [
    'rule too much: SCMP_ACT_ALLOW socket {"args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]}',
    ({ syscalls }) => ({
      syscalls: [
        ...syscalls,
        { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 38, op: 'SCMP_CMP_EQ' }] },
      ],
    }),
  ],
  [
    'rule missing: SCMP_ACT_ERRNO clone3 {"errnoRet":38}',
    ({ syscalls }) => ({ syscalls: syscalls.filter(({ names }) => !names.includes('clone3')) }),
  ],
  [
    'rule too much: SCMP_ACT_LOG bpf {}',
    ({ syscalls }) => ({ syscalls: [...syscalls, { names: ['bpf'], action: 'SCMP_ACT_LOG' }] }),
  ],
];

describe('the filters of system calls', () => {
  it('are those of Docker less what is taken away, call by call', () => {
    expect([NODE_CALLS.length, TAKEN_AWAY.length]).toEqual([270, 91]);
    expect(profileFaults(node, NODE)).toEqual([]);
    expect(profileFaults(read('seccomp-alloy.json'), ALLOY)).toEqual([]);
  });

  it.each(MUTATIONS)('are told apart from: %s', (fault, change) => {
    expect(profileFaults({ ...node, ...change(node) }, NODE)).toContain(fault);
  });
});
