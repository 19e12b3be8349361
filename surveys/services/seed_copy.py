"""Laying the published dataset into a bucket, from where any number of installations can import it."""

from surveys.services import bucket as buckets
from surveys.services import seed_source

CODEBOOK_NAME = "raw/codebook.txt"
DATA_NAME = "raw/data.csv"
# The codebook is a page, whatever its name in the bucket says.
CODEBOOK_TYPE = "text/html"


class CopyError(Exception):
    """The dataset was not copied; the message says why in one sentence."""


def copy(*, source: str, bucket: str, codebook_name: str = CODEBOOK_NAME, data_name: str = DATA_NAME) -> str:
    """Copy codebook and table of a dataset into a bucket, through memory alone, and return the table's address.

    Raises
    ------
    CopyError
        When the source cannot be had or the bucket cannot be written; nothing new lies there then.
    """
    if codebook_name == data_name:
        raise CopyError("Codebook and data need two different names in the bucket.")
    try:
        files = seed_source.fetch_archive(source)
        buckets.write(
            bucket=bucket,
            files={codebook_name: files.codebook, data_name: files.table},
            content_types={codebook_name: CODEBOOK_TYPE, data_name: "text/csv"},
        )
    except (seed_source.SourceError, buckets.BucketError) as error:
        raise CopyError(" ".join(str(error).split())) from None
    return f"s3://{bucket}/{data_name}"
