"""Pages in a browser: what they ask of the network, and what axe finds; skipped where one of these is missing."""

import base64
import json
import os
import re
import shutil
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import websocket

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = Path("node_modules", "axe-core", "axe.min.js")
OF_ITS_OWN = ("background-networking", "component-update", "sync", "default-apps")  # what a browser asks by itself
QUIET = ["--headless=new", "--disable-gpu", "--no-first-run", *(f"--disable-{it}" for it in OF_ITS_OWN)]
OF_ITS_MAKERS = re.compile(r"\.(?:google|googleapis|gvt1)\.com[:/]")
CSP = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>")
RUN_AXE = """<script>{axe}</script><script>
axe.run({{resultTypes: ["violations"]}}).then(found => {{
  const said = document.createElement("pre");
  said.id = "axe-found";
  said.textContent = JSON.stringify(found.violations.map(
    it => ({{id: it.id, impact: it.impact, help: it.help, at: it.nodes.map(node => node.html.slice(0, 200))}})));
  document.body.append(said);
}});
</script></body>"""


def browser() -> str:
    """The path of a browser, or a skip that says what is missing."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("Chromium is not installed; on Debian: apt-get install chromium")
    return found


def axe() -> str:
    """The source of axe-core: the file that AXE_CORE names, or in a node_modules of this folder or one above it."""
    places = [Path(os.environ["AXE_CORE"])] if "AXE_CORE" in os.environ else [it / AXE for it in (ROOT, *ROOT.parents)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        pytest.skip("axe-core is not installed; npm install axe-core in a folder above this one, or set AXE_CORE")
    return found.read_text(encoding="utf-8")


def browse(page: Path, profile: Path, *options: str) -> str:
    """What the browser prints for a page."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    done = subprocess.run(
        [browser(), *QUIET, *root, f"--user-data-dir={profile}", *options, page.as_uri()],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@contextmanager
def asked_for() -> Iterator[tuple[str, list[str]]]:
    """A proxy that grants nothing, its address, and the first line of all that was asked of it."""
    asked: list[str] = []

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode("latin-1").strip())
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"--proxy-server=http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def requests_of(page: Path, profile: Path) -> list[str]:
    """What a page asks of the network when it is opened; what the browser asks of its makers is left out."""
    with asked_for() as (proxy, asked):
        browse(page, profile, proxy, "--proxy-bypass-list=<-loopback>", "--virtual-time-budget=5000", "--dump-dom")
    return [it for it in asked if not OF_ITS_MAKERS.search(it)]


def violations(page: Path, folder: Path, *, width: int = 1280) -> list[dict[str, Any]]:
    """What axe finds in a page at a width, in a copy of it in which scripts may run."""
    copy = folder / "with-axe.html"
    text = CSP.sub("", page.read_text(encoding="utf-8"))
    script = RUN_AXE.format(axe=axe().replace("</script", "<\\/script"))
    copy.write_text(text.replace("</body>", script), encoding="utf-8")
    shown = browse(copy, folder / "profile", f"--window-size={width},1600", "--virtual-time-budget=20000", "--dump-dom")
    found = re.search(r'<pre id="axe-found">(.*?)</pre>', shown, re.DOTALL)
    assert found, "axe did not finish"
    listed: list[dict[str, Any]] = json.loads(unescape(found[1]))
    return listed


