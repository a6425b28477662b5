"""Nothing that the command prints, writes or sends elsewhere holds a key, or the query of a signed link.

Each scene plants secrets, has the command end in one of its ways, and then searches every byte: what it printed, every
file it left (results, state, HOME, TMPDIR), and all that each server was sent.
"""

from __future__ import annotations

import base64
import json
import random
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from tests.command import COMMAND, ROOT, environment, ledger, served
from tests.emulated.canary import seen
from tests.emulated.recording_host import Asked, Hold, Recorder, http
from tests.pictures import plain, saved

KEY = "sk_Nv7+q/Zc9=wQ2.xY_~LmB4tR8uH-K1dF3gJ6aS5eP0"
LIKE_AN_ID = "sk_gT4nW8bQ1xK6vZ3jR9mC5yH7pD2fL0sE-aUuOoIiXx7Y"
"""A key in the form of a task's id, as many are."""
SECRETS = {
    "the key": KEY,
    "a key like an id": LIKE_AN_ID,
    "a link's signature": "f3A9c0De71Bb42Ea86Zx5Yw19Kq7Tn2Uv",
    "a link's token": "eyJ4Qp1LmZk83hTd.R0sWv7GyNb2XcJ5u",
    "a redirect's signature": "7h2MwXo5RkVt9EgQd4UzLs8Bn1YpCa6Jf",
    "a link's password": "hUnT3r-2Zq8vWm5XkP1",
    "a proxy's password": "pR0xY-9bKd4Tn7JwQs2",
    "a cookie": "c00K13-Vx6Lr2Gm8Hz5Wt0",
}
SIGNATURE, TOKEN, REDIRECT, PASSWORD = list(SECRETS.values())[2:6]
PROXY, COOKIE = list(SECRETS.values())[6:]
QUERY = f"X-Amz-Credential=x&X-Amz-Signature={SIGNATURE}&token={TOKEN}"
PICTURE = plain(8, 6, "teal")
SET_COOKIE = f"Set-Cookie: session={COOKIE}; Path=/"


