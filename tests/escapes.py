"""A reader that a hostile document has taken over: it tries to get out and tells how it was answered.

`python -m escapes KIND MEMORY` is the worker of documents but for this. A document is JSON: the parent's pid, a secret
file, and for some the one attempt that the kernel ends the process for.
"""

import ctypes
import errno
import io
import json
import mmap
import os
import platform
import resource
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from connectors.documents import worker
from connectors.documents.model import Document

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
X86 = platform.machine() == "x86_64"
PAGE = mmap.mmap(-1, 4096)
PAGE_AT = ctypes.addressof(ctypes.c_char.from_buffer(PAGE))
if X86:  # mov eax, 20 (getpid of 32-bit programs); int 0x80; ret
    CODE = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    CODE.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    OLD_ABI = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(CODE)))
REFUSED = {errno.EPERM, errno.EACCES}
Attempt = Callable[[], Any]


def native(name: str, *arguments: Any) -> Attempt:
    """Call the C library, which does not ask Python."""
    function = getattr(LIBC, name)

    def attempt() -> Any:
        ctypes.set_errno(0)
        result = function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
        if result in (-1, ctypes.c_void_p(-1).value):
            raise OSError(ctypes.get_errno(), name)
        return result

    return attempt


def call(x86_64: int, aarch64: int, *arguments: int) -> Attempt:
    """Make a system call by its number."""
    return native("syscall", x86_64 if X86 else aarch64, *arguments)


def files(parent: int, secret: str) -> Iterator[tuple[str, Attempt]]:
    for path in (secret, "/etc/passwd", f"/proc/{parent}/environ", f"/proc/{parent}/mem", f"/proc/{parent}/cmdline"):
        yield f"open {path}", lambda path=path: os.open(path, os.O_RDONLY)
        yield f"natively open {path}", native("open", path.encode(), 0)
        yield f"stat {path}", lambda path=path: os.stat(path)
    for path in ("/proc/self/environ", "/proc/self/mem", __file__, "/dev/zero"):
        yield f"open {path}", lambda path=path: io.FileIO(path).read(1)
    yield "import a module", lambda: __import__("wave")
    yield "a handle without access", lambda: os.open(secret, os.O_PATH)
    yield "a way around", lambda: os.open("/usr/share/fonts/../../../etc/passwd", os.O_RDONLY)
    yield "write a font", lambda: os.open("/usr/share/fonts/x.ttf", os.O_WRONLY | os.O_CREAT)
    yield "append", lambda: io.FileIO(secret, "a")
    yield "a file without a name", lambda: os.open("/usr/share/fonts", os.O_RDWR | os.O_TMPFILE)
    yield "list", lambda: os.listdir("/")
    yield "list fonts", lambda: os.listdir("/usr/share/fonts")
    yield "remove", lambda: os.unlink(secret)
    yield "truncate", lambda: os.truncate(secret, 0)
    yield "rename", lambda: os.rename(secret, secret + "x")
    yield "link", lambda: os.link(secret, secret + "x")
    yield "symlink", lambda: os.symlink(secret, secret + "x")
    yield "mkdir", lambda: os.mkdir(secret + "x")
    yield "mkfifo", lambda: os.mkfifo(secret + "x")
    yield "chmod", lambda: os.chmod(secret, 0o777)
    yield "chown", lambda: os.chown(secret, 1, 1)
    yield "utime", lambda: os.utime(secret)
    yield "readlink", lambda: os.readlink(f"/proc/{parent}/exe")
    yield "chdir", lambda: os.chdir("/")
    yield "chroot", lambda: os.chroot("/nowhere")
    yield "getxattr", lambda: os.getxattr(secret, "user.x")
    yield "name_to_handle_at", native("name_to_handle_at", -100, b"/etc/passwd", PAGE_AT, PAGE_AT, 0)
    yield "open_by_handle_at", native("open_by_handle_at", 0, PAGE_AT, 0)
    yield "openat2", call(437, 437, -100, PAGE_AT, PAGE_AT, 24)
    yield "open_tree", call(428, 428, -100, PAGE_AT, 0)
    yield "memfd_create", lambda: os.memfd_create("x")
    yield "inotify", native("inotify_init1", 0)
    yield "fanotify", native("fanotify_init", 0, 0)
    yield "sendfile", lambda: os.sendfile(1, 0, None, 1)
    yield "fcntl owner", native("fcntl", 0, 8, parent)  # F_SETOWN: input would signal the parent
    yield "ioctl owner", native("ioctl", 0, 0x8901, PAGE_AT)  # FIOSETOWN


