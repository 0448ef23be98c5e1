"""
Write `carrierpost/wbxml/pages.py` from `codepages.csv`.

    python tools/make_pages.py           write the module
    python tools/make_pages.py --check   only say whether it is current (exit status 1 if not)
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

WBXML = Path(__file__).resolve().parent.parent / "src" / "carrierpost" / "wbxml"

HEAD = '''"""
The elements of ActiveSync: one class per code page, one constant per element ([MS-ASWBXML]).

Written by `tools/make_pages.py` from `codepages.csv`; change that. A tag is `page << 6 | token`, so that it is one
small number and the page can be told from it. Elements marked legacy are of protocol 2.5 and older: they are read,
and never written.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NAMESPACES", "TAGS", "VERSIONS", "name_of", "page_of", "tag_of"{names}]

'''

TAIL = '''
_NAMES: Final = {tag: (namespace, element) for (namespace, element), tag in TAGS.items()}
_PAGES: Final = {namespace: page for page, namespace in NAMESPACES.items()}
_UNKNOWN = "Token-0x"


def page_of(tag: int) -> int:
    """
    Give the number of a tag's code page.
    """
    return tag >> 6


def name_of(tag: int) -> tuple[str, str]:
    """
    Give a tag's namespace and element name.

    A token that its page does not define is called by its number: `("AirSync", "Token-0x3F")`.
    """
    known = _NAMES.get(tag)
    if known is not None:
        return known
    return NAMESPACES.get(tag >> 6, f"Page-{tag >> 6}"), f"{_UNKNOWN}{tag & 0x3F:02X}"


def tag_of(namespace: str, element: str) -> int:
    """
    Give the tag of an element; the opposite of `name_of`.

    Raises:
        KeyError: there is no such namespace, or no such element in it.
    """
    tag = TAGS.get((namespace, element))
    if tag is not None:
        return tag
    if element.startswith(_UNKNOWN) and namespace in _PAGES:
        token = int(element[len(_UNKNOWN) :], 16)
        if 0x05 <= token <= 0x3F:
            return _PAGES[namespace] << 6 | token
    raise KeyError(f"{namespace}:{element}")
'''


def render() -> str:
    """
    Give the module's text.
    """
    pages: dict[tuple[int, str], list[tuple[str, int, bool]]] = {}
    ranges = []
    with (WBXML / "codepages.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            page = pages.setdefault((int(row["code_page_number"]), row["namespace"]), [])
            page.append((row["element"], int(row["token_hex"], 16), row["state"] == "legacy"))
            spoken = [int(version.replace(".", "")) for version in row["protocol_versions"].split()]
            spoken = [version for version in spoken if version >= 121]
            if spoken and (spoken[0], spoken[-1]) != (121, 161):
                ranges.append((row["namespace"], row["element"], spoken[0], spoken[-1]))
    lines = [HEAD.format(names="".join(f', "{namespace}"' for _, namespace in sorted(pages)))]
    for (number, namespace), elements in sorted(pages.items()):
        lines.append(f'\nclass {namespace}:\n    """\n    Code page {number}.\n    """\n\n')
        for element, token, legacy in sorted(elements, key=lambda one: one[1]):
            note = "  # legacy" if legacy else ""
            lines.append(f"    {element}: Final = 0x{number << 6 | token:03X}{note}\n")
        lines.append("\n")
    lines.append("\nNAMESPACES: Final = {\n")
    lines += [f'    {number}: "{namespace}",\n' for number, namespace in sorted(pages)]
    lines.append("}\n\nTAGS: Final = {\n")
    for number, namespace in sorted(pages):
        for element, _, _ in sorted(pages[number, namespace], key=lambda one: one[1]):
            lines.append(f'    ("{namespace}", "{element}"): {namespace}.{element},\n')
    lines.append("}\n\nVERSIONS: Final = {\n")
    lines += [f"    {namespace}.{element}: ({since}, {until}),\n" for namespace, element, since, until in ranges]
    lines.append(
        '}\n"""First and last version (141 for 14.1) of the elements that not every version from 12.1 has."""\n'
    )
    lines.append(TAIL)
    return "".join(lines)


def main() -> int:
    """
    Write or check the module.
    """
    target = WBXML / "pages.py"
    text = render()
    if "--check" in sys.argv:
        current = target.exists() and target.read_text() == text
        print("pages.py is current" if current else "pages.py is stale: run python tools/make_pages.py")
        return 0 if current else 1
    target.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