class World:
    """A workspace, a home and a folder for temporary files, all of them searched; and a host."""

    def __init__(self, folder: Path, api: Recorder, storage: Recorder) -> None:
        self.folder, self.api, self.storage = folder, api, storage
        self.work = folder / "work"
        for each in (self.work / ".retouch", folder / "home", folder / "tmp"):
            each.mkdir(parents=True)
        (self.work / "photo.png").write_bytes(plain(60, 40, "red"))
        self.said: list[str] = []
        """All that was printed."""
        self.submits: dict[str, bytes | Hold] = {}
        """Answers by step, in place of the good ones."""
        self.polls: dict[str, bytes | Hold] = {}
        self.downloads: dict[str, bytes] = {}
        self.env = {
            "NOVITA_API_KEY": KEY,
            "NOVITA_BASE_URL": f"http://{api.address}",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
        }
        self.recipe("one")

    def recipe(self, *steps: str, more: str = "") -> None:
        """Steps that are bought, each from the photo."""
        lines = "".join(f"  - {{name: {each}, from: photo, prompt: Make it {each}.}}\n" for each in steps)
        head = "recipe: 1\ninputs: {photo: {type: image}}\nmodel: flux-1-kontext-dev\nseed: 3\n"
        (self.work / "r.yaml").write_text(f"{head}{more}steps:\n{lines}")

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of the command."""
        return environment({**self.env, **env})

    def retouch(self, *words: str, env: Mapping[str, str] | None = None, **options: object) -> tuple[int, str]:
        """Exit code and standard error of a command."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=self.work,
            env=self.environment(env or {}),
            capture_output=True,
            timeout=60,
            check=False,
            **options,  # type: ignore[call-overload]
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        self.said += [out, err]
        return done.returncode, err

    def run(self, *words: str, env: Mapping[str, str] | None = None, **options: object) -> tuple[int, str]:
        """The same for `retouch run`."""
        return self.retouch("run", "r.yaml", "-i", "photo=photo.png", *words, env=env, **options)

    def started(self) -> subprocess.Popen[bytes]:
        """`retouch run`, under way."""
        return subprocess.Popen(
            [*COMMAND, "run", "r.yaml", "-i", "photo=photo.png"],
            cwd=self.work,
            env=self.environment({}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # so that what is read of a line is no more than the line
        )

    def stop_twice(self, process: subprocess.Popen[bytes]) -> None:
        """Interrupt, and again when the run says that it has heard: it may take signals in another order."""
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        line = b""
        while b"interrupt again" not in line:
            line = process.stderr.readline()
            assert line, "the run has ended at the first signal"
            self.said.append(line.decode())
        process.send_signal(signal.SIGINT)

    def ended(self, process: subprocess.Popen[bytes]) -> int:
        """Its exit code, once it has ended."""
        out, err = process.communicate(timeout=30)
        self.said += [out.decode(), err.decode()]
        return process.returncode

    def serve_api(self, asked: Asked) -> bytes | Hold:
        """The API: task ids name their step."""
        if asked.method == "POST":
            step = asked.headers["x-retouch-step"]
            return self.submits.get(step, http(200, {"task_id": f"t-{step}"}, SET_COOKIE))
        step = asked.target.rpartition("=t-")[2]
        return self.polls.get(
            step, http(200, self.finished(f"http://{self.storage.address}/{step}.png?{QUERY}"), SET_COOKIE)
        )

    def serve_storage(self, asked: Asked) -> bytes:
        """The storage: paths name their step."""
        step = asked.target.partition("?")[0].strip("/").removesuffix(".png")
        return self.downloads.get(step, http(200, PICTURE, SET_COOKIE))

    def finished(self, *links: str) -> dict[str, object]:
        """What the API says of a task that is done."""
        images = [{"image_url": each, "image_url_ttl": "3600", "image_type": "png"} for each in links]
        return {"task": {"status": "TASK_STATUS_SUCCEED"}, "images": images, "extra": {"seed": "7", "link": links}}

    def found(self) -> list[str]:
        """Every secret in every place where it must not be."""
        places = {f"printed {number}": said.encode() for number, said in enumerate(self.said)}
        places |= {str(each.relative_to(self.folder)): each.read_bytes() for each in self._files()}
        places |= {f"name of {name}": name.encode() for name in list(places)}
        found = [f"{what} in {place}" for place, data in places.items() for what in seen(SECRETS, data)]
        return sorted([*found, *self._found_by_api(), *self._found_by_storage()])

    def _files(self) -> Iterator[Path]:
        yield from (each for each in self.folder.rglob("*") if each.is_file())

    def _found_by_api(self) -> Iterator[str]:
        """The API may know the key: by one header, on whole requests, and by nothing else."""
        said = b"\n".join(self.api.received)
        line = f"\r\nAuthorization: Bearer {self.env['NOVITA_API_KEY']}\r\n".encode()
        if said.count(line) != len(self.api.asked):
            yield "the key is not in one header of each request to the API"
        yield from (f"{what} at the API" for what in seen(SECRETS, said.replace(line, b"\r\n")))

    def _found_by_storage(self) -> Iterator[str]:
        """The storage may know the queries of its own links, as addresses."""
        for asked in self.storage.asked:
            if {"authorization", "cookie", "referer", "proxy-authorization"} & asked.headers.keys():
                yield f"credentials for the storage: {sorted(asked.headers)}"
            rest = asked.raw.partition(b"\r\n")[2]
            yield from (f"{what} in a header for the storage" for what in seen(SECRETS, rest))
        others = {name: each for name, each in SECRETS.items() if each not in {SIGNATURE, TOKEN, REDIRECT}}
        whole = b"".join(self.storage.received)
        yield from (f"{what} at the storage" for what in seen(others, whole))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One world; when its scene has been played, every byte is searched."""
    api, storage = Recorder(lambda asked: made.serve_api(asked)), Recorder(lambda asked: made.serve_storage(asked))
    with api.open(), storage.open():
        made = World(tmp_path, api, storage)
        yield made
    assert made.found() == []


def spelled(text: str) -> dict[str, str]:
    """Ways in which hosts quote what they were sent."""
    return {
        "whole": f"Authorization: Bearer {text}",
        "start": f"key {text[:20]}... is unknown",
        "end": f"the key ending in {text[-16:]}",
        "url": f"key={quote(text, safe='')}",
        "urltwice": f"key={quote(quote(text, safe=''), safe='')}",
        "hex": text.encode().hex().upper(),
        "base64": base64.b64encode(f"Bearer {text}".encode()).decode(),
        "escaped": "".join(f"\\u{ord(c):04x}" for c in text),
        "entities": "".join(f"&#{ord(c)};" for c in text),
        "curl": f"curl -H 'Authorization: Bearer {text}' 'https://cdn.test/a?{QUERY}'",
        "wide": "\0".join(text),
    }


def links_in_words() -> dict[str, str]:
    """Ways in which hosts quote a signed link."""
    link = f"https://cdn.test/a.png?{QUERY}"
    return {
        "link": f"could not write {link} in time",
        "user": f"see https://me:{PASSWORD}@cdn.test/a.png",
        "bare": f"X-Amz-Signature={SIGNATURE}, token={TOKEN}",
        "header": f"X-Amz-Security-Token: {TOKEN}",
        "quoted": json.dumps({"url": link, "signature": SIGNATURE}),
        "escapedlink": quote(link, safe=""),
    }


def test_good_runs_and_what_reads_their_records(world: World) -> None:
    """Runs in each manner of telling, from the host and from the store, and every command that looks at them."""
    world.recipe("one", "two")
    for words in (["-o", "plain"], ["--json", "-o", "json"], ["-q", "-o", "quiet"]):
        assert world.run(*words)[0] == 0
    for words in (
        ["plan", "r.yaml", "-i", "photo=photo.png", "--json"],
        ["validate", "r.yaml"],
        ["models", "flux-1-kontext-dev"],
        ["journal", "--json"],
        ["journal", "--costs", "--json"],
    ):
        assert world.retouch(*words)[0] == 0, words
    assert len(world.storage.asked) == 2
    assert all(QUERY in each.target for each in world.storage.asked)


Ways = Mapping[str, Callable[[str], bytes]]

NOES: Ways = {
    "api": lambda text: http(400, {"reason": "INVALID_REQUEST_BODY", "message": text}, f"X-Echo: {KEY}"),
    "other-form": lambda text: http(422, {"error": {"message": text, "code": "bad_request"}}),
    "content": lambda text: http(400, {"reason": "ILLEGAL_PROMPT", "message": text}),
    "unknown": lambda text: http(404, text),
}
DOUBTS: Ways = {
    "page": lambda text: http(502, f"<title>{text}</title>{text}"),
    "no-form": lambda text: http(500, text, SET_COOKIE),
    "no-task": lambda text: http(200, {"message": text, "headers": {"authorization": text}}),
    "odd-task": lambda text: http(200, {"task_id": text}),
    "redirect": lambda text: http(307, text, f"Location: http://127.0.0.1:9/{KEY}?{QUERY}"),
    "garbage": lambda text: http(200, b"\xff\xfe{" + text.encode()),
    "no-http": lambda text: f"HTTP/1.1 999 {KEY}\r\nbroken {text}\r\nConnection: close\r\n\r\n".encode(),
}
ENDS: Ways = {
    "failed": lambda text: http(200, {"task": {"status": "TASK_STATUS_FAILED", "reason": text}}),
    "moderated": lambda text: http(200, {"task": {"status": "TASK_STATUS_FAILED", "reason": f"NSFW: {text}"}}),
    "refused": lambda text: http(418, {"message": text, "reason": "TEAPOT"}),
    "other": lambda text: http(200, {"task": {"status": "TASK_STATUS_SUCCEED"}, "videos": [text]}),
    "no-address": lambda text: http(200, {"task": {"status": "TASK_STATUS_SUCCEED"}, "images": [{"note": text}]}),
    "no-link": lambda text: http(200, {"task": {"status": "TASK_STATUS_SUCCEED"}, "images": [text]}),
}


def in_each_way(ways: Ways) -> dict[str, bytes | Hold]:
    """Every way with every text, by the name of a step."""
    texts = spelled(KEY) | links_in_words()
    return {f"{way}-{name}": answer(text) for way, answer in ways.items() for name, text in texts.items()}


@pytest.mark.parametrize(("code", "ways"), [(1, NOES), (3, DOUBTS)], ids=["no", "in doubt"])
def test_a_host_that_quotes_us_when_it_is_to_sell(world: World, code: int, ways: Ways) -> None:
    """A submit ends in each way but well, with words that quote key and links in each spelling."""
    world.submits = in_each_way(ways)
    world.recipe(*world.submits)
    ended, err = world.run()
    assert (ended, len(world.api.asked)) == (code, len(world.submits))
    assert err.count("[key]") > 10
    assert world.retouch("journal")[0] == (3 if code == 3 else 0)
    if code == 3:
        assert world.retouch("journal", "resolve", "1", "skip")[0] == 0
        assert world.retouch("journal", "resolve", "2", "adopt", KEY)[0] == 2


def test_a_host_that_quotes_us_when_it_is_asked(world: World) -> None:
    """A task ends in each way but well, with words that quote key and links in each spelling."""
    world.polls = in_each_way(ENDS)
    world.recipe(*world.polls)
    assert world.run("--json")[0] == 5
    world.retouch("journal", "--json")


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (http(503, f"Bearer {KEY} https://cdn.test/a?{QUERY}"), 5),
        (http(404, {"reason": "TASK_NOT_FOUND", "message": KEY[:30]}), 1),
    ],
    ids=["unwell", "forgotten"],
)
def test_a_host_that_quotes_us_until_patience_ends(world: World, trouble: bytes, code: int) -> None:
    """What is asked again, and fails at last."""
    world.polls["one"] = trouble
    assert world.run()[0] == code


def test_a_word_of_status_that_nobody_knows(world: World) -> None:
    """It is told, as far as it is no link and no key."""
    words = {"link": f"https://cdn.test/a?{QUERY}", "key": f"IN_{KEY}"}
    good = http(200, world.finished(f"http://{world.storage.address}/odd.png?{QUERY}"))
    odd = {step: [http(200, {"task": {"status": word}}), good] for step, word in words.items()}
    world.recipe(*odd)
    world.api.answer = lambda asked: (
        odd[asked.target.rpartition("=t-")[2]].pop(0) if asked.method == "GET" else world.serve_api(asked)
    )
    code, err = world.run()
    assert (code, err.count("that word is new")) == (0, 2)


def test_a_host_that_takes_the_key_for_a_name(world: World) -> None:
    """The key as a task's id, as the reason of a refusal, as a word of status; as an id that the user names."""
    key = world.env["NOVITA_API_KEY"] = LIKE_AN_ID
    world.submits = {
        "id": http(200, {"task_id": key}),
        "other-id": http(200, {"data": {"task_id": key}, "message": key}),
        "refused-id": http(400, {"reason": "FULL", "task_id": key}),
        "reason": http(400, {"reason": key, "message": "no"}),
        "code": http(400, {"error": {"code": key, "message": "no"}}),
    }
    world.polls = {"other": http(200, {"task": {"task_id": "t-other", "status": "TASK_STATUS_FAILED", "reason": key}})}
    world.recipe(*world.submits, *world.polls)
    assert world.run()[0] == 3
    assert world.retouch("journal", "resolve", "1", "adopt", key)[0] == 2


def test_storages_that_refuse_or_lead_elsewhere(world: World) -> None:
    """Expired links, redirects with queries and users of their own, links that are none, or that hold the key."""
    here = f"http://{world.storage.address}"
    page = f"<Error><Signature>{SIGNATURE}</Signature><Url>{here}/a?{QUERY}</Url><Token>{TOKEN}</Token></Error>"
    world.downloads = {
        "expired": http(403, page),
        "gone": http(410, page),
        "moves": http(302, "", f"Location: {here}/moved.png?X-Amz-Signature={REDIRECT}", SET_COOKIE),
        "to-a-user": http(302, "", f"Location: https://me:{PASSWORD}@cdn.test/a.png?{QUERY}"),
        "to-the-inside": http(302, "", f"Location: https://10.0.0.1/a.png?X-Amz-Signature={REDIRECT}"),
        "to-nothing": http(302, "", f"Location: http://[{REDIRECT}"),
        "round": http(302, "", f"Location: {here}/round.png?X-Amz-Signature={REDIRECT}"),
    }
    links = {
        "user": f"http://me:{PASSWORD}@{world.storage.address}/user.png?{QUERY}",
        "inside": f"https://192.168.0.9/a.png?{QUERY}",
        "scheme": f"ftp://{world.storage.address}/a.png?{QUERY}",
        "keyed": f"{here}/keyed.png?key={KEY}",
        "hexed": f"{here}/{KEY.encode().hex()}.png",
        "halved": f"{here}/halved.png?key={KEY[:30]}",
        "no-address": f"http://[::{SIGNATURE}/a.png?{QUERY}",
    }
    world.polls = {step: http(200, world.finished(link)) for step, link in links.items()}
    world.recipe(*world.downloads, *links)
    assert world.run()[0] == 5
    asked = [each.target for each in world.storage.asked]
    assert f"/moved.png?X-Amz-Signature={REDIRECT}" in asked
    assert f"/expired.png?{QUERY}" in asked


def test_a_storage_that_talks(world: World) -> None:
    """Words in place of a picture, asked for again until patience ends."""
    world.downloads["one"] = http(200, f"<Error><Url>http://cdn.test/a?{QUERY}</Url><Token>{TOKEN}</Token></Error>")
    assert world.run()[0] == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(403, {"reason": "INVALID_API_KEY", "message": f"no such key: {KEY}"}),
        http(400, {"reason": "BILLING_BALANCE_NOT_ENOUGH", "message": f"top up {quote(KEY, safe='')}"}),
        http(402, f"<html><title>pay for {KEY}</title>"),
    ],
)
def test_key_and_balance(world: World, answer: bytes) -> None:
    """Exit code 4 in each of its forms."""
    world.submits["one"] = answer
    code, err = world.run()
    assert code == 4
    assert "[key]" in err


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://{api}"])
def test_a_host_that_is_not_there(world: World, url: str) -> None:
    """Nothing listens; or what listens does not speak TLS, and was told nothing."""
    assert world.run(env={"NOVITA_BASE_URL": url.format(api=world.api.address)})[0] == 5
    assert world.api.asked == []


