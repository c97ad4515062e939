"""Code that a hostile file may run that harms the machine, the zygote or other cells. It is never run unlocked."""

from __future__ import annotations

HARMS = {
    "a fork bomb": "while True: os.fork()",
    "a thread bomb": """
        started = 0
        while True:
            threading.Thread(target=time.sleep, args=(60,)).start()
            started += 1
        """,
    "a signal for all": "os.kill(-1, signal.SIGKILL)",
    "a signal for its group": "os.killpg(0, signal.SIGKILL)",
    "a signal for the zygote": "os.kill(os.getppid(), signal.SIGKILL)",
    "a signal for the service": "os.kill(SERVICE, signal.SIGKILL)",
    "a signal for the service by tgkill": "syscall(234, SERVICE, SERVICE, 9)",
    "a signal for the service by its descriptor": "signal.pidfd_send_signal(os.pidfd_open(SERVICE), 9)",
    "a signal from a timer": "syscall(222, 0, struct.pack('QiiQQ', 0, 9, 0, 0, 0), bytes(8))",
    "a debugger": "syscall(101, 16, SERVICE, 0, 0)",
    "the limits of the zygote": """
        import resource
        resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))
        """,
    "the priority of the zygote": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "the processors of the zygote": "os.sched_setaffinity(os.getppid(), {0})",
    "the memory of the zygote": "open(f'/proc/{os.getppid()}/mem', 'r+b').write(b'x')",
    "higher limits": "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "another user": "os.setresuid(0, 0, 0); open('/etc/shadow').read()",
    "capabilities": "syscall(126, struct.pack('Ii', 0x20080522, 0), struct.pack('6I', *[-1 & 0xFFFFFFFF] * 6))",
    "a namespace": "syscall(272, 0x10000000)",
    "another namespace": "syscall(308, 0, 0x40000000)",
    "a mount": "syscall(165, b'none', FOLDER.encode(), b'tmpfs', 0, 0)",
    "another root": "os.chroot(FOLDER)",
    "another filter": "syscall(317, 1, 0, bytes(16))",
    "a program for the kernel": "syscall(321, 0, bytes(64), 64)",
    "io_uring": "syscall(425, 8, bytes(120))",
    "page faults of its own": "syscall(323, 0)",
    "the keys of the kernel": "syscall(250, 0, -3, 0)",
    "a packet": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
    "packets of its own": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "a pair of sockets": "socket.socketpair()",
    "another processor mode": """
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')
        ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
        """,
    "calls of x32": "syscall(0x40000000 + 41, 1, 1, 0)",
    "a terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x')",
    "memory without end": """
        held = []
        while True:
            held.append(bytearray(100_000_000))
        """,
    "10 GB at once": "held = bytearray(10_000_000_000)",
    "recursion in compiled code": "pickle.dumps(eval('[' * 90 + ']' * 90)); exec('def f(): return f()\\nf()')",
    "a jump to nowhere": "ctypes.string_at(8)",
    "output without end": """
        for _ in range(3000):
            os.write(1, bytes(1_000_000))
            os.write(2, bytes(1_000_000))
        """,
    "descriptors without end": "held = [os.dup(1) for _ in range(100_000)]",
    "an endless loop": "while True: pass",
    "endless sleep": "time.sleep(10_000)",
    "a stop": "signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)",
    "an end": "os._exit(0)",
    "the end of Python": "ctypes.pythonapi.Py_Exit(0)",
    "the socket of the zygote": """
        here = os.path.dirname(task.listener.getsockname())
        socket.socket(socket.AF_UNIX).connect(here + '/zygote')
        """,
    "the sockets of other models": """
        here = os.path.dirname(task.listener.getsockname())
        for each in os.listdir(here):
            socket.socket(socket.AF_UNIX).connect(here + '/' + each)
        """,
}