class Tab:
    """One page in a browser that is driven from here, with keys, files and dialogues, as a person would."""

    def __init__(self, socket: websocket.WebSocket, downloads: Path) -> None:
        self.socket, self.downloads = socket, downloads
        self.dialogues: list[str] = []
        self.accepts = True
        self.last = 0

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """What the browser answers; a dialogue that opens meanwhile is noted, and accepted or dismissed."""
        number = self._ask(method, parameters)
        while True:
            told: dict[str, Any] = json.loads(self.socket.recv())
            if told.get("method") == "Page.javascriptDialogOpening":
                self.dialogues.append(told["params"]["type"])
                self._ask("Page.handleJavaScriptDialog", {"accept": self.accepts})
            if told.get("id") == number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    def _ask(self, method: str, parameters: object) -> int:
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        return self.last

    def run(self, script: str) -> Any:
        """The value of a script, after its promise."""
        done = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def until(self, script: str) -> Any:
        """The value of a script once it is true; ten seconds are waited for it."""
        end = time.monotonic() + 10
        while not (value := self.run(script)):
            assert time.monotonic() < end, script
            time.sleep(0.05)
        return value

    def open(self, page: Path) -> None:
        """Go to a page, or load it anew."""
        self.send("Page.navigate", url=page.as_uri())
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(page.as_uri())}")

    def key(self, name: str, *, text: str = "", shift: bool = False) -> None:
        """Press and let go one key, by its name, such as Tab."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39, "ArrowDown": 40, "ArrowUp": 38}
        same = {"key": name, "windowsVirtualKeyCode": codes[name], "modifiers": 8 * shift}
        typed = text or {"Enter": "\r", " ": " "}.get(name, "")
        self.send("Input.dispatchKeyEvent", type="keyDown" if typed else "rawKeyDown", text=typed, **same)
        self.send("Input.dispatchKeyEvent", type="keyUp", **same)

    def tab_to(self, selector: str) -> None:
        """Press Tab until what a selector means has the focus, as somebody without a mouse has to."""
        for _ in range(250):
            self.key("Tab")
            if self.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(f"no key leads to {selector}")

    def strike(self, text: str) -> None:
        """Type a text sign by sign, as into a field for dates."""
        for sign in text:
            self.send("Input.dispatchKeyEvent", type="char", text=sign)

    def write(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.send("Input.insertText", text=text)

    def give_file(self, selector: str, path: Path) -> None:
        """Choose a file in a field for files."""
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def saved(self) -> Path:
        """The one file that was downloaded since the folder was last empty."""
        end = time.monotonic() + 10
        while True:
            found = [it for it in self.downloads.iterdir() if it.suffix != ".crdownload"]
            if found:
                [one] = found
                return one
            assert time.monotonic() < end, "nothing was downloaded"
            time.sleep(0.05)

    def picture(self, path: Path, *, width: int, height: int | None = None) -> None:
        """The page as a picture of a width, whole unless a height is given."""
        self.sized(width, height or 900)
        whole = height is None
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def sized(self, width: int, height: int = 900) -> None:
        """Show the page as on a screen of this size."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def violations(self) -> list[dict[str, Any]]:
        """What axe finds in the page as it stands."""
        self.run(f"{axe()};0")
        found: list[dict[str, Any]] = self.run(
            "axe.run({resultTypes: ['violations']}).then(found => found.violations.map("
            "it => ({id: it.id, impact: it.impact, help: it.help, at: it.nodes.map(node => node.html.slice(0, 200))})))"
        )
        return found


@contextmanager
def tab(folder: Path, *options: str) -> Iterator[Tab]:
    """A browser with one empty page, whose downloads go into the folder `downloads`."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    profile, downloads = folder / "profile", folder / "downloads"
    downloads.mkdir()
    command = [browser(), *QUIET, *root, f"--user-data-dir={profile}", "--remote-debugging-port=0", *options]
    with subprocess.Popen([*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            port = _port(profile / "DevToolsActivePort", process)
            with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as listed:
                address = next(it for it in json.load(listed) if it["type"] == "page")["webSocketDebuggerUrl"]
            socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
            try:
                shown = Tab(socket, downloads)
                shown.send("Page.enable")
                shown.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))
                yield shown
            finally:
                socket.close()
        finally:
            process.terminate()


def _port(file: Path, process: "subprocess.Popen[bytes]") -> str:
    """The port that a browser chose, once it has written it down."""
    end = time.monotonic() + 60
    while not (file.is_file() and (lines := file.read_text(encoding="utf-8").splitlines())):
        assert process.poll() is None and time.monotonic() < end, "the browser did not start"
        time.sleep(0.05)
    return lines[0]