def test_a_proxy_is_told_its_own_password_and_no_key(world: World) -> None:
    """A proxy that refuses and quotes what it was sent, and a second Ctrl-C while it is asked again."""
    again = Hold()
    answers: list[bytes | Hold] = [http(407, f"Basic me:{PROXY} {KEY}", f"X-Echo: {PROXY}", "Connection: close"), again]
    proxy = Recorder(lambda _: answers.pop(0))
    with proxy.open():
        world.env |= {"NOVITA_BASE_URL": "https://api.example", "HTTPS_PROXY": f"http://me:{PROXY}@{proxy.address}"}
        process = world.started()
        assert again.asked.wait(20)
        world.stop_twice(process)
        assert world.ended(process) == 130
    assert [each.method for each in proxy.asked] == ["CONNECT", "CONNECT"]
    assert not seen({"the key": KEY}, b"".join(proxy.received))
    assert f"me:{PROXY}" in base64.b64decode(proxy.asked[0].headers["proxy-authorization"].split()[1]).decode()


@pytest.mark.parametrize(
    "words", [["run", "r.yaml", "-i", "photo=photo.png"], ["schemas", "add", "https://a.example/b"]]
)
def test_a_proxy_that_is_none(world: World, words: list[str]) -> None:
    """A slash in its password makes it none: it is told without, and nothing is sent."""
    proxy = f"http://me:{PROXY[:9]}/{PROXY[9:]}@proxy.example:1"
    code, err = world.retouch(*words, env={"NOVITA_BASE_URL": "https://api.example", "HTTPS_PROXY": proxy})
    assert (code, list((world.folder / "tmp").iterdir())) == (5, [])
    assert "HTTPS_PROXY" in err


