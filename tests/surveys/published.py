"""Builders of files in the layout of the published dataset."""

import io
import zipfile

from ml.items import ITEMS

HEADER = "\t".join([f'"{item.code}"' for item in ITEMS] + ["age", "gender", "accuracy", "country", "source", "elapsed"])
FACTS = "30\t2\t90\tNA\t6\t914"


def row(answer: int | str = 3, facts: str = FACTS) -> str:
    """Return a row with one given answer, and 4 and 2 in turn for the others."""
    return "\t".join([str(answer), *["4", "2"] * 81]) + "\t" + facts


def table(*rows: str) -> bytes:
    """Return a whole file."""
    return "\r\n".join([HEADER, *rows, ""]).encode()


def zipped(content: bytes, name: str = "16PF/data.csv") -> bytes:
    """Return an archive of the file and, as it is published, of a codebook beside it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.writestr("16PF/codebook.html", "<p>The 16PF items.</p>")
    return buffer.getvalue()
