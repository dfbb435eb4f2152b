"""Serves a real devpi whose index root/pypi mirrors an index of two tiny packages, made here.

Run by devpi-server's own Python: serve.py SCRATCH_FOLDER. Prints "the mirror is ready" once it answers.
"""

import base64
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile

PORT = 3141
PACKAGES = {"workstation-probe": ["workstation-probe-base"], "workstation-probe-base": []}


def main(scratch: pathlib.Path) -> int:
    upstream = make_upstream(scratch / "upstream")
    state = scratch / "devpi"
    bin_folder = pathlib.Path(sys.executable).parent
    subprocess.run([bin_folder / "devpi-init", "--serverdir", state], check=True)
    server = subprocess.Popen(
        [bin_folder / "devpi-server", "--serverdir", state, "--host", "0.0.0.0", "--port", str(PORT)]
    )
    wait_for_answer()
    mirror_of(upstream)
    print("the mirror is ready", flush=True)
    return server.wait()


def make_upstream(folder: pathlib.Path) -> str:
    """An index in the form of PEP 503 on a port of its own; returns its URL."""
    for name, needs in PACKAGES.items():
        page = folder / "simple" / name
        page.mkdir(parents=True)
        wheel = page / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
        write_wheel(wheel, name, needs)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (page / "index.html").write_text(f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>\n')
    links = "".join(f'<a href="{name}/">{name}</a>\n' for name in PACKAGES)
    (folder / "simple" / "index.html").write_text(links)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/simple/"


def handler(folder: pathlib.Path):
    def make(*arguments):
        return http.server.SimpleHTTPRequestHandler(*arguments, directory=str(folder))

    return make


def write_wheel(path: pathlib.Path, name: str, needs: list[str]) -> None:
    module = name.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    requires = "".join(f"Requires-Dist: {each}\n" for each in needs)
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", f"print('{name} works')\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def wait_for_answer() -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/+api") as answer:
                answer.read()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)


def mirror_of(url: str) -> None:
    login = request("POST", "/+login", {"user": "root", "password": ""})
    token = f"root:{login['result']['password']}"
    request("PATCH", "/root/pypi", {"mirror_url": url, "type": "mirror", "volatile": True}, token)


def request(method: str, path: str, body: dict, token: str | None = None) -> dict:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["X-Devpi-Auth"] = base64.b64encode(token.encode()).decode()
    message = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(message) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