def test_a_run_that_is_killed(world: World) -> None:
    """What the system shows of a run under way, what lies on disk when it is killed, and what follows."""
    world.submits["one"] = held = Hold()
    process = world.started()
    assert held.asked.wait(20)
    shown = b"".join(shown_of(process.pid))
    assert world.run()[0] == 7
    process.kill()
    assert world.ended(process) == -signal.SIGKILL
    assert b"runner.cli.main" in shown or not Path("/proc/self").exists()
    assert not seen(SECRETS, shown)
    assert world.found() == []
    assert world.run()[0] == 3
    world.submits.clear()
    assert world.retouch("journal", "resolve", "1", "again", "--yes")[0] == 0
    assert world.run()[0] == 0


def shown_of(pid: int) -> Iterator[bytes]:
    """What a process list shows of a process and its children; where there is such a list."""
    process = Path(f"/proc/{pid}")
    if process.exists():
        yield process.joinpath("cmdline").read_bytes()
        for thread in process.joinpath("task").iterdir():
            yield thread.joinpath("comm").read_bytes()
            assert thread.joinpath("children").read_bytes() == b"", "a run starts no other process"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped(world: World, number: signal.Signals) -> None:
    """One signal while the host thinks: the answer, a page that quotes us, is waited for and written down."""
    world.submits["one"] = held = Hold(http(502, f"<title>Bearer {KEY} {QUERY}</title>", "Connection: close"))
    process = world.started()
    assert held.asked.wait(20)
    process.send_signal(number)
    held.release.set()
    assert world.ended(process) == 128 + number
    assert "go on with" in world.said[-1]
    world.retouch("journal")


