"""Pages in a browser: what they ask of the network, and what axe finds; skipped where one of these is missing."""

import json
import os
import re
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest

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