def processes(parent: int) -> Iterator[tuple[str, Attempt]]:
    yield "fork", os.fork
    yield "fork by number", call(56, 220, signal.SIGCHLD, 0, 0, 0, 0)
    yield "exec", lambda: os.execv("/bin/true", ["true"])
    yield "posix_spawn", lambda: os.posix_spawn("/bin/true", ["true"], {})
    yield "subprocess", lambda: subprocess.run(["/bin/true"], check=False)
    yield "execveat", call(322, 281, 0, PAGE_AT, 0, 0, 0x1000)
    yield "kill the parent", lambda: os.kill(parent, 0)
    yield "kill all", lambda: os.kill(-1, 0)
    yield "kill the group", lambda: os.killpg(0, 0)
    yield "natively kill", native("kill", parent, 0)
    yield "tgkill", call(234, 131, parent, parent, 0)
    yield "tkill", call(200, 130, parent, 0)
    yield "rt_sigqueueinfo", call(129, 138, parent, 0, PAGE_AT)
    yield "pidfd_open", lambda: os.pidfd_open(parent)
    yield "pidfd_send_signal", call(424, 424, 0, 0, 0, 0)
    yield "pidfd_getfd", call(438, 438, 0, 0, 0)
    yield "ptrace attach", native("ptrace", 16, parent, 0, 0)
    yield "ptrace seize", native("ptrace", 0x4206, parent, 0, 0)
    yield "process_vm_readv", native("process_vm_readv", parent, PAGE_AT, 1, PAGE_AT, 1, 0)
    yield "process_vm_writev", native("process_vm_writev", parent, PAGE_AT, 1, PAGE_AT, 1, 0)
    yield "process_madvise", call(440, 440, 0, PAGE_AT, 1, 4, 0)
    yield "kcmp", call(312, 272, parent, os.getpid(), 0, 0, 0)
    yield "waitid", lambda: os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG)
    yield "prlimit of the parent", lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE)
    yield "sched_setaffinity of the parent", lambda: os.sched_setaffinity(parent, {0})
    yield "setpriority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -5)
    yield "sched_setscheduler", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    yield "get_robust_list", call(274, 100, parent, PAGE_AT, PAGE_AT)
    yield "migrate_pages", call(256, 238, parent, 1, PAGE_AT, PAGE_AT)
    yield "shared memory", native("shmget", 0, 4096, 0o1777)
    yield "a message queue", native("msgget", 0, 0o1777)
    yield "semaphores", native("semget", 0, 1, 0o1777)
    yield "mq_open", call(240, 180, PAGE_AT, 0, 0, 0)


def network() -> Iterator[tuple[str, Attempt]]:
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
        number = int(getattr(socket, family))
        yield f"socket {family}", native("socket", number, socket.SOCK_DGRAM, 0)
    yield "socket", lambda: socket.socket()
    yield "socketpair", lambda: socket.socketpair()
    address = b"\x01\x00\x00abstract".ljust(110, b"\0")
    yield "connect what is open", native("connect", 0, address, 11)
    yield "bind what is open", native("bind", 0, address, 11)
    yield "listen", native("listen", 0, 1)
    yield "accept", native("accept", 0, 0, 0)
    yield "sendto", native("sendto", 0, b"x", 1, 0, address, 11)
    yield "sendmsg", native("sendmsg", 0, PAGE_AT, 0)
    yield "recvmsg", native("recvmsg", 0, PAGE_AT, 0x40)
    yield "setsockopt", native("setsockopt", 0, 1, 13, PAGE_AT, 8)
    yield "getpeername", native("getpeername", 0, PAGE_AT, PAGE_AT)


