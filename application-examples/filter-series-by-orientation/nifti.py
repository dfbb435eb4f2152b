"""Turns one series into a NIfTI file, in the orientation it was taken in."""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

FEWEST_SLICES = 4
"""Fewer make no volume for dicom2nifti."""


def convert(series: Path, target: Path, drafts: Path) -> str:
    """Writes `target` (.nii.gz) from the files in `series`; returns the reason when it cannot be done, else ''.

    The file is made in the folder `drafts`, on the same file system, and moved when it is whole.
    """
    draft = drafts / f"{os.getpid()}.nii.gz"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            write_image(series, draft)
        draft.chmod(0o644)
    except Exception as error:  # the libraries raise many kinds; one odd series must not cost the others
        return f"not converted: {reason_of(error)}"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
    return ""


def write_image(series: Path, draft: Path) -> None:
    # Loaded here: it brings in half of the scientific stack, which a run without --nifti does not need.
    from dicom2nifti import convert_dicom

    logging.getLogger("dicom2nifti").setLevel(logging.CRITICAL)
    with redirect_stdout(StringIO()):  # the library prints its doubts; they come as errors too
        convert_dicom.dicom_series_to_nifti(str(series), str(draft), reorient_nifti=False)


def reason_of(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[-1].strip()
