"""An editor as a language server sees one: JSON-RPC over its standard input and output, every wait with a deadline."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

PATIENCE = 30.0
"""Seconds to wait for any one message."""


class ServerSilent(Exception):
    """The server went away, or said nothing in time."""


class Editor:
    """One session with a server: documents are opened, and their problems, completions and hover texts asked for."""

    def __init__(self, command: Sequence[str], root: Path, settings: Mapping[str, Any]) -> None:
        """`settings` is what the server gets for the section `yaml`."""
        self._settings = settings
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input: BinaryIO = self._process.stdin  # type: ignore[assignment]
        self._heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._ids = itertools.count(1)
        self._problems: dict[str, list[dict[str, Any]]] = {}
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self._begin(root)

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        self._input.close()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def open(self, uri: str, text: str) -> list[dict[str, Any]]:
        """Open a document; its problems, as soon as the server has told them."""
        self._problems.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self._problems:
            self._hear()
        return self._problems[uri]

    def close(self, uri: str) -> None:
        """Close a document."""
        self._send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})

    def completion(self, uri: str, line: int, character: int) -> list[dict[str, Any]]:
        """What may be written here; lines and characters count from 0."""
        answer = self._ask("textDocument/completion", _at(uri, line, character))
        items: list[dict[str, Any]] = answer["items"] if isinstance(answer, dict) else answer or []
        return items

    def hover(self, uri: str, line: int, character: int) -> str:
        """What is told about the word here; empty when nothing is."""
        answer = self._ask("textDocument/hover", _at(uri, line, character))
        return str(answer["contents"]["value"]) if answer else ""

    def _begin(self, root: Path) -> None:
        folder = {"uri": root.as_uri(), "name": root.name}
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        whole = {
            "processId": None,
            "rootUri": root.as_uri(),
            "workspaceFolders": [folder],
            "capabilities": capabilities,
        }
        self._ask("initialize", whole)
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": {"yaml": self._settings}}})

    def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._hear()
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise ServerSilent(f"{method}: {message['error'].get('message')}")
                return message.get("result")

    def _hear(self) -> dict[str, Any]:
        """The next message; what the server asks of the editor is answered on the way."""
        try:
            message = self._heard.get(timeout=PATIENCE)
        except queue.Empty:
            raise ServerSilent(f"the server said nothing for {PATIENCE:.0f} seconds") from None
        if message is None:
            raise ServerSilent("the server went away")
        method = message.get("method")
        if method == "textDocument/publishDiagnostics":
            self._problems[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif method is not None and "id" in message:
            asked = message["params"]["items"] if method == "workspace/configuration" else None
            result = None if asked is None else [self._section(each.get("section")) for each in asked]
            self._send({"id": message["id"], "result": result})
        return message

    def _section(self, name: str | None) -> Mapping[str, Any]:
        return self._settings if name == "yaml" else {}

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self._input.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self._input.flush()
        except OSError:
            raise ServerSilent("the server went away") from None

    def _listen(self, stream: Any) -> None:
        """Read messages until the server closes its output."""
        while True:
            length = 0
            while (header := stream.readline()) not in {b"\r\n", b""}:
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = stream.read(length) if length else b""
            if not body:
                self._heard.put(None)
                return
            self._heard.put(json.loads(body))


def _at(uri: str, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
