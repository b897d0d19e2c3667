"""Where the society's own files lie: beside the project, of which they are no part. Tests that read them are marked."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL_SHEET = SHARED_DATA / "acr-convergence-2025-half.xlsx"
needs_shared_data = pytest.mark.shared_data