def test_a_run_that_is_stopped_twice(world: World) -> None:
    """Twice: it leaves at once, and the request stays in doubt."""
    world.submits["one"] = held = Hold()
    process = world.started()
    assert held.asked.wait(20)
    world.stop_twice(process)
    assert world.ended(process) == 130


GUEST = """
import logging, os
logging.basicConfig(level=logging.DEBUG, filename=os.environ["GUEST_LOG"])
NAME, VERSION, PARAMS, IMAGES = "guest", 1, {"type": "object"}, (1, 1)
def apply(images, params):
    return images[0]
def build(schemas, table):
    key = os.environ["NOVITA_API_KEY"]
    try:
        raise ValueError(f"first {key} {os.environ['GUEST_LINK']}")
    except ValueError:
        raise RuntimeError(f"it broke at {key.encode().hex()}")
"""


def with_guest(world: World, text: str = GUEST) -> None:
    """Another package beside ours, with an operation, read by each command, and a provider."""
    site = world.folder / "site"
    about = site / "guest-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[retouch.operations]\nguest = guest\n[retouch.providers]\nrisky = guest:build\n"
    )
    (site / "guest.py").write_text(text)
    link = f"https://cdn.test/a.png?{QUERY}"
    world.env |= {"PYTHONPATH": f"{ROOT}:{site}", "GUEST_LOG": str(world.folder / "guest.log"), "GUEST_LINK": link}


