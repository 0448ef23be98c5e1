"""
Compile the WBXML codec when the package is built.

The extension is the very source of `carrierpost/wbxml/_codec.py`. Where there is no C compiler or no Cython, or
`CARRIERPOST_PURE=1` is set, the package is built without it and behaves the same, only slower.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULE = Path("src/carrierpost/wbxml/_codec.py")


class CustomBuildHook(BuildHookInterface[Any]):
    """
    Called by hatchling for wheels, editable ones too.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """
        Put the compiled module beside its source, and into the wheel.
        """
        if self.target_name != "wheel":
            return
        extension = compile_extension(Path(self.root))
        if extension is None:
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"][str(extension)] = f"carrierpost/wbxml/{extension.name}"


def compile_extension(root: Path) -> Path | None:
    """
    Compile the codec in place.

    Returns:
        The extension's path, or `None` with one line on standard error when it cannot be compiled here.

    """
    source = root / MODULE
    target = source.with_name(f"_codec{sysconfig.get_config_var('EXT_SUFFIX')}")
    target.unlink(missing_ok=True)
    if os.environ.get("CARRIERPOST_PURE") == "1":
        return None
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        print(f"no C compiler ({compiler}): the WBXML codec stays pure Python", file=sys.stderr)
        return None
    try:
        build(source, target)
    except (ImportError, subprocess.CalledProcessError) as error:
        print(f"the WBXML codec stays pure Python: {error}", file=sys.stderr)
        return None
    return target


def build(source: Path, target: Path) -> None:
    """
    Run Cython and the C compiler.
    """
    from Cython.Compiler.Main import compile as cythonize  # only needed here

    with tempfile.TemporaryDirectory() as scratch:
        c_file = Path(scratch) / "_codec.c"
        result = cythonize(
            str(source),
            output_file=str(c_file),
            full_module_name="carrierpost.wbxml._codec",
            compiler_directives={
                "language_level": 3,
                "boundscheck": False,
                "wraparound": False,
                "annotation_typing": False,
            },
        )
        if result.num_errors:
            raise ImportError("Cython refused the source")
        include = sysconfig.get_path("include")
        linker = (sysconfig.get_config_var("LDSHARED") or "cc -shared").split()
        built = Path(scratch) / target.name
        subprocess.run(
            [*linker, "-O3", "-fPIC", f"-I{include}", str(c_file), "-o", str(built)],
            check=True,
            capture_output=True,
        )
        shutil.copyfile(built, target)
