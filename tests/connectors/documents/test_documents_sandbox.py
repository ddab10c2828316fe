"""A worker that a document has taken over reaches nothing but its document, and documents are read all the same."""

import io
import json
import os
import platform
import resource
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import documents_samples as samples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.utils import ImageReader

from connectors.documents import DocumentError, DocumentReader, Limits, kernel, pool, reader, sandbox, seccomp
from connectors.documents.errors import ReaderError
from connectors.documents.sandbox import allow_cpu

ROOT = Path(__file__).parents[3]
LINUX = sys.platform == "linux" and platform.machine() in kernel.MACHINES
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LINUX, reason="the kernel confines readers on Linux, on x86-64 and arm64"),
]


def mhtml():
    message = EmailMessage()
    message["MIME-Version"] = "1.0"
    message.set_content("<html><body><p>张三</p><p>Kafka</p></body></html>", subtype="html", cte="base64")
    return message.as_bytes()


def not_embedded():
    """A page that can only be drawn with a font of the system, as a picture and as text."""
    return samples.pdf(lambda canvas, _: (canvas.setFont("Times-Roman", 30), canvas.drawString(90, 700, "Zhang San")))


def scanned():
    """A PDF that is a picture but for a little text, which is drawn with a font of the system."""
    image = ImageReader(io.BytesIO(samples.picture(not_embedded(), scale=2)))

    def draw(canvas, _):
        canvas.drawImage(image, 0, 0, 595, 842)
        canvas.setFont("Times-Roman", 20)
        canvas.drawString(90, 600, "Kafka")

    return samples.pdf(draw)


DOCUMENTS = {
    "pdf": samples.two_columns(),
    "table": samples.ruled_table(),
    "docx": samples.resume_docx(),
    "odt": samples.RESUME_ODT,
    "rtf": samples.RESUME_RTF,
    "doc": samples.RESUME_DOC,
    "html": samples.RESUME_HTML,
    "mhtml": mhtml(),
    "markdown": samples.RESUME_MD.encode(),
    "json": samples.RESUME_JSON.encode(),
    "gb18030": "张三，高级后端工程师".encode("gb18030"),
    "cyrillic": "Иванов Иван Иванович, инженер-программист из Казани".encode("koi8-r"),
    "utf-16": "张三".encode("utf-16"),
}
PICTURES = {
    "png": samples.picture(not_embedded(), "PNG"),
    "jpeg": samples.picture(not_embedded(), "JPEG"),
    "webp": samples.picture(not_embedded(), "WEBP"),
    "scanned pdf": scanned(),
}


@pytest.fixture
async def hostile(monkeypatch):
    monkeypatch.setenv("LOOMA_SECRET", "hidden")
    monkeypatch.setenv("PATH_TO_SECRET", "hidden")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests'}:{ROOT}")
    monkeypatch.setattr(reader, "_PROGRAM", "escapes")
    async with DocumentReader(workers=1) as opened:
        yield opened


