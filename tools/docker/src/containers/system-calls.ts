/**
 * What a job's programs may ask of the kernel, by what it is for. All of it stands in the engine's own default profile
 * for a container without capabilities; what that allows and no research program needs is left out. A name that a
 * machine's libseccomp does not know is passed over.
 */
export const systemCalls: readonly string[] = [
  ...words(`
    open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek
    copy_file_range sendfile sendfile64 splice tee vmsplice readahead fadvise64 fadvise64_64
    fallocate truncate truncate64 ftruncate ftruncate64 sync syncfs fsync fdatasync sync_file_range
    io_setup io_submit io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64`),
  ...words(`
    access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 newfstatat fstatat64 statx
    statfs statfs64 fstatfs fstatfs64 cachestat
    chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 umask
    utime utimes utimensat utimensat_time64 futimesat
    getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat`),
  ...words(`
    mkdir mkdirat rmdir link linkat symlink symlinkat readlink readlinkat unlink unlinkat mknod mknodat
    rename renameat renameat2 getdents getdents64 getcwd chdir fchdir
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch`),
  ...words(`
    poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl
    epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4
    pipe pipe2 memfd_create timerfd_create timerfd_settime timerfd_settime64 timerfd_gettime timerfd_gettime64`),
  ...words(`
    brk mmap mmap2 munmap mremap mprotect madvise mincore msync mseal map_shadow_stack membarrier
    mlock mlock2 mlockall munlock munlockall pkey_alloc pkey_free pkey_mprotect remap_file_pages
    shmget shmat shmctl shmdt semget semop semctl semtimedop semtimedop_time64 msgget msgsnd msgrcv msgctl ipc
    mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64`),
  ...words(`
    fork vfork execve execveat exit exit_group wait4 waitid waitpid pause restart_syscall
    getpid getppid gettid getpgid getpgrp getsid setpgid setsid pidfd_open pidfd_send_signal process_mrelease
    futex futex_time64 futex_wait futex_wake futex_waitv futex_requeue get_robust_list set_robust_list
    set_tid_address rseq get_thread_area set_thread_area arch_prctl prctl seccomp
    landlock_create_ruleset landlock_add_rule landlock_restrict_self uretprobe`),
  ...words(`
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64`),
  ...words(`
    getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
    getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
    setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset`),
  ...words(`
    time times gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
    clock_nanosleep_time64 nanosleep alarm getitimer setitimer timer_create timer_delete timer_getoverrun
    timer_gettime timer_gettime64 timer_settime timer_settime64 adjtimex clock_adjtime clock_adjtime64`),
  ...words(`
    sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
    sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set getcpu
    getrlimit ugetrlimit setrlimit prlimit64 getrusage uname sysinfo getrandom riscv_hwprobe riscv_flush_icache`),
  ...words(`
    bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt shutdown
    send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64`),
];

/** For debuggers and for uDocker's proot; a kernel before 4.8 would let a traced program around the filter. */
export const tracingCalls: readonly string[] = ["ptrace", "process_vm_readv", "process_vm_writev"];

/**
 * Kinds of sockets, by number: local, IPv4, IPv6, and the kernel's own tables of addresses. Not AF_VSOCK, behind which
 * a virtual machine's host may listen, nor AF_ALG, a way into the kernel's drivers.
 */
export const socketFamilies: readonly number[] = [1, 2, 10, 16];

/** Personalities that programs ask for: Linux itself, without address randomisation never, and the question for it. */
export const personalities: readonly number[] = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** Flags of clone(2) that make a namespace: of mounts, control groups, names, IPC, users, processes and networks. */
export const namespaceFlags = 0x7e020000;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
