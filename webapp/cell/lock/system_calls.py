"""Which system calls a locked process may make, and their numbers on x86_64 and aarch64.

A minus stands where a processor has no such call. Linux gives a call that is in no list here EPERM.
"""

from __future__ import annotations

#: What Linux calls each processor when it hands a call to a filter, and the column of its numbers.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

#: They use descriptors and memory that the process has, tell it about itself, or let it wait or end. Mapping memory
#: that can be executed is among them: libraries need it, and what is executed stays under the same filter.
ALLOWED = """
    read 0 63, readv 19 65, pread64 17 67, preadv 295 69, write 1 64, writev 20 66, close 3 57, lseek 8 62,
    fstat 5 80, stat 4 -, lstat 6 -, newfstatat 262 79, statx 332 291, getdents64 217 61, getcwd 79 17, dup 32 23,
    mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, brk 12 214,
    accept 43 202, accept4 288 242, recvfrom 45 207, recvmsg 47 212, sendmsg 46 211, shutdown 48 210,
    getsockname 51 204, getpeername 52 205, getsockopt 55 209,
    poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72,
    epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22,
    clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, nanosleep 35 101,
    gettimeofday 96 169, time 201 -, times 100 153, getrusage 98 165, getrlimit 97 163,
    rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, sigaltstack 131 132, restart_syscall 219 128,
    futex 202 98, getrandom 318 278, sched_yield 24 124, sched_getaffinity 204 123, getcpu 309 168,
    getpid 39 172, gettid 186 178, getppid 110 173, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177,
    uname 63 160, sysinfo 99 179, exit 60 93, exit_group 231 94
"""

#: Whether they are allowed depends on what they are called with.
CHECKED = """
    openat 257 56, fcntl 72 25, ioctl 16 29, sendto 44 206, prctl 157 167, prlimit64 302 261, tgkill 234 131,
    clone 56 220
"""

#: Newer calls that the C library goes without when the kernel has none.
MISSING = "clone3 435 435, rseq 334 293, openat2 437 437"

#: Only a hostile model makes them, so they end the process: they start programs or processes, reach other processes,
#: open sockets, change what others see, or take privileges.
ENDING = """
    execve 59 221, execveat 322 281, fork 57 -, vfork 58 -,
    kill 62 129, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
    pidfd_open 434 434, pidfd_send_signal 424 424, pidfd_getfd 438 438,
    ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440,
    socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201,
    creat 85 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276,
    link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, mkdir 83 -, mkdirat 258 34, rmdir 84 -,
    mknod 133 -, mknodat 259 33, truncate 76 45, ftruncate 77 46,
    chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452,
    chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54,
    utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88,
    setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463,
    removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466,
    open_by_handle_at 304 265, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51,
    setns 308 268, unshare 272 97, open_tree 428 428, move_mount 429 429,
    fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442,
    bpf 321 280, perf_event_open 298 241, userfaultfd 323 282,
    io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427,
    add_key 248 217, request_key 249 218, keyctl 250 219,
    init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294,
    reboot 169 142, swapon 167 224, swapoff 168 225, acct 163 89, quotactl 179 60,
    setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147, setresgid 119 149,
    setgroups 116 159, setfsuid 122 151, setfsgid 123 152, capset 126 91,
    seccomp 317 277, setrlimit 160 164, settimeofday 164 170, clock_settime 227 112,
    sethostname 170 161, setdomainname 171 162, iopl 172 -, ioperm 173 -
"""


def numbers(table: str, machine: str) -> dict[str, int]:
    """Return the calls of a table, with their numbers on a processor."""
    rows = (row.split() for row in table.split(","))
    column = ARCHITECTURES[machine][1]
    return {name: int(columns[column]) for name, *columns in rows if columns[column] != "-"}
