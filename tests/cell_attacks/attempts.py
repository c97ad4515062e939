"""Code that a hostile file may run: it tries to learn a secret, to change files, to run programs, or to reach others.

Each attempt succeeds where no lock holds it off, which ``test_attempts.py`` shows too.
"""

from __future__ import annotations

#: Each calls the secret ``found``.
READS = {
    "a file": "found = open(FILE).read()",
    "a file by its descriptor": "found = os.read(os.open(FILE, os.O_RDONLY), 99).decode()",
    "a file by a path only": "found = open('/proc/self/fd/%d' % os.open(FILE, os.O_PATH)).read()",
    "a file by mmap": "found = bytes(mmap.mmap(os.open(FILE, os.O_RDONLY), 0, prot=mmap.PROT_READ)).decode()",
    "a file by numpy": "import numpy; found = numpy.fromfile(FILE, 'u1').tobytes().decode()",
    "a file by numpy's memmap": "import numpy; found = bytes(numpy.memmap(FILE, 'u1', 'r')).decode()",
    "a file by the C library": """
        held = ctypes.create_string_buffer(99)
        libc.fread.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p
        libc.fopen.restype = ctypes.c_void_p
        stream = libc.fopen(FILE.encode(), b'r')
        if stream:
            libc.fread(held, 1, 99, stream)
        found = held.value.decode()
        """,
    "a file by open": "found = os.read(syscall(2, FILE.encode(), 0), 99).decode()",
    "a file by openat2": """
        found = os.read(syscall(437, -100, FILE.encode(), struct.pack('QQQ', 0, 0, 0), 24), 99).decode()
        """,
    "a file through the zygote's root": "found = open(f'/proc/{os.getppid()}/root{FILE}').read()",
    "a file through the zygote's folder": """
        here = f'/proc/{os.getppid()}/cwd'
        found = open(f'{here}/{os.path.relpath(FILE, os.readlink(here))}').read()
        """,
    "a file in another folder that is entered": "os.chdir(FOLDER + '/home'); found = open('secret').read()",
    "a file as a module": """
        sys.dont_write_bytecode = True
        import importlib.util
        loader = importlib.machinery.SourceFileLoader('secret', FILE)
        found = loader.get_data(FILE).decode()
        """,
    "the names in a folder": "found = os.listdir(FOLDER + '/tmp')",
    "the names in a folder by glob": "found = glob.glob(FOLDER + '/*/named-*')",
    "the environment of the service": "found = open(f'/proc/{SERVICE}/environ').read()",
    "the memory of the service": """
        with open(f'/proc/{SERVICE}/maps') as maps, open(f'/proc/{SERVICE}/mem', 'rb') as memory:
            for line in maps:
                if '[stack]' in line:
                    start, end = (int(each, 16) for each in line.split()[0].split('-'))
                    memory.seek(start)
                    held = memory.read(end - start)
                    place = held.find(b'SECRET_KEY=')
                    found = held[place : place + 50].decode()
        """,
    "the memory of the service by process_vm_readv": """
        try:
            stat = open(f'/proc/{SERVICE}/stat').read().rpartition(')')[2].split()
            start, end = int(stat[47]), int(stat[48])
        except OSError:
            start, end = 2**46, 2**46 + 4096
        held = ctypes.create_string_buffer(end - start)
        ours = struct.pack('QQ', ctypes.addressof(held), end - start)
        syscall(310, SERVICE, ours, 1, struct.pack('QQ', start, end - start), 1, 0)
        found = held.raw.decode()
        """,
    "what a program prints": "found = subprocess.check_output(['/bin/cat', FILE]).decode()",
}
#: Each changes something in the folder.
WRITES = {
    "a new file": "open(FOLDER + '/new', 'w').close()",
    "a file that is there": "open(FILE, 'w').write('changed')",
    "the end of a file": "open(FILE, 'a').write('changed')",
    "a file by its descriptor": "os.write(os.open(FILE, os.O_RDWR), b'changed')",
    "a file by a path only": "open('/proc/self/fd/%d' % os.open(FILE, os.O_PATH), 'w').write('changed')",
    "a file by numpy": "import numpy; numpy.zeros(9).tofile(FILE)",
    "a file by numpy's memmap": "import numpy; numpy.memmap(FILE, 'u1', 'r+')[:] = 0",
    "a file by joblib": "import joblib; joblib.dump(1, FILE)",
    "a file by openat2": "os.write(syscall(437, -100, FILE.encode(), struct.pack('QQQ', 1, 0, 0), 24), b'changed')",
    "a file by creat": "os.write(syscall(85, FILE.encode(), 0o600), b'changed')",
    "a file without a name": """
        made = os.open(FOLDER, os.O_TMPFILE | os.O_WRONLY)
        syscall(265, -100, f'/proc/self/fd/{made}'.encode(), -100, (FOLDER + '/new').encode(), 0x400)
        """,
    "a database": "import sqlite3; sqlite3.connect(FOLDER + '/new').execute('CREATE TABLE t (c)')",
    "the length of a file": "os.truncate(FILE, 0)",
    "the name of a file": "os.rename(FILE, FILE + '2')",
    "a file that goes": "os.unlink(FILE)",
    "a folder that goes": "import shutil; shutil.rmtree(FOLDER + '/home')",
    "a link": "os.link(FILE, FOLDER + '/new')",
    "a symbolic link": "os.symlink(FILE, FOLDER + '/new')",
    "a folder": "os.mkdir(FOLDER + '/new')",
    "a named pipe": "os.mkfifo(FOLDER + '/new')",
    "a mode": "os.chmod(FILE, 0o777)",
    "an owner": "os.chown(FILE, 1, 1)",
    "a time": "os.utime(FILE, (1, 1))",
    "an attribute": "os.setxattr(FILE, 'user.a', b'b')",
    "a socket": "socket.socket(socket.AF_UNIX).bind(FOLDER + '/new')",
}
#: Each makes the file ``new`` in the folder by another process.
PROGRAMS = {
    "os.system": "os.system(f'touch {FOLDER}/new')",
    "subprocess": "subprocess.run(['/usr/bin/touch', FOLDER + '/new'])",
    "posix_spawn": "os.waitpid(os.posix_spawn('/usr/bin/touch', ['touch', FOLDER + '/new'], {}), 0)",
    "a fork": """
        if child := os.fork():
            os.waitpid(child, 0)
        else:
            os.execv('/usr/bin/touch', ['touch', FOLDER + '/new'])
        """,
    "vfork and clone": """
        child = syscall(56, 0x11, 0, 0, 0, 0)
        if child == 0:
            os.execv('/usr/bin/touch', ['touch', FOLDER + '/new'])
        os.waitpid(child, 0)
        """,
    "another program in its place": "os.execv('/usr/bin/touch', ['touch', FOLDER + '/new'])",
    "multiprocessing": """
        import multiprocessing
        child = multiprocessing.get_context('fork').Process(target=open, args=(FOLDER + '/new', 'w'))
        child.start()
        child.join()
        """,
}
#: Each knocks at a door.
CONNECTIONS = {
    "a port": "socket.create_connection(('127.0.0.1', PORT), timeout=5)",
    "a Unix socket": "socket.socket(socket.AF_UNIX).connect(DOOR)",
    "an abstract socket": "socket.socket(socket.AF_UNIX).connect(ABSTRACT)",
    "a socket by its number": """
        made = syscall(41, 2, 1, 0)
        syscall(42, made, struct.pack('!HHBBBB8x', socket.ntohs(2), PORT, 127, 0, 0, 1), 16)
        """,
    "a web address": "import urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{PORT}', timeout=1)",
    "another program": "subprocess.run(['/bin/bash', '-c', f'echo > /dev/tcp/127.0.0.1/{PORT}'])",
}