def test_a_fault_of_ours_and_the_log_of_others(world: World) -> None:
    """The log of a crash holds its traceback and no secret; a package that turns all logging on hears of none."""
    with_guest(world)
    code, err = world.run("--provider", "risky")
    (log,) = (world.folder / "tmp").glob("retouch-*.log")
    assert (code, log.name in err) == (70, True)
    assert "it broke at [key]" in log.read_text()
    assert world.run()[0] == 0
    assert "asyncio" in (world.folder / "guest.log").read_text(), "the guest does hear of something"


def test_disks_that_do_not_take_what_is_written(world: World) -> None:
    """Files may not grow, before and after the money; the folder of results is a file, and so is the state."""
    noise = Image.frombytes("RGB", (200, 200), random.Random(1).randbytes(120_000))
    world.downloads["one"] = http(200, saved(noise))
    assert world.run(preexec_fn=files_stay_below(20_000))[0] == 5
    assert world.api.asked == []
    assert world.run(preexec_fn=files_stay_below(80_000))[0] == 5
    assert len(world.storage.asked) == 1
    (world.work / "file").write_text("")
    assert world.run("-o", "file")[0] == 2
    other = world.work / "other"
    other.mkdir()
    (other / ".retouch").write_text("")
    (other / "r.yaml").write_text((world.work / "r.yaml").read_text())
    assert world.retouch("run", "other/r.yaml", "-i", "photo=photo.png")[0] == 5


