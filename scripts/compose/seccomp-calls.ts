// Checked by hand against Docker's own default (moby/profiles, seccomp/default.json, version 0.2.3): what it allows without
// a condition are both lists together, 361 calls.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What a program of our own may ask of the kernel, without a condition. */
export const NODE_CALLS = words(`
  _llseek _newselect accept accept4 access alarm bind brk cachestat capget chdir chmod clock_getres
  clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect
  copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
  epoll_wait epoll_wait_old eventfd eventfd2 execve exit exit_group faccessat faccessat2 fadvise64 fadvise64_64
  fallocate fchdir fchmod fchmodat fchmodat2 fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork fstat fstat64
  fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv
  futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid
  geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority
  getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid
  gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
  ioctl kill lgetxattr link linkat listen listxattr listxattrat llistxattr lseek lstat lstat64 madvise
  map_shadow_stack membarrier memfd_create mincore mkdir mkdirat mlock mlock2 mlockall mmap mmap2 mprotect mremap
  mseal msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause pipe pipe2 pkey_alloc
  pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 pselect6 pselect6_time64
  pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg
  rename renameat renameat2 restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
  sched_setscheduler sched_yield select send sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list
  set_thread_area set_tid_address setitimer setpgid setpriority setrlimit setsid setsockopt shutdown sigaltstack
  signalfd signalfd4 sigprocmask sigreturn socketpair stat stat64 statfs statfs64 statx symlink symlinkat
  sync_file_range sysinfo tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
  timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
  times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime utimensat utimensat_time64 utimes
  vfork wait4 waitid waitpid write writev`);

/** What Docker's default allows beside those, and security/README.md says why not. */
export const TAKEN_AWAY = words(`
  adjtimex capset chown chown32 clock_adjtime clock_adjtime64 execveat fanotify_mark fchown fchown32 fchownat
  fremovexattr fsetxattr io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit
  ioprio_get ioprio_set ipc landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32
  listmount lremovexattr lsetxattr memfd_secret mknod mknodat mq_getsetattr mq_notify mq_open mq_timedreceive
  mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd name_to_handle_at
  pidfd_open pidfd_send_signal process_mrelease remap_file_pages removexattr removexattrat seccomp semctl semget
  semop semtimedop semtimedop_time64 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32
  setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32 setxattr
  setxattrat shmat shmctl shmdt shmget socketcall splice statmount sync syncfs tee uretprobe vmsplice`);

/** Every architecture of Docker's default. */
export const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  X86_64: ['X86', 'X32'],
  AARCH64: ['ARM'],
  MIPS64: ['MIPS', 'MIPS64N32'],
  MIPS64N32: ['MIPS', 'MIPS64'],
  MIPSEL64: ['MIPSEL', 'MIPSEL64N32'],
  MIPSEL64N32: ['MIPSEL', 'MIPSEL64'],
  S390X: ['S390'],
  RISCV64: [],
  LOONGARCH64: [],
};

interface Profile {
  readonly defaultAction: string;
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  readonly syscalls: readonly (Readonly<Record<string, unknown>> & {
    readonly names: readonly string[];
    readonly action: string;
  })[];
}

export interface Wanted {
  /** Allowed without a condition. */
  readonly calls: readonly string[];
  /** Every other rule, as `action names condition`. */
  readonly rules: readonly string[];
}

/** What a profile has too much or too little, one a line; an order of rules is no difference. */
export function profileFaults({ defaultAction, archMap, syscalls }: Profile, wanted: Wanted): string[] {
  const plain = syscalls.filter(isPlain);
  const others = syscalls.filter((rule) => !plain.includes(rule)).map(inWords);
  const known = (name: string): string => `SCMP_ARCH_${name}`;
  const architectures = Object.entries(ARCHITECTURES).map(([name, more]) =>
    [known(name), ...more.map(known)].join(' '),
  );
  return [
    ...(defaultAction === 'SCMP_ACT_ERRNO' ? [] : [`what is not named gets ${defaultAction}`]),
    ...differences(
      'call',
      plain.flatMap(({ names }) => names),
      wanted.calls,
    ),
    ...differences('rule', others, wanted.rules),
    ...differences(
      'architecture',
      archMap.map(({ architecture, subArchitectures }) => [architecture, ...subArchitectures].join(' ')),
      architectures,
    ),
  ];
}

const WITHOUT_CONDITION = new Set(['names', 'action', 'comment']);
const conditionOf = (rule: Profile['syscalls'][number]): object =>
  Object.fromEntries(Object.entries(rule).filter(([key]) => !WITHOUT_CONDITION.has(key)));

function isPlain(rule: Profile['syscalls'][number]): boolean {
  return rule.action === 'SCMP_ACT_ALLOW' && Object.keys(conditionOf(rule)).length === 0;
}

function inWords(rule: Profile['syscalls'][number]): string {
  return `${rule.action} ${[...rule.names].sort().join(' ')} ${JSON.stringify(conditionOf(rule))}`;
}

function differences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  return [
    ...found
      .filter((each, i) => !wanted.includes(each) || found.indexOf(each) !== i)
      .map((each) => `${what} too much: ${each}`),
    ...wanted.filter((each) => !found.includes(each)).map((each) => `${what} missing: ${each}`),
  ];
}