async def taken_over(hostile, kind, tmp_path, **more):
    """Have a worker of this kind try everything."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    data = json.dumps({"parent": os.getpid(), "secret": str(secret), **more}).encode()
    answer = await hostile._pools[kind].ask({"limits": Limits().model_dump()}, data, 30)
    if "code" in answer:
        raise DocumentError(answer["code"], answer["detail"])
    assert secret.read_text() == "hidden"
    return json.loads(answer["document"]["text"])


@pytest.mark.parametrize("kind", ["text", "ocr"])
async def test_every_escape_is_refused(hostile, kind, tmp_path):
    seen = await taken_over(hostile, kind, tmp_path)

    answers = seen["answers"]
    assert answers.pop("clone3") == "ENOSYS"
    assert {name: told for name, told in answers.items() if told != "refused"} == {}
    assert len(answers) > 180
    assert seen["threads"] == 3
    assert "hidden" not in json.dumps(seen["environment"])
    assert seen["environment"].keys() <= {*pool.ENVIRONMENT, *pool.ALONE, "LC_CTYPE"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other processors have one set of numbers")
@pytest.mark.parametrize("only", ["x32", "i386"])
async def test_calls_of_other_programs_end_the_worker(hostile, only, tmp_path):
    with pytest.raises(DocumentError, match="SIGSYS"):
        await taken_over(hostile, "text", tmp_path, only=only)


async def test_a_worker_holds_no_file_but_its_socket(tmp_path):
    async with DocumentReader(workers=1) as opened, DocumentReader(workers=1) as beside:
        await beside.read(b"x")
        with (tmp_path / "open").open("w") as mine:
            os.set_inheritable(mine.fileno(), True)
            await opened.read(b"x")
        [worker] = opened._pools["text"]._idle
        folder = Path(f"/proc/{worker._process.pid}/fd")
        held = [os.readlink(link) for link in folder.iterdir()]

    assert {name.partition(":")[0] for name in held} == {"socket", "/dev/null"}
    assert len({name for name in held if name.startswith("socket")}) == 1


@pytest.mark.parametrize(
    "files", [pytest.param(DOCUMENTS, id="documents"), pytest.param(PICTURES, id="pictures", marks=pytest.mark.slow)]
)
async def test_documents_are_read_as_without_a_sandbox(files, monkeypatch):
    async def read():
        async with DocumentReader(workers=1) as opened:
            return {name: await opened.read(data) for name, data in files.items()}

    confined = await read()
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'tests'}:{ROOT}")
    monkeypatch.setattr(reader, "_PROGRAM", "unconfined")

    assert confined == await read()
    assert all(document.text for document in confined.values())
    assert {document.ocr for document in confined.values()} == {files is PICTURES}


def confined(code, **environment):
    """Run Python code in a process of its own; return what it prints."""
    given = {"PYTHONPATH": str(ROOT), **pool.ALONE, **environment}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=given, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_fonts_of_the_system_are_all_that_can_be_opened():
    code = """
import os
from pathlib import Path
from connectors.documents import sandbox
fonts = [path for folder in sandbox.FONTS for path in folder.rglob("*.tt?")]
sandbox.confine()
for path in [*fonts[:1], Path("/etc/passwd")]:
    try:
        print(len(os.read(os.open(path, os.O_RDONLY), 4)))
    except OSError as error:
        print(type(error).__name__)
"""
    if not [path for folder in sandbox.FONTS for path in folder.rglob("*.tt?")]:
        pytest.skip("no font is installed")
    assert confined(code) == ["4", "PermissionError"]


@pytest.mark.parametrize(
    "change",
    [
        "landlock.restrict = lambda _: False",  # a kernel without Landlock
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",  # one that Landlock would not bind
    ],
)
def test_without_landlock_no_file_is_opened_at_all(change):
    code = f"""
import os, threading, time
from connectors.documents import landlock, sandbox
{change}
sandbox.confine()
for path in (*sandbox.FONTS, "/etc/passwd"):
    try:
        print("opened", os.open(path, os.O_RDONLY))
    except PermissionError as error:
        print(error.errno, flush=True)
os._exit(0)
"""
    assert set(confined(code)) == {"1"}, "EPERM: seccomp, not Landlock"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("kernel.call = fail", "forbidden"),
        ("sandbox._prctl = fail", "forbidden"),
        ("kernel.platform.machine = lambda: 'riscv64'", "riscv64"),
        ("sandbox.landlock.restrict = bool; kernel.call = lambda *_: 77", "thread 77"),
    ],
)
def test_what_cannot_be_confined_is_refused(change, said):
    code = f"""
from connectors.documents import kernel, sandbox, seccomp
def fail(*_): raise PermissionError(1, "forbidden")
{change}
try:
    sandbox.confine()
except sandbox.SandboxError as error:
    print(error)
