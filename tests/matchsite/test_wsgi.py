"""The web server's process: what must hold before anything is served."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PROGRAM = """
import matchsite.wsgi
import numpy
import threadpoolctl
print({pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["internal_api"] == "openblas"})
"""


@pytest.mark.long
def test_matrix_products_of_a_request_stay_in_its_own_thread() -> None:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "{1}"