def files_stay_below(size: int) -> Callable[[], None]:
    """For a process that is about to start: as on a full disk, writing beyond so many bytes of a file fails."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_damage_and_budget(world: World) -> None:
    """Exit codes 8 and 6."""
    assert world.run("--max-cost", "0.0001")[0] == 8
    assert world.api.asked == []
    assert world.run()[0] == 0
    (journal,) = (each for each in (world.work / ".retouch").rglob("*journal*") if each.is_file())
    lines = journal.read_bytes().split(b"\n")
    journal.write_bytes(b"\n".join([lines[0], lines[1][:-4] + b"xxxx", *lines[2:]]))
    assert world.run()[0] == 6


@pytest.mark.parametrize("key", [f"{KEY}\n", f"Bearer {KEY}", f"{KEY}ü"])
def test_a_key_that_is_none_stops_before_anything_is_sent(world: World, key: str) -> None:
    """Exit code 4, with words that do not hold any of it."""
    code, err = world.run(env={"NOVITA_API_KEY": key})
    assert (code, world.api.asked) == (4, [])
    assert "NOVITA_API_KEY" in err


def test_a_key_in_the_wrong_place_is_not_shown(world: World) -> None:
    """In a recipe, in the settings, as a word of the command."""
    (world.work / "retouch.toml").write_text(f'provider = "{KEY}"\n')
    shown = world.run()[1]
    (world.work / "retouch.toml").write_text(f'key = "{KEY}"\n')
    shown += world.run()[1]
    (world.work / "retouch.toml").unlink()
    shown += world.run("--provider", KEY)[1] + world.retouch("run", KEY)[1]
    assert shown.count("[key]") >= 3
    assert not seen(SECRETS, shown.encode())


def test_the_emulator_keeps_no_key(world: World) -> None:
    """Its ledger tells of requests without what they carried."""
    with served("--latency", "0", "--flat", cwd=world.work) as address:
        assert world.run(env={"NOVITA_BASE_URL": address})[0] == 0
        world.said.append(json.dumps(ledger(address)))


LEAK = """
import os, pathlib
NAME, VERSION, PARAMS, IMAGES = "guest", 1, {"type": "object"}, (1, 1)
def apply(images, params):
    return images[0]
pathlib.Path("leak.txt").write_text(os.environ["NOVITA_API_KEY"][5:20])
"""


def test_the_search_finds_what_another_package_leaks(tmp_path: Path) -> None:
    """The judge of all scenes above, judged: part of a key in a file, a query at the wrong server, a header."""
    api, storage = Recorder(lambda asked: made.serve_api(asked)), Recorder(lambda asked: made.serve_storage(asked))
    with api.open(), storage.open():
        made = World(tmp_path, api, storage)
        with_guest(made, LEAK)
        assert made.run()[0] == 0
        assert made.found() == ["the key (plain) in work/leak.txt"]
        (made.work / "leak.txt").unlink()
        assert made.found() == []
        with_referer = storage.asked[0].raw.replace(b"\r\n\r\n", f"\r\nReferer: x?{QUERY}\r\n\r\n".encode())
        storage.asked.append(Asked("GET", "/", with_referer))
        api.received.append(b"GET /?key=" + base64.b64encode(KEY.encode()))
        api.asked.append(Asked("GET", "/", b""))
        found = made.found()
    assert "the key (base64) at the API" in found
    assert "the key is not in one header of each request to the API" in found
    assert "a link's token (plain) in a header for the storage" in found
    assert any(each.startswith("credentials for the storage") for each in found)