"""
    assert said in " ".join(confined(code))


async def test_a_worker_that_is_not_confined_reads_nothing(monkeypatch, tmp_path):
    (tmp_path / "forbidden.py").write_text(
        "from connectors.documents import sandbox, worker\n"
        "def fail(*_): raise PermissionError(1, 'forbidden')\n"
        "sandbox._prctl = fail\n"
        "worker.main()\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    monkeypatch.setattr(reader, "_PROGRAM", "forbidden")
    async with DocumentReader(workers=1) as opened:
        with pytest.raises(ReaderError, match=r"cannot be confined here: .*forbidden"):
            await opened.read(b"x")


def test_time_is_given_from_outside():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        allow_cpu(busy.pid, 0)
        assert busy.wait() == -24  # SIGXCPU
    allow_cpu(busy.pid, 1)  # gone: whoever waits for it will see
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY


# The filter as the kernel runs it, for both processors


def answer(machine, architecture, number, arguments=(0,) * 6, *, files=True):
    """Run the filter's program on a call, as seccomp(2) describes it."""
    steps, at, register = seccomp.program(machine, files), 0, 0
    data = [number, architecture, 0, 0]
    for argument in arguments:
        data += [argument & 0xFFFFFFFF, argument >> 32]
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:
                register = data[value // 4]
            case 0x54:
                register &= value
            case 0x15:
                at += if_true if register == value else if_false
            case 0x35:
                at += if_true if register >= value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(code)


AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED, REFUSED = 0x7FFF0000, 0x80000000, 0x00050001
machines = pytest.mark.parametrize("machine", kernel.MACHINES)


def numbers(machine):
    return {getattr(call, machine): call for call in (*seccomp.CALLS.values(), seccomp.OPEN_TO_READ)}


@machines
def test_calls_that_are_not_listed_are_refused(machine):
    listed = numbers(machine)
    ones = (1 << 64) - 1
    for number in range(1024):
        told = {answer(machine, AUDIT[machine], number, (bits,) * 6) for bits in (0, ones)}
        if number == seccomp.CLONE3:
            assert told == {0x00050026}
        elif number not in listed:
            assert told == {REFUSED}
        elif not listed[number].arguments:
            assert told == {ALLOWED}
        else:
            assert answer(machine, AUDIT[machine], number, (ones,) * 6) == REFUSED
    assert answer(machine, AUDIT[machine], seccomp.OPEN_TO_READ[machine == "aarch64"], files=False) == REFUSED


@machines
def test_other_architectures_are_killed(machine):
    for architecture in (0x40000003, 0x40000028, *(set(AUDIT.values()) - {AUDIT[machine]})):
        assert answer(machine, architecture, 0) == KILLED
    assert answer(machine, AUDIT[machine], 0x40000000) == answer(machine, AUDIT[machine], 0xFFFFFFFF) == KILLED


@given(st.sampled_from(kernel.MACHINES), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_arguments_are_held_to_their_bits(machine, value, other):
    """No code is mapped, no process made, nothing opened but to read, whatever else the arguments say."""

    def told(call, which):
        arguments = [other] * 6
        arguments[which] = value
        return answer(machine, AUDIT[machine], getattr(call, machine), tuple(arguments)) == ALLOWED

    assert told(seccomp.CALLS["mmap"], 2) == told(seccomp.CALLS["mprotect"], 2) == (not value & 4)
    assert told(seccomp.CALLS["clone"], 0) == (value & 0xFFBFFFFF == 0x3D0F00)
    if told(seccomp.OPEN_TO_READ, 2):
        assert not value & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_PATH)


def test_numbers_are_the_kernels():
    """Where the kernel's headers are installed, for the processor that this is."""
    headers = [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")]
    machine = kernel.machine()
    header = headers[machine == "aarch64"]
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    words = [line.split() for line in header.read_text().splitlines() if line.startswith("#define __NR")]
    known = {word[1].rpartition("__NR_")[2].rpartition("__NR3264_")[2]: word[2] for word in words if len(word) > 2}
    given = {name: str(getattr(call, machine)) for name, call in seccomp.CALLS.items()}
    assert {name: known[name] for name in given} == given