def privileges(parent: int) -> Iterator[tuple[str, Attempt]]:
    for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x00000080):
        yield f"unshare {flag:#x}", native("unshare", flag)
        yield f"clone {flag:#x}", call(56, 220, flag | signal.SIGCHLD, 0, 0, 0, 0)
        yield f"clone of a thread {flag:#x}", call(56, 220, 0x3D0F00 | flag, 0, 0, 0, 0)
    yield "clone traced", call(56, 220, 0x3D0F00 | 0x2000, 0, 0, 0, 0)
    yield "setns", native("setns", 0, 0)
    yield "mount", native("mount", b"none", b"/nowhere", b"tmpfs", 0, 0)
    yield "umount", native("umount2", b"/nowhere", 0)
    yield "pivot_root", call(155, 41, PAGE_AT, PAGE_AT)
    yield "fsopen", call(430, 430, PAGE_AT, 0)
    yield "move_mount", call(429, 429, -100, PAGE_AT, -100, PAGE_AT, 0)
    yield "bpf", call(321, 280, 0, PAGE_AT, 0)
    yield "perf_event_open", call(298, 241, PAGE_AT, 0, -1, -1, 0)
    yield "userfaultfd", call(323, 282, 1)
    yield "keyctl", call(250, 219, 0, 0, 0, 0, 0)
    yield "add_key", call(248, 217, PAGE_AT, PAGE_AT, 0, 0, 0)
    yield "request_key", call(249, 218, PAGE_AT, PAGE_AT, 0, 0)
    yield "io_uring_setup", call(425, 425, 1, PAGE_AT)
    yield "io_uring_enter", call(426, 426, 0, 0, 0, 0, 0)
    yield "io_uring_register", call(427, 427, 0, 0, 0, 0)
    yield "io_setup", call(206, 0, 1, PAGE_AT)
    yield "landlock", call(444, 444, 0, 0, 1)
    yield "seccomp", call(317, 277, 1, 0, PAGE_AT)
    yield "prctl", native("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
    yield "prctl seccomp", native("prctl", 22, 2, PAGE_AT, 0, 0)
    yield "setuid", lambda: os.setuid(0)
    yield "setgroups", lambda: os.setgroups([0])
    yield "capset", call(126, 91, PAGE_AT, PAGE_AT)
    yield "setsid", os.setsid
    yield "personality", native("personality", 0x0400000)  # READ_IMPLIES_EXEC
    for limit in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_NPROC"):
        number = getattr(resource, limit)
        yield f"setrlimit {limit}", native("setrlimit", number, PAGE_AT)
        yield f"prlimit {limit}", lambda number=number: resource.prlimit(0, number, (1 << 40, 1 << 40))
    yield "settimeofday", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time())
    yield "sethostname", native("sethostname", PAGE_AT, -1)
    yield "a kernel module", call(175, 105, PAGE_AT, 1, PAGE_AT)
    yield "kexec", call(246, 104, 0, 0, 0, 0)
    yield "reboot", call(169, 142, 0, 0, 0, 0)
    yield "swapon", call(167, 224, PAGE_AT, 0)
    yield "syslog", call(103, 116, 10, 0, 0)
    yield "acct", native("acct", 0)
    yield "quotactl", call(179, 60, 0, 0, 0, 0)
    yield "a dup", lambda: os.dup(0)
    yield "a pipe", os.pipe
    yield "eventfd", lambda: os.eventfd(0)
    yield "timerfd", native("timerfd_create", 0, 0)
    yield "signalfd", call(289, 74, -1, PAGE_AT, 8, 0)
    yield "epoll", native("epoll_create1", 0)
    yield "an alarm", lambda: signal.setitimer(signal.ITIMER_REAL, 1000)
    yield "mlock", native("mlock", PAGE_AT, 4096)
    yield "new code", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)
    yield "code of data", native("mprotect", PAGE_AT, 4096, 5)
    yield "pkey_mprotect", call(329, 288, PAGE_AT, 4096, 5, -1)


def tell(attempt: Attempt) -> str:
    """Return how an attempt ended: "refused", or what it got."""
    try:
        got = attempt()
    except ImportError:
        return "refused"  # Python asks whether the file is there, and takes a refusal for a no
    except OSError as error:
        return "refused" if error.errno in REFUSED else errno.errorcode.get(error.errno or 0, str(error))
    except BaseException as error:
        return repr(error)
    return f"got {got!r}"


def threads() -> int:
    """Return how many of a few threads have run: what is allowed shall work."""
    ran: list[int] = []
    started = [threading.Thread(target=ran.append, args=(n,)) for n in range(3)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return len(ran)


def escape(data: bytes, *_: Any) -> Document:
    """Stand for the reading of a document."""
    told = json.loads(data)
    match told.get("only"):
        case "x32":
            LIBC.syscall(ctypes.c_long(0x40000000 + 39))
        case "i386":
            OLD_ABI()
    parent, secret = told["parent"], told["secret"]
    every = [*files(parent, secret), *processes(parent), *network(), *privileges(parent)]
    answers = {name: tell(attempt) for name, attempt in every}
    answers["clone3"] = tell(call(435, 435, PAGE_AT, 64))
    seen = {"answers": answers, "environment": dict(os.environ), "threads": threads()}
    return Document(format="text", text=json.dumps(seen), pages=(), blocks=(), links=(), warnings=())


if __name__ == "__main__":
    vars(worker)["read"] = escape
    worker.main()
