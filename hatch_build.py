"""
Compile the innermost loops when the package is built: the WBXML codec, and the reading and writing of records.

The extensions are the very sources of the modules below, with the types of the `.pxd` beside each. Where there is no C
compiler or no Cython, or where `CARRIERPOST_PURE=1` is set, the package is built without them and behaves the same,
only slower: then one line on standard error says why.

`CC` and `CFLAGS` are obeyed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src")
MODULES = ("carrierpost.wbxml._decoder", "carrierpost.wbxml._encoder", "carrierpost.protocol._fields")

# Every index and length is checked by the sources themselves, in both their forms. Annotations stay annotations:
# types for the compiler are in the .pxd files alone.
DIRECTIVES = {"language_level": "3", "boundscheck": "False", "wraparound": "False", "annotation_typing": "False"}
FLAGS = ("-O3", "-DNDEBUG", "-fwrapv", "-fPIC")


class CannotCompile(Exception):
    """
    Says why the modules stay plain Python.
    """


class CustomBuildHook(BuildHookInterface[Any]):
    """
    Called by hatchling for wheels, editable ones too.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """
        Put the compiled modules beside their sources, and into the wheel.
        """
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        if version == "standard":
            build_app(root, build_data)
        remove(root)
        if os.environ.get("CARRIERPOST_PURE") == "1":
            return
        try:
            built = [compile_module(root, name) for name in MODULES]
        except CannotCompile as reason:
            remove(root)
            print(f"{', '.join(MODULES)} stay plain Python: {reason}", file=sys.stderr)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"] += [path.relative_to(root).as_posix() for path in built]

    def clean(self, versions: list[str]) -> None:
        """
        Remove the compiled modules.
        """
        remove(Path(self.root))


def build_app(root: Path, build_data: dict[str, Any]) -> None:
    """
    Build the web app and put it into the wheel. Without a way to build it the wheel serves the interface alone, and
    one line says so.
    """
    built = root / "src/carrierpost/web/app"
    if (root / "scripts/app").exists():
        done = subprocess.run([root / "scripts/app", "build"], check=False)
        if done.returncode:
            print("the web app could not be built; this wheel has none", file=sys.stderr)
    if built.is_dir():
        build_data["artifacts"].append("src/carrierpost/web/app/")


def extension(root: Path, name: str) -> Path:
    """
    Where the compiled form of a module belongs, for this interpreter.
    """
    return base(root, name).with_name(f"{name.rpartition('.')[2]}{sysconfig.get_config_var('EXT_SUFFIX')}")


def base(root: Path, name: str) -> Path:
    """
    Where a module is, without the end of its name.
    """
    return root / SOURCES / name.replace(".", "/")


def remove(root: Path) -> None:
    """
    Remove the compiled modules of this interpreter.
    """
    for name in MODULES:
        extension(root, name).unlink(missing_ok=True)


def compile_module(root: Path, name: str) -> Path:
    """
    Compile one module.

    Args:
        root: the project's directory.
        name: the module's whole name.

    Returns:
        The extension, put beside its source.

    Raises:
        CannotCompile: it cannot be done here.

    """
    linker = shlex.split(sysconfig.get_config_var("LDSHARED") or "")
    if sys.implementation.name != "cpython" or not linker:
        raise CannotCompile(f"no way to compile for {sys.implementation.name} on {sys.platform} is known")
    linker[:1] = shlex.split(os.environ.get("CC", "")) or linker[:1]
    if shutil.which(linker[0]) is None:
        raise CannotCompile(f"there is no C compiler ({linker[0]})")
    target = extension(root, name)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / f"{name}.c"
        built = Path(scratch) / target.name
        options = [f"-X{directive}={value}" for directive, value in DIRECTIVES.items()]
        options += ["--module-name", name, "-o", str(source)]
        run("Cython", sys.executable, "-m", "cython", *options, str(base(root, name).with_suffix(".py")))
        include = f"-I{sysconfig.get_path('include')}"
        flags = [*FLAGS, *shlex.split(os.environ.get("CFLAGS", "")), include]
        run("the C compiler", *linker, *flags, str(source), "-o", str(built))
        # A new file under the same name: processes that run the old one keep it.
        target.unlink(missing_ok=True)
        shutil.copyfile(built, target)
    return target


def run(what: str, *command: str) -> None:
    """
    Run a step of the compilation.

    Raises:
        CannotCompile: it failed; names the last thing it said.

    """
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except OSError as error:
        raise CannotCompile(f"{what} cannot be run: {error}") from None
    except subprocess.CalledProcessError as error:
        errors = [line for line in error.stderr.splitlines() if "rror" in line or "No module" in line]
        said = errors[:1] or error.stderr.splitlines()[-1:]
        raise CannotCompile(f"{what} failed: {''.join(said).strip()}") from None
